"""Do once what is the same for all who ask within one second.

What the DNS says changes with the second at the earliest: TTLs and signatures count in them. When a
crowd comes, all but the first wait for the answer that the first has asked for.
"""

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from lab.core.instant import Instant

ROOM = 1024

KeyT = TypeVar("KeyT", bound=Hashable)
T = TypeVar("T")


class _Flight(Generic[T]):
    """Wait for one result, on behalf of any number of askers."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._askers: list[Deferred[T]] = []
        self._landed: list[T | Failure] = []
        Deferred.fromCoroutine(coroutine).addBoth(self._land)

    def _land(self, result: T | Failure) -> None:
        self._landed.append(result)
        askers, self._askers = self._askers, []
        for one in askers:
            if not one.called:
                one.callback(result)

    def result(self) -> "Deferred[T]":
        """Return a result of one's own: who asks no more does not take it from the others."""
        own: Deferred[T] = Deferred()
        if self._landed:
            own.callback(self._landed[0])
        else:
            self._askers.append(own)
        return own


class Flights(Generic[KeyT, T]):
    """Keep the results of this second."""

    def __init__(self) -> None:
        """Start without any."""
        self._ground: object = None
        self._now = Instant(0)
        self._flights: dict[KeyT, _Flight[T]] = {}

    def get(
        self, key: KeyT, ground: object, now: Instant, begin: Callable[[], Coroutine[Any, Any, T]]
    ) -> "Deferred[T]":
        """Return what came of *key* in this second, on this *ground*; else what `begin` begins."""
        # A clock that stands still never ends a second, and strangers bring ever new names.
        if self._ground is not ground or self._now != now or len(self._flights) >= ROOM:
            self._ground, self._now, self._flights = ground, now, {}
        if key not in self._flights:
            self._flights[key] = _Flight(begin())
        return self._flights[key].result()
