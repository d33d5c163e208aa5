from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from zope.interface import implementer

from lab.app.keeper import RETRY_S, Keeper
from lab.core.errors import LabError
from lab.core.instant import DAY, Instant
from lab.net.clock import LabClock


@dataclass
class Diary:
    """Write down when a chore was done; it wants to be called every so many seconds."""

    every: int | None
    done: list[Instant] = field(default_factory=list)

    async def __call__(self, now: Instant) -> Instant | None:
        self.done.append(now)
        return None if self.every is None else now + self.every


class House:
    """Hold a keeper on a clock that the test moves."""

    def __init__(self) -> None:
        self.reactor = Clock()
        self.clock = LabClock(self.reactor.seconds)
        self.keeper = Keeper(self.reactor, self.clock)

    def pass_by(self, seconds: int) -> None:
        self.reactor.pump([0.5] * (2 * seconds))

    def finish(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        done: list[None] = []

        async def main() -> None:
            done.append(await work())  # type: ignore[func-returns-value]  # that it returns is what counts

        Deferred.fromCoroutine(main())
        assert done == [None]


@pytest.fixture
def house() -> House:
    return House()


def test_a_chore_is_done_at_once_and_whenever_it_wants(house: House) -> None:
    diary = Diary(10)
    house.keeper.add("diary", diary)
    house.keeper.start()
    house.pass_by(35)
    assert diary.done == [0, 10, 20, 30]


def test_a_chore_that_wants_nothing_is_left_alone_until_somebody_wakes_it(house: House) -> None:
    diary = Diary(None)
    house.keeper.add("diary", diary)
    house.keeper.start()
    house.pass_by(20)
    house.keeper.wake()
    house.pass_by(20)
    assert diary.done == [0, 20]


def test_a_chore_that_wakes_the_keeper_is_done_once_more(house: House) -> None:
    seen: list[Instant] = []

    async def restless(now: Instant) -> None:
        seen.append(now)
        if len(seen) == 1:
            house.keeper.wake()

    house.keeper.add("restless", restless)
    house.keeper.start()
    house.pass_by(5)
    assert seen == [0, 0]


def test_travelling_does_everything_at_its_own_time_and_in_order(house: House) -> None:
    order: list[tuple[str, Instant]] = []

    def chore(name: str, every: int) -> None:
        async def work(now: Instant) -> Instant:
            order.append((name, now))
            return now + every

        house.keeper.add(name, work)

    chore("slow", 3600)
    chore("quick", 1500)
    house.finish(lambda: house.keeper.travel(4000))
    assert order == [
        *(("slow", 0), ("quick", 0), ("quick", 1500)),
        *(("quick", 3000), ("slow", 3600)),
    ]
    assert house.clock.now() == 4000


def test_a_frozen_clock_is_moved_by_travelling_only(house: House) -> None:
    diary = Diary(60)
    house.clock.freeze()
    house.keeper.add("diary", diary)
    house.keeper.start()
    house.pass_by(200)
    assert diary.done == [0]
    house.finish(lambda: house.keeper.travel(DAY))
    assert len(diary.done) == 1 + DAY // 60


def test_travelling_back_does_what_is_due_and_no_more(house: House) -> None:
    diary = Diary(60)
    house.keeper.add("diary", diary)
    house.finish(lambda: house.keeper.travel(-DAY))
    assert diary.done == [0]


def test_a_chore_that_asks_for_the_past_waits_at_least_a_second(house: House) -> None:
    diary = Diary(-5)
    house.keeper.add("diary", diary)
    house.keeper.start()
    house.pass_by(3)
    assert len(diary.done) <= 4


@pytest.mark.parametrize("error", [LabError("the parent is silent"), ZeroDivisionError()])
def test_a_chore_that_fails_is_tried_again_and_stops_no_other(
    house: House, error: Exception
) -> None:
    told: list[LogEvent] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        told.append(event)

    globalLogPublisher.addObserver(observe)
    tries: list[Instant] = []

    async def failing(now: Instant) -> None:
        tries.append(now)
        raise error

    diary = Diary(None)
    house.keeper.add("failing", failing)
    house.keeper.add("diary", diary)
    house.keeper.start()
    house.pass_by(RETRY_S + 2)
    globalLogPublisher.removeObserver(observe)
    assert tries == [0, RETRY_S]
    assert diary.done == [0]
    assert told


def test_a_stopped_keeper_does_nothing_more(house: House) -> None:
    diary = Diary(10)
    house.keeper.add("diary", diary)
    house.keeper.start()
    house.finish(house.keeper.stop)
    house.pass_by(60)
    assert diary.done == [0]
