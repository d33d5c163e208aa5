"""What a file may say: texts and numbers of TOML become the typed fields of a dataclass.

Steps and faults are dataclasses whose fields are their parameters. This module reads a table into
such fields and collects every mistake in it; where the table stood is the caller's business.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from enum import Enum
from types import NoneType
from typing import Any, NewType, TypeVar, get_args, get_type_hints

import dns.exception
import dns.name
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import DAY, HOUR, MINUTE
from lab.core.registry import Registry
from lab.core.rules import RULES, Rule

Seconds = NewType("Seconds", int)
"""A span of time; files write it as a number or as text: 3600, "90min", "15d", "-2h"."""

T = TypeVar("T")


class Numeral(str):
    """Text that is also a whole number: what a parameter leaves where it stands alone."""

    __slots__ = ()


# More names than that help nobody.
_FEW = 20
_UNITS = {"s": 1, "min": MINUTE, "h": HOUR, "d": DAY}
_SPAN = re.compile(r"(-?\d+) ?(s|min|h|d)")


@dataclass(frozen=True, slots=True)
class Kind:
    """Describe one type of parameter.

    Attributes:
        label: what a reference calls it, e.g. "domain name".
        convert: makes the value of it; raises InputError with one sentence.
        choices: the only words that may stand there; empty: others may, too.
    """

    label: str
    convert: Callable[[object], object]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """Describe one field that a file may set.

    Attributes:
        key: its name in the file; a field may have another one (`from` is no Python name).
        field: its name in the dataclass.
        kind: what may stand there.
        default: None also if it is required.
        required: there is no default.
    """

    key: str
    field: str
    kind: Kind
    default: object
    required: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """Report one mistake in a table.

    Attributes:
        key: where; with dots inside a table of its own, e.g. "ask.answer"; empty if something is
            missing.
        what: one sentence.
    """

    key: str
    what: str


KINDS: Registry[object, Kind] = Registry("kind of parameter")


def parameters_of(cls: type) -> tuple[Parameter, ...]:
    """Return the parameters of the dataclass *cls*, in order of its fields."""
    hints = get_type_hints(cls)
    return tuple(
        Parameter(
            key=str(one.metadata.get("key", one.name)),
            field=one.name,
            kind=_kind_of(hints[one.name]),
            default=None if one.default is MISSING else one.default,
            required=one.default is MISSING,
        )
        for one in fields(cls)
        if one.init
    )


def read(
    parameters: Iterable[Parameter], table: Mapping[str, object], subject: str
) -> tuple[dict[str, Any], tuple[Mistake, ...]]:
    """Return the fields that *table* sets, and every mistake in it.

    Args:
        parameters: what may be set.
        table: as TOML gives it.
        subject: whose parameters they are, e.g. "the step validate".
    """
    known = {one.key: one for one in parameters}
    values: dict[str, Any] = {}
    mistakes = []
    for key, value in table.items():
        if key not in known:
            what = f"{subject} has no parameter {key!r}{suggestion(key, known)}"
            mistakes.append(Mistake(key, what))
            continue
        try:
            values[known[key].field] = known[key].kind.convert(value)
        except InputError as error:
            mistakes.append(Mistake(key, f"{key}: {error.what}"))
    missing = [one.key for one in known.values() if one.required and one.key not in table]
    mistakes += [Mistake("", f"{subject} needs the parameter {key!r}") for key in missing]
    return values, tuple(mistakes)


def build(
    cls: type[T], table: Mapping[str, object], subject: str
) -> tuple[T | None, tuple[Mistake, ...]]:
    """Return the dataclass *cls* that *table* describes, or every mistake in it."""
    values, mistakes = read(parameters_of(cls), table, subject)
    if mistakes:
        return None, mistakes
    try:
        return cls(**values), ()
    except InputError as error:
        return None, (Mistake(error.where, error.what),)


def span(seconds: int) -> str:
    """Return *seconds* as files write them, in the biggest unit that needs no fraction."""
    fitting = [unit for unit, length in _UNITS.items() if seconds % length == 0]
    return f"{seconds // _UNITS[fitting[-1]]}{fitting[-1]}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return how a sentence about an unknown *word* ends: a near one, or all if they are few."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    if not names:
        return "; there are none"
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return f"; known are {', '.join(names[:_FEW])}{more}"


def _kind_of(hint: object) -> Kind:
    if hint in KINDS:
        return KINDS[hint]
    inner = [one for one in get_args(hint) if one is not NoneType]
    hint = inner[0] if inner else hint
    if hint in KINDS:
        return KINDS[hint]
    assert isinstance(hint, type), f"no file can set a {hint}"
    assert issubclass(hint, Enum), f"no file can set a {hint}"
    return _choice(hint)


def _choice(enum: type[Enum]) -> Kind:
    members = {str(member.value): member for member in enum}

    def convert(value: object) -> Enum:
        if not isinstance(value, str) or value not in members:
            known = ", ".join(members)
            raise InputError(f"{value!r} is not one of {known}")
        return members[value]

    return Kind(" | ".join(f'"{word}"' for word in members), convert, tuple(members))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"expected text in quotes, not {value!r}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InputError(f'expected a list of texts such as ["a", "b"], not {value!r}')
    return tuple(map(_text, value))


def _number(value: object) -> int:
    if isinstance(value, Numeral):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"expected a whole number, not {value!r}")
    return value


def _fraction(value: object) -> float:
    if isinstance(value, Numeral):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"expected a number such as 2 or 0.5, not {value!r}")
    return float(value)


def _numbers(value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise InputError(f"expected a list of whole numbers such as [8, 12], not {value!r}")
    return tuple(map(_number, value))


def _seconds(value: object) -> Seconds:
    if isinstance(value, Numeral) or not isinstance(value, str):
        return Seconds(_number(value))
    span = _SPAN.fullmatch(value)
    if span is None:
        raise InputError(f"expected a span such as 3600, '90min', '2h' or '15d', not {value!r}")
    return Seconds(int(span[1]) * _UNITS[span[2]])


def _name(value: object) -> Name:
    text = _text(value)
    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise InputError(f"{text!r} is not a domain name: {error}") from error


def _rdtype(value: object) -> RdataType:
    text = _text(value)
    try:
        return RdataType.from_text(text)
    except (dns.exception.DNSException, ValueError) as error:
        near = get_close_matches(text.upper(), RdataType.__members__, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{text!r} is not a record type{hint}") from error


def _rule(value: object) -> Rule:
    text = _text(value)
    if text not in RULES:
        raise InputError(f"there is no rule {text!r}{suggestion(text, RULES)}")
    return RULES[text]


KINDS.add(str, Kind("text", _text))
KINDS.add(tuple[str, ...], Kind("list of texts", _texts))
KINDS.add(int, Kind("whole number", _number))
KINDS.add(float, Kind("number", _fraction))
KINDS.add(tuple[int, ...], Kind("list of whole numbers", _numbers))
KINDS.add(Seconds, Kind('seconds, or text such as "15d", "2h", "90min"', _seconds))
KINDS.add(Name, Kind("domain name", _name))
KINDS.add(RdataType, Kind("record type", _rdtype))
KINDS.add(Rule, Kind("rule", _rule))
