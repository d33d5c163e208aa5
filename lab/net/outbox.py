"""Keep what is to be sent until somebody has acknowledged it, and not without bound."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Outbox(Generic[T]):
    """Hold things in the order in which they came; when it is full, the oldest makes room.

    Attributes:
        sent: how many were acknowledged.
        dropped: how many had to make room.
    """

    def __init__(self, room: int, at_once: int) -> None:
        """Hold *room* things at most that wait, with *at_once* more on their way."""
        self.sent = self.dropped = 0
        self._at_once = at_once
        self._queue: deque[T] = deque(maxlen=room)
        self._on_their_way = 0

    @property
    def waiting(self) -> int:
        """Return how many are not acknowledged yet."""
        return len(self._queue) + self._on_their_way

    def put(self, item: T) -> None:
        """Hold one more."""
        if len(self._queue) == self._queue.maxlen:
            self.dropped += 1
        self._queue.append(item)

    def take(self) -> Iterator[T]:
        """Give out what may be sent now, the oldest first."""
        while self._queue and self._on_their_way < self._at_once:
            self._on_their_way += 1
            yield self._queue.popleft()

    def acknowledge(self) -> None:
        """Know that one of those on their way has come."""
        self._on_their_way -= 1
        self.sent += 1
