"""Frozen values become JSON and come back the same."""

import json
from dataclasses import dataclass
from enum import Enum

import dns.rdata
import pytest
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from lab.core.errors import InputError
from lab.core.values import from_value, to_value
from tests.fakes import name

ONE_DS = dns.rdata.from_text(RdataClass.IN, RdataType.DS, f"1 13 2 {'ab' * 32}")


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    name: Name
    rdtype: RdataType


@dataclass(frozen=True)
class Outer:
    inners: tuple[Inner, ...]
    numbers: frozenset[int]
    ds: tuple[DS, ...]
    colour: Colour
    maybe: Name | None = None
    sure: bool = True
    text: str = "x"


def an_outer(maybe: Name | None = None) -> Outer:
    inner = Inner(name("www.fr."), RdataType.TLSA)
    assert isinstance(ONE_DS, DS)
    return Outer((inner,), frozenset({13, 8}), (ONE_DS,), Colour.RED, maybe)


@pytest.mark.parametrize("maybe", [None, name("fr.")])
def test_a_value_comes_back_as_it_was(maybe: Name | None) -> None:
    text = json.dumps(to_value(an_outer(maybe)))
    assert from_value(Outer, json.loads(text), "here") == an_outer(maybe)


def test_what_people_read_is_in_their_words() -> None:
    document = to_value(an_outer())
    assert document["inners"] == [{"name": "www.fr.", "rdtype": "TLSA"}]
    assert document["numbers"] == [8, 13]
    assert document["ds"] == [f"DS 1 13 2 {'ab' * 32}"]


def test_fields_of_another_version_are_passed_over_or_take_the_default() -> None:
    document = to_value(an_outer())
    del document["text"]
    assert from_value(Outer, {**document, "new": 1}, "here") == an_outer()


@pytest.mark.parametrize(
    "broken",
    [
        {"inners": {}},
        {"inners": [7]},
        {"inners": [{"name": "a..b", "rdtype": "A"}]},
        {"numbers": ["x"]},
        {"ds": ["DS 1 13 2 zz"]},
        {"colour": "blue"},
        {"sure": "yes"},
        {"text": 7},
        {"maybe": 7},
    ],
)
def test_what_is_something_else_is_one_sentence(broken: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"^here: this is no Outer: "):
        from_value(Outer, {**to_value(an_outer()), **broken}, "here")


def test_a_missing_field_is_one_sentence() -> None:
    with pytest.raises(InputError, match="missing"):
        from_value(Inner, {"name": "fr."}, "here")
