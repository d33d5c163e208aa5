"""Messages between parties in the order of their times: what a sequence diagram draws."""

from lab.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message, or something that one party did by itself.

    Attributes:
        at_ms: milliseconds since the first one.
        source: who sent it.
        target: who was meant; the source itself for what it did alone.
        label: what it is, in a few words, e.g. "JoinReq".
        detail: what it says, in one line; may be empty.
        refusal: why it was refused, or that it was lost; empty if neither.
    """

    at_ms: int
    source: str
    target: str
    label: str
    detail: str = ""
    refusal: str = ""

    @property
    def said(self) -> str:
        """Return detail and refusal in one line."""
        return ": ".join(filter(None, (self.detail, self.refusal)))


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
