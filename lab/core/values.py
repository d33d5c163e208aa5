"""Frozen dataclasses as plain JSON values, and back by their type hints.

Decides the form only: names as absolute text, records in presentation format after their type,
octets in hexadecimal, sets sorted. A file that was written so can be read by people, and by a later
version that knows more fields: what it does not find takes the default.
"""

import types
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import dns.rdata
from dns.exception import DNSException
from dns.name import Name, from_text
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.errors import InputError

T = TypeVar("T")


def to_value(thing: object) -> Any:  # noqa: ANN401 a JSON value
    """Return *thing* as JSON: a dataclass becomes an object, a tuple or set becomes a list."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {one.name: to_value(getattr(thing, one.name)) for one in fields(thing)}
    if isinstance(thing, frozenset):
        return sorted(to_value(one) for one in thing)
    if isinstance(thing, tuple):
        return [to_value(one) for one in thing]
    return _one_to_value(thing)


def _one_to_value(thing: object) -> object:
    match thing:
        case RdataType():
            return RdataType.to_text(thing)
        case Enum() if not isinstance(thing, int):
            return thing.value
        case Name():
            return thing.to_text()
        case bytes():
            return thing.hex()
        case Rdata():
            return f"{RdataType.to_text(thing.rdtype)} {thing.to_text()}"
        case _:
            return thing


def from_value(kind: type[T], value: object, where: str) -> T:
    """Return the *kind* that `to_value` wrote as *value*.

    Raises:
        InputError: it is something else; names *where*.
    """
    try:
        return cast("T", _read(kind, value))
    except (DNSException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"this is no {kind.__name__}: {error}", where) from error


def _read(kind: Any, value: Any) -> Any:  # noqa: ANN401 any type hint, any JSON value
    origin = get_origin(kind)
    if origin in {types.UnionType, Union}:
        choices = [one for one in get_args(kind) if one is not type(None)]
        return None if value is None else _read(choices[0], value)
    if origin in {tuple, frozenset}:
        if not isinstance(value, list):
            raise TypeError(f"expected a list, not {value!r}")
        return origin(_read(get_args(kind)[0], one) for one in value)
    if is_dataclass(kind):
        return _read_dataclass(kind, value)
    return _read_one(kind, value)


def _read_dataclass(kind: Any, value: Any) -> Any:  # noqa: ANN401 as above
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, not {value!r}")
    hints = get_type_hints(kind)
    known = {one.name for one in fields(kind)}
    given = {name: _read(hints[name], one) for name, one in value.items() if name in known}
    return kind(**given)


def _read_one(kind: Any, value: Any) -> Any:  # noqa: ANN401 as above
    if kind is Name:
        return from_text(value)
    if kind is bytes:
        return bytes.fromhex(value)
    if kind is RdataType:
        return RdataType.from_text(value)
    if isinstance(kind, type) and issubclass(kind, Rdata):
        rdtype, _, text = value.partition(" ")
        return dns.rdata.from_text(RdataClass.IN, RdataType.from_text(rdtype), text)
    if kind is bool or kind is str:
        if not isinstance(value, kind):
            raise TypeError(f"expected {kind.__name__}, not {value!r}")
        return value
    return kind(value)
