from datetime import UTC, datetime

import pytest

from lab.core.instant import Instant, Window, not_after, serial_to_instant

HALF = 2**31
WRAP = 2**32


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0, 0, True),
        (0, 1, True),
        (1, 0, False),
        (0, HALF - 1, True),
        (0, HALF, False),
        (WRAP - 1, 0, True),
        (0, WRAP - 1, False),
        (WRAP - 10, 5, True),
        (WRAP + 7, 7, True),
    ],
)
def test_serial_numbers_wrap(first: int, second: int, expected: bool) -> None:  # noqa: FBT001 a column of the table
    assert not_after(first, second) is expected


@pytest.mark.parametrize(
    ("value", "near", "expected"),
    [
        (100, 50, 100),
        (WRAP - 1, 5, -1),
        (5, WRAP - 1, WRAP + 5),
        (5, WRAP + 1, WRAP + 5),
        (WRAP - 1, 3 * WRAP, 3 * WRAP - 1),
    ],
)
def test_a_serial_means_the_nearest_moment(value: int, near: int, expected: int) -> None:
    assert serial_to_instant(value, Instant(near)) == expected


def test_both_ends_of_a_window_belong_to_it() -> None:
    window = Window(Instant(10), Instant(20))
    inside = [now for now in range(8, 23) if window.contains(Instant(now))]
    assert inside == list(range(10, 21))


def test_an_instant_stays_one_when_it_is_moved() -> None:
    later = Instant(1000) + 60
    assert isinstance(later, Instant)
    assert isinstance(later - 30, Instant)
    assert later - 30 == 1030


def test_an_instant_reads_as_utc() -> None:
    assert str(Instant(0)) == "1970-01-01 00:00:00Z"
    assert Instant(86400).datetime() == datetime(1970, 1, 2, tzinfo=UTC)
