"""The exceptions of the lab: for what stops the work, never for a "no".

h11's question decides the class: whose fault is it? `str()` of each is one sentence for the user.
"""

from collections.abc import Iterable


class LabError(Exception):
    """Stop the work; `str()` is one sentence that names the subject."""


class InputError(LabError):
    """Report a mistake in one of our own files or arguments.

    Attributes:
        where: `file:line`, or the name of the argument; empty if neither is known.
        what: the sentence without its place.
    """

    def __init__(self, what: str, where: str = "") -> None:
        """Keep both parts, so that several errors can be listed as a table."""
        super().__init__(f"{where}: {what}" if where else what)
        self.what = what
        self.where = where


class ZoneError(InputError):
    """Report a mistake in a master file or in `hierarchy.toml`."""


class ScenarioError(InputError):
    """Report every mistake found in one scenario file.

    Attributes:
        mistakes: one InputError for each, in the order of the file.
    """

    def __init__(self, mistakes: Iterable[InputError]) -> None:
        """Join the mistakes, one line each."""
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class PeerError(LabError):
    """Report that the bytes of the other side are malformed.

    Attributes:
        peer: address or name of the sender; empty if the caller knows it better.
        wire: the start of the offending bytes, in hexadecimal.
    """

    SHOWN = 32

    def __init__(self, what: str, wire: bytes = b"", peer: str = "") -> None:
        """Keep what was wrong and enough of the bytes to find it."""
        super().__init__(f"{peer}: {what}" if peer else what)
        self.peer = peer
        self.wire = wire[: self.SHOWN].hex()


class UnsupportedError(LabError):
    """Report a well-formed number (algorithm, digest, type) that this lab does not implement."""


class TransportError(LabError):
    """Report that no answer came (timeout, refused); a walk turns it into INDETERMINATE."""
