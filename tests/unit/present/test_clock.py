import pytest

from lab.present.clock import length, sentence
from tests.fakes import NOW


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (0, "the real time"),
        (30 * 86400, "30 d ahead of the real time"),
        (-7261, "2 h 1 min behind the real time"),
    ],
)
def test_a_clock_says_how_far_it_is_from_the_real_time(ahead: int, words: str) -> None:
    assert sentence(NOW, NOW - ahead, ahead, frozen=False) == f"{NOW}, {words}"


def test_a_clock_says_that_it_stands() -> None:
    assert sentence(NOW, NOW, 0, frozen=True).endswith(", frozen")


def test_no_time_is_no_seconds() -> None:
    assert length(0) == "0 s"
