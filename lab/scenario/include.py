"""The step tables of a scenario, with those of the files that it includes in their places.

A file that is included is a scenario, too, and can be played alone: `with` gives values to its
parameters, as `--set` does. Its mistakes are named by its own lines.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.located import LocatedToml, parse
from lab.core.parameters import build
from lab.scenario.placeholders import TABLE, Given, Setting, filled, settle

Reader: TypeAlias = Callable[[str], str]
"""Return the text of a file that a scenario names; raise InputError if there is none."""

MAX_STEPS = 1000
_HEADING = ("title", "summary", "tags", "world", TABLE, "step")


def nothing_beside(file: str) -> str:
    """Refuse to read anything: for a scenario that came as one text."""
    raise InputError(f"cannot read {file}: the scenario came without other files")


def beside(file: str, other: str) -> str:
    """Return the path of *other*, which *file* names from the folder that it is in itself."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), other))


@dataclass(frozen=True, slots=True)
class Origin:
    """Say where a step stands.

    Attributes:
        document: the file, with its parameters filled in.
        index: of the table among the `[[step]]` tables of that file.
        via: how the file was reached, as the end of a sentence; empty for the scenario itself.
        prefix: what goes before the ids of its steps.
    """

    document: LocatedToml
    index: int
    via: str = ""
    prefix: str = ""

    def mistake(self, what: str, key: str = "") -> InputError:
        """Return a mistake at *key* of the step; dots lead into tables."""
        path = key.split(".") if key else []
        return InputError(what + self.via, self.document.where("step", self.index, *path))


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """Hold one `[[step]]` table that is no include.

    Attributes:
        table: as TOML gives it, with parameters filled in.
        origin: where it stands.
    """

    table: Mapping[str, Any]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold one file with the values of its parameters in its texts.

    Attributes:
        document: the file.
        settings: its parameters.
        mistakes: every one in parameters and their use.
        refused: what is wrong with the values that were given to them.
    """

    document: LocatedToml
    settings: tuple[Setting, ...]
    mistakes: tuple[InputError, ...]
    refused: tuple[InputError, ...]


def opened(text: str, file: str, given: Given) -> Opened:
    """Return the document that *text* holds, with the values of its parameters filled in.

    Raises:
        InputError: it is not TOML.
    """
    document = parse(text, file)
    settled = settle(document, given)
    document, unknown = filled(document, settled.settings)
    return Opened(document, settled.settings, (*settled.mistakes, *unknown), settled.refused)


@dataclass(frozen=True, slots=True)
class _Include:
    include: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """Go through the tables of one file.

    Attributes:
        read: reads the files that are included.
        chain: the files that led here, this one last.
        via: how this file was reached, as the end of a sentence.
        prefix: what goes before the ids of its steps.
    """

    read: Reader
    chain: tuple[str, ...]
    via: str = ""
    prefix: str = ""

    def tables(self, document: LocatedToml) -> Iterator[PlacedTable | InputError]:
        """Iterate over the tables of *document* and of what it includes, and over mistakes."""
        tables = document.data.get("step", [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            what = f"steps are written as [[step]] tables{self.via}"
            yield InputError(what, document.where("step"))
            return
        if not tables:
            yield InputError(f"a scenario needs at least one [[step]]{self.via}", document.where())
        for index, table in enumerate(tables):
            origin = Origin(document, index, self.via, self.prefix)
            if "include" in table:
                yield from self._included(table, origin)
            else:
                yield PlacedTable(table, origin)

    def _included(
        self, table: Mapping[str, Any], origin: Origin
    ) -> Iterator[PlacedTable | InputError]:
        values = table.get("with", {})
        if not isinstance(values, dict):
            yield origin.mistake('with: expected values such as { zone = "example.fr" }', "with")
            return
        own = {key: value for key, value in table.items() if key != "with"}
        include, mistakes = build(_Include, own, "an include")
        yield from (origin.mistake(one.what, one.key) for one in mistakes)
        if include is None:
            return
        file = beside(origin.document.file, include.include)
        if file in self.chain:
            circle = " → ".join((*self.chain[self.chain.index(file) :], file))
            yield origin.mistake(f"files include each other in a circle: {circle}", "include")
            return
        where = origin.document.where("step", origin.index)
        try:
            inner = opened(self.read(file), file, Given(values, "with"))
        except InputError as error:
            if error.where:
                yield InputError(f"{error.what} (included at {where}){self.via}", error.where)
            else:
                yield origin.mistake(error.what, "include")
            return
        deeper = Expansion(
            self.read,
            (*self.chain, file),
            f" (included at {where}){self.via}",
            f"{self.prefix}{include.id}." if include.id else self.prefix,
        )
        yield from (origin.mistake(one.what, "with") for one in inner.refused)
        yield from deeper.contents(inner)

    def contents(self, inner: Opened) -> Iterator[PlacedTable | InputError]:
        """Iterate over what an included file brings, and its mistakes."""
        for one in inner.mistakes:
            yield InputError(one.what + self.via, one.where)
        for key in inner.document.data:
            if key not in _HEADING:
                what = f"a scenario has no parameter {key!r}{self.via}"
                yield InputError(what, inner.document.where(key))
        if "world" in inner.document.data:
            what = f"[world] belongs into the scenario that is played{self.via}"
            yield InputError(what, inner.document.where("world"))
        yield from self.tables(inner.document)
