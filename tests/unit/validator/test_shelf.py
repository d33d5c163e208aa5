"""What expires, when it does, and what goes if there is no room."""

import pytest

from lab.core.checks import Outcome
from lab.validator.shelf import Shelf
from tests.unit.validator.zone import NOW


@pytest.mark.parametrize(
    ("seconds", "there"), [(-1, False), (0, True), (59, True), (60, False), (10**9, False)]
)
def test_a_thing_is_there_from_when_it_was_kept_until_its_time_is_over(
    seconds: int,
    there: bool,  # noqa: FBT001 a table
) -> None:
    shelf: Shelf[str, str] = Shelf(2)
    shelf.put("key", "value", NOW, 60)
    assert (shelf.get("key", NOW + seconds) is not None) is there


def test_it_knows_its_age_and_what_is_left() -> None:
    shelf: Shelf[str, str] = Shelf(2)
    shelf.put("key", "value", NOW, 60)
    kept = shelf.get("key", NOW + 20)
    assert kept is not None
    assert (kept.value, kept.age(NOW + 20), kept.left(NOW + 20)) == ("value", 20, 40)
    told = kept.told("it", NOW + 20)
    assert (told.outcome, told.facts) == (Outcome.PASSED, {"age": "20 s", "left": "40 s"})


def test_what_was_not_wanted_for_the_longest_time_makes_room() -> None:
    shelf: Shelf[str, str] = Shelf(2)
    for key in ("old", "young"):
        shelf.put(key, key, NOW, 60)
    assert shelf.get("old", NOW) is not None
    shelf.put("new", "new", NOW, 60)
    assert [key for key in ("old", "young", "new") if shelf.get(key, NOW)] == ["old", "new"]
    assert len(shelf) == 2


def test_what_is_kept_anew_is_there_once_and_for_its_new_time() -> None:
    shelf: Shelf[str, str] = Shelf(2)
    shelf.put("key", "first", NOW, 60)
    shelf.put("key", "second", NOW + 1, 10)
    kept = shelf.get("key", NOW + 5)
    assert kept is not None
    assert (kept.value, len(shelf)) == ("second", 1)
    assert shelf.get("key", NOW + 11) is None


@pytest.mark.parametrize("ttl", [0, -1])
def test_what_has_no_time_is_not_kept_and_takes_the_place_of_nothing(ttl: int) -> None:
    shelf: Shelf[str, str] = Shelf(1)
    shelf.put("other", "value", NOW, 60)
    shelf.put("key", "value", NOW, ttl)
    assert shelf.get("key", NOW) is None
    assert shelf.get("other", NOW) is not None


def test_what_is_dropped_is_not_there() -> None:
    shelf: Shelf[str, str] = Shelf(1)
    shelf.put("key", "value", NOW, 60)
    shelf.drop("key")
    shelf.drop("never there")
    assert shelf.get("key", NOW) is None
