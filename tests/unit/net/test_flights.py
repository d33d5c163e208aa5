"""What is the same for all who ask within one second is asked once."""

from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from lab.core.errors import InputError
from lab.core.instant import Instant
from lab.net.flights import ROOM, Flights

NOW = Instant(1_800_000_000)
WORLD, OTHER = object(), object()


class Asked:
    """Count what is begun; the test says what comes of it."""

    def __init__(self) -> None:
        self.flights: Flights[str, int] = Flights()
        self.waiting: list[Deferred[int]] = []

    def begin(self) -> Callable[[], Coroutine[Any, Any, int]]:
        async def wait() -> int:
            self.waiting.append(Deferred())
            return await self.waiting[-1]

        return wait

    def get(self, key: str = "js", ground: object = WORLD, now: Instant = NOW) -> "Deferred[int]":
        return self.flights.get(key, ground, now, self.begin())


def test_all_who_ask_within_a_second_get_one_answer() -> None:
    asked, got = Asked(), list[int]()
    for _ in range(2):
        asked.get().addCallback(got.append)
    asked.waiting[0].callback(7)
    asked.get().addCallback(got.append)
    assert (got, len(asked.waiting)) == ([7, 7, 7], 1)


def test_another_question_second_or_world_is_asked_anew() -> None:
    asked = Asked()
    asked.get()
    asked.get("ns")
    asked.get(now=NOW + 1)
    asked.get(ground=OTHER)
    # Nothing comes back of what was before.
    asked.get()
    assert len(asked.waiting) == 5


def test_no_more_is_kept_than_there_is_room_for() -> None:
    asked = Asked()
    for number in range(ROOM):
        asked.get(str(number))
    asked.get("0")
    assert len(asked.waiting) == ROOM + 1


def test_who_asks_no_more_does_not_take_the_answer_from_others() -> None:
    asked, got = Asked(), list[int]()
    first = asked.get()
    first.addErrback(lambda failure: failure.trap(CancelledError))
    asked.get().addCallback(got.append)
    first.cancel()
    asked.waiting[0].callback(7)
    assert got == [7]


def test_an_error_is_told_to_all() -> None:
    asked, got = Asked(), list[int | BaseException]()
    for _ in range(2):
        asked.get().addCallbacks(got.append, lambda failure: got.append(failure.value))
    error = InputError("no")
    asked.waiting[0].errback(error)
    assert got == [error, error]
