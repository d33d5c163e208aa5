"""What happened on air and between servers: the last two thousand things, with their times."""

from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType

from lab.core.frozen import dataclass
from lab.core.sequence import Message, Sequence

MOST = 2000


@dataclass(frozen=True, slots=True)
class Event:
    """Hold one thing that happened.

    Attributes:
        number: counted from 1 since the lab was started.
        message: who, to whom, what; `at_ms` are milliseconds since 1970 on the lab's clock.
        octets: of a frame on air; empty for anything else.
    """

    number: int
    message: Message
    octets: bytes = b""


class LorawanLog:
    """Keep what happened; older things are forgotten."""

    def __init__(
        self, now_ms: Callable[[], int], called: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Start empty.

        Args:
            now_ms: the lab's clock in milliseconds since 1970.
            called: how people call who is noted as "device 0000…" or "gateway 0000…".
        """
        self._now_ms, self._called = now_ms, called
        self._events: deque[Event] = deque(maxlen=MOST)
        self._last = 0

    @property
    def last(self) -> int:
        """Return the number of the last event; 0 before the first."""
        return self._last

    def now_ms(self) -> int:
        """Return the present."""
        return self._now_ms()

    def note(
        self,
        between: tuple[str, str],
        label: str,
        detail: str = "",
        *,
        refusal: str = "",
        octets: bytes = b"",
        at_ms: int | None = None,
    ) -> None:
        """Keep one more thing.

        Args:
            between: who did it, and to whom: the same for what one does alone.
            label: what it is, in a few words.
            detail: what it says.
            refusal: why it was refused, or that it was lost; empty if neither.
            octets: of a frame.
            at_ms: when; None: now.
        """
        self._last += 1
        at = self._now_ms() if at_ms is None else at_ms
        source, target = (self._called.get(one, one) for one in between)
        said = Message(at, source, target, label, detail, refusal)
        self._events.append(Event(self._last, said, octets))

    def since(self, number: int = 0) -> tuple[Event, ...]:
        """Return what came after event *number*, in the order of their times."""
        later = (one for one in self._events if one.number > number)
        return tuple(sorted(later, key=lambda one: one.message.at_ms))

    def sequence(self, title: str, number: int) -> Sequence:
        """Return what came after event *number* as a sequence that begins at 0 ms.

        A request is noted when it is answered, with the time when it was sent: one that was sent
        before the first of these events is of an earlier sequence.
        """
        later = self.since(number)
        start = min(later, key=lambda one: one.number).message.at_ms if later else 0
        own = (one.message for one in later if one.message.at_ms >= start)
        return Sequence(title, tuple(_from(one, start) for one in own))


def _from(message: Message, start: int) -> Message:
    return Message(
        message.at_ms - start,
        message.source,
        message.target,
        message.label,
        message.detail,
        message.refusal,
    )
