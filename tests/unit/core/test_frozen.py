"""Frozen classes are as those of the standard library, whose methods are compiled at once."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, fields, replace
from typing import Any

import pytest

from lab.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Be copied, pickled and compared."""

    x: int
    y: int = 0
    seen: list[str] = field(default_factory=list, compare=False, repr=False)
    total: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", self.x + self.y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Be told by names only."""

    size: int = 3
    name: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Have an opinion of its own on what is the same."""

    number: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd) and self.number % 2 == other.number % 2

    __hash__ = None  # type: ignore[assignment]  # as Python does it


@dataclass(frozen=True, slots=True)
class Nothing:
    """Hold nothing."""


def test_a_constructor_knows_defaults_and_factories_and_what_comes_after() -> None:
    assert (Point(1).x, Point(1).y, Point(1).total) == (1, 0, 1)
    assert Point(1, y=2).total == 3
    first, second = Point(1), Point(1)
    first.seen.append("it")
    assert second.seen == []
    assert Named(name="x").size == 3


MISTAKES: dict[str, Callable[[Any], object]] = {
    "missing": lambda _: Point(),  # type: ignore[call-arg]  # that is the mistake
    "too many": lambda _: Point(1, 2, [], 4),  # type: ignore[call-arg]  # as above
    "unknown": lambda _: Point(x=1, z=2),  # type: ignore[call-arg]  # as above
    "by place": lambda _: Named("x"),  # type: ignore[call-arg, arg-type]  # as above
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_constructor_refuses_what_it_does_not_know(case: str) -> None:
    with pytest.raises(TypeError):
        MISTAKES[case](None)


def test_an_instance_is_what_its_compared_fields_are() -> None:
    assert Point(1, 2, ["seen"]) == Point(1, 2)
    assert hash(Point(1, 2, ["seen"])) == hash(Point(1, 2))
    assert Point(1, 2) != Point(2, 1)
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())


def test_what_a_class_says_itself_is_left_alone() -> None:
    assert Odd(1) == Odd(3)
    assert Odd(1) != Odd(2)


def test_nothing_can_be_assigned_or_deleted() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError, match="'x'"):
        point.x = 2  # type: ignore[misc]  # that is what must not work
    with pytest.raises(FrozenInstanceError, match="'x'"):
        del point.x
    assert not hasattr(point, "__dict__")


def test_an_instance_is_shown_by_its_fields() -> None:
    assert repr(Point(1, 2)) == "Point(x=1, y=2, total=3)"


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],  # noqa: S301 our own
)
def test_an_instance_can_be_copied_and_pickled(copied: Callable[[Point], Point]) -> None:
    assert copied(Point(1, 2)) == Point(1, 2)
    assert copied(Point(1, 2)).total == 3


def test_the_standard_library_takes_it_for_one_of_its_own() -> None:
    assert replace(Point(1, 2), y=5).total == 6
    assert [one.name for one in fields(Point)] == ["x", "y", "seen", "total"]
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_a_class_stands_below_one_of_either_kind() -> None:
    @dataclasses.dataclass(frozen=True)
    class Foreign:
        """Be frozen by the standard library."""

        w: int

    @dataclass(frozen=True)
    class Here(Foreign):
        """Stand below it."""

        z: int = 0

    @dataclass(frozen=True, slots=True)
    class Deep(Point):
        """Stand below one of ours."""

        z: int = 0

    @dataclasses.dataclass(frozen=True)
    class Deeper(Deep):
        """Stand below that, frozen by the standard library."""

        u: int = 0

    assert (Deeper(1, u=5).total, Deeper(1, u=5).u) == (1, 5)
    assert (Here(1, z=4).w, Here(1, z=4).z) == (1, 4)
    assert (Deep(1, 2, z=4).total, Deep(1, 2, z=4).z) == (3, 4)
    assert Deep(1, 2, z=4) != Deep(1, 2, z=5)
