import pytest

from lab.core.instant import Instant
from lab.net.clock import LabClock


class Real:
    """Be the real time, as a test sets it."""

    def __init__(self) -> None:
        self.now = 1000.9

    def seconds(self) -> float:
        return self.now


@pytest.fixture
def real() -> Real:
    return Real()


@pytest.fixture
def clock(real: Real) -> LabClock:
    return LabClock(real.seconds)


def test_a_clock_starts_at_the_real_time_and_runs(real: Real, clock: LabClock) -> None:
    assert clock.now() == Instant(1000)
    assert str(clock) == "real"
    real.now += 5
    assert clock.now() == Instant(1005)


SHIFTS = {3600: "real + 3600 s", -60: "real - 60 s", 0: "real"}


@pytest.mark.parametrize("seconds", SHIFTS)
def test_a_shifted_clock_runs_on(seconds: int, real: Real, clock: LabClock) -> None:
    clock.shift(seconds)
    real.now += 5
    assert clock.now() == Instant(1005 + seconds)
    assert str(clock) == SHIFTS[seconds]


def test_a_frozen_clock_stands_still_until_it_is_moved(real: Real, clock: LabClock) -> None:
    clock.freeze(Instant(0))
    real.now += 5
    assert clock.now() == Instant(0)
    clock.shift(90)
    assert clock.now() == Instant(90)
    assert str(clock) == "frozen at 1970-01-01 00:01:30Z"


def test_a_clock_can_be_frozen_where_it_stands(real: Real, clock: LabClock) -> None:
    clock.freeze()
    real.now += 5
    assert clock.now() == Instant(1000)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_clock_can_be_set(frozen: bool, clock: LabClock) -> None:  # noqa: FBT001 a case
    if frozen:
        clock.freeze()
    clock.set(Instant(77))
    assert clock.now() == Instant(77)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_bookmark_leads_back(frozen: bool, real: Real, clock: LabClock) -> None:  # noqa: FBT001 a case
    clock.shift(10)
    if frozen:
        clock.freeze()
    before = str(clock)
    restore = clock.bookmark()
    clock.shift(500)
    clock.freeze(Instant(1))
    restore()
    assert str(clock) == before
    real.now += 1
    assert clock.now() == Instant(1010 if frozen else 1011)


def test_a_frozen_clock_goes_on_from_where_it_stood(real: Real, clock: LabClock) -> None:
    clock.shift(3600)
    clock.freeze()
    real.now += 100
    clock.go()
    clock.go()
    stood = clock.now()
    assert stood - clock.real() == 3500
    real.now += 10
    assert clock.now() == stood + 10


def test_who_depends_on_the_clock_hears_that_it_was_set() -> None:
    clock = LabClock(lambda: 1000.0)
    seen: list[int] = []
    clock.on_change.append(lambda: seen.append(clock.now()))
    restore = clock.bookmark()
    clock.shift(5)
    clock.set(Instant(7))
    clock.freeze(Instant(9))
    clock.go()
    restore()
    assert seen == [1005, 7, 9, 9, 1000]
