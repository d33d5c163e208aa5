"""Texts and numbers of a table become typed fields; every mistake is found."""

from dataclasses import dataclass, field
from enum import Enum

import dns.name
import pytest
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.parameters import Mistake, Seconds, build, parameters_of, suggestion

SHORT = Seconds(1)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    name: Name
    origin: str = field(default="here", metadata={"key": "from"})
    type: RdataType | None = None
    colour: Colour | None = None
    span: Seconds = SHORT
    count: int = 1
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.count < 0:
            raise InputError("count is negative", "count")


def mistakes(**table: object) -> list[str]:
    _, found = build(Sample, table, "a sample")
    return [one.what for one in found]


def test_every_kind_of_value_is_converted() -> None:
    table = {
        "name": "www.example.fr",
        "from": "there",
        "type": "tlsa",
        "colour": "blue",
        "span": "2h",
        "count": 7,
        "share": 0.5,
    }
    sample, found = build(Sample, table, "a sample")
    assert found == ()
    assert sample == Sample(
        name=dns.name.from_text("www.example.fr."),
        origin="there",
        type=RdataType.TLSA,
        colour=Colour.BLUE,
        span=Seconds(7200),
        count=7,
        share=0.5,
    )


def test_what_is_not_given_has_its_default() -> None:
    sample, _ = build(Sample, {"name": "a"}, "a sample")
    assert sample == Sample(name=dns.name.from_text("a."))


@pytest.mark.parametrize(
    ("given", "seconds"),
    [(90, 90), ("90s", 90), ("15 d", 1296000), ("90min", 5400), ("-2h", -7200)],
)
def test_a_span_may_be_a_number_or_text(given: object, seconds: int) -> None:
    sample, _ = build(Sample, {"name": "a", "span": given}, "a sample")
    assert sample is not None
    assert sample.span == seconds


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"name": 3}, "name: expected text in quotes, not 3"),
        ({"name": "a..b"}, "name: 'a..b' is not a domain name: A DNS label is empty."),
        ({"name": "a", "type": "TSLA"}, "did you mean 'TLSA'?"),
        ({"name": "a", "type": "12345678"}, "type: '12345678' is not a record type"),
        ({"name": "a", "colour": "green"}, "colour: 'green' is not one of red, blue"),
        ({"name": "a", "colour": 1}, "colour: 1 is not one of red, blue"),
        ({"name": "a", "span": "soon"}, "span: expected a span such as"),
        ({"name": "a", "span": True}, "span: expected a whole number, not True"),
        ({"name": "a", "count": "1"}, "count: expected a whole number, not '1'"),
        ({"name": "a", "share": "1"}, "share: expected a number such as 2 or 0.5, not '1'"),
        ({"name": "a", "count": -1}, "count is negative"),
        ({"name": "a", "form": ""}, "a sample has no parameter 'form'; did you mean 'from'?"),
        ({}, "a sample needs the parameter 'name'"),
    ],
)
def test_a_mistake_is_one_sentence(table: dict[str, object], what: str) -> None:
    (found,) = mistakes(**table)
    assert what in found


def test_all_mistakes_are_found_at_once() -> None:
    _, found = build(Sample, {"colour": "green", "x": 1}, "a sample")
    assert [one.key for one in found] == ["colour", "x", ""]


def test_a_mistake_of_the_whole_knows_its_parameter() -> None:
    _, found = build(Sample, {"name": "a", "count": -1}, "a sample")
    assert found == (Mistake("count", "count is negative"),)


def test_a_word_like_no_other_is_answered_with_the_list() -> None:
    assert suggestion("zzz", ["abc", "aaa"]) == "; known are aaa, abc"


def test_a_long_list_is_cut_and_says_how_much_is_left_out() -> None:
    names = [f"name-{number:03}" for number in range(173)]
    ending = suggestion("zzz", names)
    assert ending.endswith(", name-019 and 153 more")
    assert "name-020" not in ending


def test_a_parameter_knows_its_key_and_whether_it_is_required() -> None:
    by_key = {one.key: one for one in parameters_of(Sample)}
    assert by_key["name"].required
    assert by_key["from"].field == "origin"
    assert by_key["from"].default == "here"
    assert by_key["colour"].kind.label == '"red" | "blue"'
