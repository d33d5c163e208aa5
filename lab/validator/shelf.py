"""Keep what expires: so many things, each for so long, on whatever clock the reader goes by.

Decides: what is still there. Not: what may be kept and for how long (`validator.lifetime`). The lab
travels in time: at a moment before a thing was kept it is not there either.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

from lab.core.checks import Check, check
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.validator import rules

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Kept(Generic[V]):
    """Hold a thing with its time.

    Attributes:
        value: what was kept.
        since: first second at which it is there.
        until: first second at which it is not there any more.
    """

    value: V
    since: Instant
    until: Instant

    def age(self, now: Instant) -> int:
        """Return for how many seconds it has been there."""
        return int(now) - int(self.since)

    def left(self, now: Instant) -> int:
        """Return for how many seconds it will be there."""
        return int(self.until) - int(now)

    def told(self, subject: str, now: Instant) -> Check:
        """Return the check by which a report says that *subject* is not fresh."""
        holds = self.since <= now < self.until
        age, left = f"{self.age(now)} s", f"{self.left(now)} s"
        return check(rules.CACHE_ALIVE, holds, subject, age=age, left=left)


class Shelf(Generic[K, V]):
    """Hold things by key; if there is no room, what was not wanted for the longest time goes."""

    def __init__(self, room: int) -> None:
        """Start empty, with *room* for so many things."""
        self._room = room
        self._kept: OrderedDict[K, Kept[V]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many things there are, expired ones that nobody has asked for included."""
        return len(self._kept)

    def put(self, key: K, value: V, now: Instant, ttl: int) -> None:
        """Keep *value* for *ttl* seconds; what was there under *key* goes."""
        self._kept.pop(key, None)
        # RFC 1035 section 3.2.1: zero is for the transaction in progress alone.
        if ttl <= 0:
            return
        if len(self._kept) >= self._room:
            self._kept.popitem(last=False)
        self._kept[key] = Kept(value, now, now + ttl)

    def get(self, key: K, now: Instant) -> Kept[V] | None:
        """Return what is there under *key* at *now*."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if not kept.since <= now < kept.until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept

    def items(self) -> Iterator[tuple[K, Kept[V]]]:
        """Iterate over what is kept, expired things that nobody has asked for included."""
        return iter(self._kept.items())

    def drop(self, key: K) -> None:
        """Forget what is there under *key*."""
        self._kept.pop(key, None)
