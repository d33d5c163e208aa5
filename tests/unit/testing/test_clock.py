"""The clock of a test jumps by spans as files write them, and stands still where it is told to."""

from datetime import UTC, datetime, timedelta

import pytest

from lab.core.errors import InputError
from lab.testing.clock import MovableClock


@pytest.mark.parametrize(
    ("by", "seconds"),
    [("30d", 2592000), ("-90min", -5400), (7, 7), (timedelta(hours=2), 7200)],
)
def test_the_clock_jumps(by: str | int | timedelta, seconds: int) -> None:
    clock = MovableClock(lambda: 1000.0)
    clock.advance(by)
    assert clock.now() == 1000 + seconds


def test_what_is_no_span_moves_nothing() -> None:
    clock = MovableClock(lambda: 1000.0)
    with pytest.raises(InputError, match="expected a span"):
        clock.advance("soon")
    assert clock.now() == 1000


@pytest.mark.parametrize("moment", [1800000000, datetime(2027, 1, 15, 8, tzinfo=UTC)])
def test_the_clock_stands_still(moment: int | datetime) -> None:
    clock = MovableClock(lambda: 1000.0)
    clock.freeze_at(moment)
    assert clock.now() == 1800000000
