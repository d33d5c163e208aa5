"""Between JSON and frozen dataclasses: a field's type and its `At` say all that JSON may hold.

`Annotated[Eui64, At("DevEUI")]` is a field of a message: the type gives the kind of value, `At` its
JSON name and bounds, a default makes it optional. Unknown names are passed over, so that peers of
later versions are understood (Backend Interfaces 1.0 section 22.2).
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from types import NoneType
from typing import Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from lab.core.errors import InputError, PeerError
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Identifier

T = TypeVar("T")

Table: TypeAlias = Mapping[str, object]
"""A JSON object."""

NAMES: Mapping[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a fraction",
    str: "text",
    list: "an array",
    dict: "an object",
    NoneType: "null",
}
"""What `json` makes, by kind."""

NUMBER_LIMIT = 2**32 - 1
SHOWN = 40


@dataclass(frozen=True, slots=True)
class At:
    """Say where a field stands in JSON, and which values it may have.

    Attributes:
        name: of the JSON member.
        least: of a number.
        most: of a number.
        octets: how many a hexadecimal text may stand for; none: any number.
        with_success: an answer with the result Success must have it, though its type is optional.
    """

    name: str
    least: float = 0
    most: float = NUMBER_LIMIT
    octets: tuple[int, ...] = ()
    with_success: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """Describe how values of one type are written in JSON.

    Attributes:
        read: makes the value of what JSON holds, or raises PeerError with what was expected.
        write: makes what JSON holds of the value.
    """

    read: Callable[[Any, At], object]
    write: Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Entry:
    """Describe one field.

    Attributes:
        field: its name in the dataclass.
        at: its place in JSON.
        kind: of its values.
        default: MISSING if it must be there.
    """

    field: str
    at: At
    kind: Kind
    default: object

    @property
    def required(self) -> bool:
        """Tell whether JSON must have it."""
        return self.default is MISSING


_ENTRIES: dict[type, tuple[Entry, ...]] = {}


def entries(cls: type) -> tuple[Entry, ...]:
    """Return the fields of the dataclass *cls* that stand in JSON."""
    if cls not in _ENTRIES:
        _ENTRIES[cls] = tuple(_entries(cls))
    return _ENTRIES[cls]


def _entries(cls: type) -> Iterator[Entry]:
    hints = get_type_hints(cls, include_extras=True)
    for one in fields(cls):
        hint, *extras = get_args(hints[one.name]) or (None,)
        at = next((extra for extra in extras if isinstance(extra, At)), None)
        if at is not None:
            yield Entry(one.name, at, _kind_of(hint), one.default)


def read_fields(cls: type, table: Table) -> dict[str, Any]:
    """Return the fields of *cls* that *table* holds.

    Raises:
        PeerError: one is missing or has another kind of value; one sentence with its name.
    """
    values = {}
    for entry in entries(cls):
        # `null` is how some peers leave a member out.
        if (held := table.get(entry.at.name)) is not None:
            try:
                values[entry.field] = entry.kind.read(held, entry.at)
            except PeerError as error:
                raise PeerError(f"{entry.at.name}: {error}") from error
        elif entry.required:
            raise PeerError(f"{entry.at.name} is missing")
    return values


def write_fields(thing: object) -> dict[str, object]:
    """Return the JSON members of a dataclass; what has its default value is left out."""
    return {
        entry.at.name: entry.kind.write(value)
        for entry in entries(type(thing))
        if (value := getattr(thing, entry.field)) != entry.default
    }


def read_table(held: object, at: At) -> Table:
    """Return a JSON object."""
    del at
    if not isinstance(held, dict):
        raise PeerError(f"expected an object, not {_called(held)}")
    return held


def read_text(held: object, at: At) -> str:
    """Return a text that can be written again."""
    del at
    if not isinstance(held, str):
        raise PeerError(f"expected text, not {_called(held)}")
    # JSON can spell halves of characters, which no UTF-8 holds (RFC 8259 section 8.2).
    if any("\ud800" <= one <= "\udfff" for one in held):
        raise PeerError("expected text of whole characters")
    return held


def read_hex(held: object, at: At) -> bytes:
    """Return octets; Backend Interfaces 1.0 section 22.2: "0x" and upper case are allowed."""
    digits = read_text(held, at)
    digits = digits.removeprefix("0x").removeprefix("0X")
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        octets = None
    # `bytes.fromhex` skips white space.
    if octets is None or len(digits) != 2 * len(octets):
        raise PeerError("expected hexadecimal digits, two for each octet")
    if at.octets and len(octets) not in at.octets:
        wanted = " or ".join(str(one) for one in at.octets)
        raise PeerError(f"expected {wanted} octets in hexadecimal, not {len(octets)}")
    return octets


def _read_number(held: object, at: At) -> int:
    # In Python, True is a number.
    if not isinstance(held, int) or isinstance(held, bool):
        raise PeerError(f"expected a whole number, not {_called(held)}")
    return _bounded(held, at)


def _read_real(held: object, at: At) -> float:
    if not isinstance(held, int | float) or isinstance(held, bool) or not math.isfinite(held):
        raise PeerError(f"expected a number, not {_called(held)}")
    return float(_bounded(held, at))


Real = TypeVar("Real", int, float)


def _bounded(number: Real, at: At) -> Real:
    if not at.least <= number <= at.most:
        raise PeerError(f"expected {at.least} to {at.most}, not {_shown(number)}")
    return number


def _read_yes_or_no(held: object, at: At) -> bool:
    del at
    if not isinstance(held, bool):
        raise PeerError(f"expected true or false, not {_called(held)}")
    return held


def _same(value: object) -> object:
    return value


KINDS: dict[object, Kind] = {
    str: Kind(read_text, _same),
    int: Kind(_read_number, _same),
    float: Kind(_read_real, _same),
    bool: Kind(_read_yes_or_no, _same),
    bytes: Kind(read_hex, bytes.hex),
}


def _kind_of(hint: object) -> Kind:
    inner = [one for one in get_args(hint) if one is not NoneType]
    if hint in KINDS:
        return KINDS[hint]
    if get_origin(hint) is tuple:
        return _many(_kind_of(inner[0]))
    if len(inner) == 1:
        return _kind_of(inner[0])
    assert isinstance(hint, type), f"no JSON holds a {hint}"
    if issubclass(hint, Identifier):
        return _identifier(hint)
    if issubclass(hint, Enum):
        return _choice(hint)
    assert is_dataclass(hint), f"no JSON holds a {hint}"
    return _object(hint)


def _identifier(cls: type[Identifier]) -> Kind:
    def read(held: object, at: At) -> Identifier:
        try:
            return cls.from_text(read_text(held, at))
        except InputError as error:
            raise PeerError(error.what) from error

    return Kind(read, str)


def _choice(cls: type[Enum]) -> Kind:
    def read(held: object, at: At) -> Enum:
        try:
            return cls(read_text(held, at))
        except ValueError as error:
            known = ", ".join(str(one.value) for one in cls)
            raise PeerError(f"{_shown(held)} is not one of {known}") from error

    return Kind(read, lambda member: member.value)


def _object(cls: type) -> Kind:
    def read(held: object, at: At) -> object:
        return cls(**read_fields(cls, read_table(held, at)))

    return Kind(read, write_fields)


def _many(kind: Kind) -> Kind:
    def read(held: object, at: At) -> tuple[object, ...]:
        if not isinstance(held, list):
            raise PeerError(f"expected an array, not {_called(held)}")
        return tuple(kind.read(one, at) for one in held)

    return Kind(read, lambda values: [kind.write(one) for one in values])


def _called(held: object) -> str:
    # Not the value: whoever writes a key wrongly must not read it in a log or an answer.
    return NAMES[type(held)]


def _shown(held: object) -> str:
    text = repr(held)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
