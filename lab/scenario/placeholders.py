"""The parameters of a scenario: what `[parameters]` declares, and `{name}` in its texts.

Values are put in before anything is understood, at the place where the text stands: a mistake that
a value brings in is named by the line that uses it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from enum import Enum
from typing import Any

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.located import LocatedToml, Path
from lab.core.parameters import KINDS, Kind, Numeral, Seconds, build, suggestion
from lab.scenario.action import IdentityName

TABLE = "parameters"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_BRACED = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_WHOLE = re.compile(r"\{([^{}]*)\}")


class ParameterKind(Enum):
    """Tell what a parameter may be set to."""

    NAME = "name"
    IDENTITY = "identity"
    TYPE = "type"
    NUMBER = "number"
    SECONDS = "seconds"
    TEXT = "text"
    CHOICE = "choice"


_CONVERTED_BY: Mapping[ParameterKind, Kind] = {
    ParameterKind.NAME: KINDS[Name],
    ParameterKind.IDENTITY: KINDS[IdentityName],
    ParameterKind.TYPE: KINDS[RdataType],
    ParameterKind.NUMBER: KINDS[int],
    ParameterKind.SECONDS: KINDS[Seconds],
    ParameterKind.TEXT: KINDS[str],
    ParameterKind.CHOICE: KINDS[str],
}
_NUMBERS = (ParameterKind.NUMBER, ParameterKind.SECONDS)
# What stands for a value that is missing or wrong, so that one mistake does not make others.
_STAND_INS: Mapping[ParameterKind, str | int] = {
    ParameterKind.NAME: "example.",
    ParameterKind.IDENTITY: "tsp.ns",
    ParameterKind.TYPE: "A",
    ParameterKind.NUMBER: 1,
    ParameterKind.SECONDS: 1,
    ParameterKind.TEXT: "text",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Hold one parameter with its value.

    Attributes:
        name: as `{name}` and `--set` write it.
        kind: what it may be set to.
        meaning: one sentence.
        value: what it is set to, as TOML writes it.
        choices: what it may be, if it is a choice.
        required: it has no default.
    """

    name: str
    kind: ParameterKind
    meaning: str
    value: str | int
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """Hold the values that somebody gives to the parameters of a file.

    Attributes:
        values: by name of the parameter.
        how: by what: "--set", or "with" of an include.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    how: str = "--set"


@dataclass(frozen=True, slots=True)
class Settled:
    """Hold the parameters of a file.

    Attributes:
        settings: each with its value.
        mistakes: in what the file declares.
        refused: what is wrong with the values given, at the parameter meant.
    """

    settings: tuple[Setting, ...] = ()
    mistakes: tuple[InputError, ...] = ()
    refused: tuple[InputError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Declared:
    kind: ParameterKind
    meaning: str
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind is ParameterKind.CHOICE) != bool(self.choices):
            raise InputError('a parameter of the kind "choice", and no other, has choices')


def settle(document: LocatedToml, given: Given) -> Settled:
    """Return the parameters that *document* declares, with the values that are *given*."""
    tables = document.data.get(TABLE, {})
    if not isinstance(tables, dict) or not all(isinstance(one, dict) for one in tables.values()):
        what = "parameters are written as tables such as [parameters.zone]"
        return Settled(mistakes=(InputError(what, document.where(TABLE)),))
    settled = [_settled(document, name, table, given) for name, table in tables.items()]
    unknown = [
        InputError(
            f"{given.how} {name}: there is no such parameter{suggestion(name, tables)}",
            document.where(TABLE),
        )
        for name in given.values
        if name not in tables
    ]
    return Settled(
        tuple(setting for one in settled for setting in one.settings),
        tuple(mistake for one in settled for mistake in one.mistakes),
        (*(refusal for one in settled for refusal in one.refused), *unknown),
    )


def _settled(document: LocatedToml, name: str, table: Mapping[str, Any], given: Given) -> Settled:
    """Return one parameter; a value that is missing or wrong has a stand-in."""

    def mistake(what: str, key: str = "") -> InputError:
        return InputError(what, document.where(TABLE, name, key))

    own = {key: value for key, value in table.items() if key != "default"}
    declared, mistakes = build(_Declared, own, f"the parameter {name!r}")
    found = [mistake(one.what, one.key) for one in mistakes]
    if not _NAME.fullmatch(name):
        found.append(
            mistake(f"{name!r} names no parameter; write small letters, digits and hyphens")
        )
    if declared is None:
        stand_in = Setting(name, ParameterKind.TEXT, "", _STAND_INS[ParameterKind.TEXT])
        return Settled((stand_in,), tuple(found))
    value: str | int = declared.choices[0] if declared.choices else _STAND_INS[declared.kind]
    refused = []
    if "default" in table:
        try:
            value = _fitting(table["default"], declared)
        except InputError as error:
            found.append(mistake(f"default: {error.what}", "default"))
    elif name not in given.values:
        what = f"the parameter {name!r} has no default and must be given: {given.how} {name}=…"
        refused.append(mistake(what))
    if name in given.values:
        try:
            value = _fitting(given.values[name], declared)
        except InputError as error:
            refused.append(mistake(f"{given.how} {name}: {error.what}"))
    required = "default" not in table
    setting = Setting(name, declared.kind, declared.meaning, value, declared.choices, required)
    return Settled((setting,), tuple(found), tuple(refused))


def _fitting(value: object, declared: _Declared) -> str | int:
    """Return *value* if it is of the declared kind; numbers may come as text."""
    if declared.kind in _NUMBERS and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        value = int(value)
    _CONVERTED_BY[declared.kind].convert(value)
    assert isinstance(value, str | int), "no kind takes anything else"
    if declared.choices and value not in declared.choices:
        raise InputError(f"{value!r} is not one of {', '.join(declared.choices)}")
    return value


def filled(
    document: LocatedToml, settings: tuple[Setting, ...]
) -> tuple[LocatedToml, tuple[InputError, ...]]:
    """Return *document* with the values of *settings* in its texts, and every mistake."""
    filling = _Filling({one.name: one.value for one in settings})
    declared = {key: value for key, value in document.data.items() if key == TABLE}
    rest = {key: value for key, value in document.data.items() if key != TABLE}
    found = [InputError(what, document.where(*path)) for path, what in filling.mistakes(rest)]
    lines = {tuple(map(filling.key, path)): line for path, line in document.lines.items()}
    return replace(document, data=declared | filling.value(rest), lines=lines), tuple(found)


@dataclass(frozen=True, slots=True)
class _Filling:
    """Put values into whatever TOML can hold."""

    values: Mapping[str, str | int]

    def value(self, value: Any) -> Any:  # noqa: ANN401 as TOML gives it
        if isinstance(value, dict):
            return {self.key(key): self.value(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if not isinstance(value, str):
            return value
        whole = _WHOLE.fullmatch(value)
        if whole and isinstance(number := self.values.get(whole[1]), int):
            return Numeral(number)
        return _BRACED.sub(self._put, value)

    def key(self, key: str | int) -> str | int:
        return _BRACED.sub(self._put, key) if isinstance(key, str) else key

    def _put(self, found: re.Match[str]) -> str:
        if found[0] in {"{{", "}}"}:
            return found[0][0]
        return str(self.values.get(found[1], found[0]))

    def mistakes(self, value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
        if isinstance(value, dict):
            for key, one in value.items():
                yield from (((*path, key), what) for what in self._unknown(key))
                yield from self.mistakes(one, (*path, key))
        elif isinstance(value, list):
            for index, one in enumerate(value):
                yield from self.mistakes(one, (*path, index))
        elif isinstance(value, str):
            yield from ((path, what) for what in self._unknown(value))

    def _unknown(self, text: str) -> Iterator[str]:
        for found in _BRACED.finditer(text):
            if found[0] in {"{", "}"}:
                yield f"a single {found[0]} in a text; write {found[0] * 2} for a brace"
            elif found[1] is not None and found[1] not in self.values:
                ending = suggestion(found[1], self.values)
                yield f"there is no parameter {found[1]!r}{ending}; write {{{{ for a brace"
