"""Messages between parties in the order of their times: what a sequence diagram draws."""

from dataclasses import dataclass

from lab.core.checks import Outcome


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message, or something that one party did by itself.

    Attributes:
        at_ms: milliseconds since the first one.
        source: who sent it.
        target: who was meant; the source itself for what it did alone.
        label: what it is, in a few words, e.g. "JoinReq".
        detail: what it says, in one line; may be empty.
        outcome: FAILED if it was refused or lost.
    """

    at_ms: int
    source: str
    target: str
    label: str
    detail: str = ""
    outcome: Outcome = Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Sequence:
    """Hold what went between some parties.

    Attributes:
        title: what it was about.
        messages: in the order of their times.
        first: parties that stand on the left, in this order; the others follow as they appear.
    """

    title: str
    messages: tuple[Message, ...]
    first: tuple[str, ...] = ()

    @property
    def parties(self) -> tuple[str, ...]:
        """Return everybody, each once, from left to right."""
        heard = [name for one in self.messages for name in (one.source, one.target)]
        present = set(heard)
        return tuple(dict.fromkeys([*(one for one in self.first if one in present), *heard]))
