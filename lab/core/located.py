"""TOML that remembers its lines, so that a mistake in a file can be named as `file:line`.

The standard library reads TOML but keeps no positions. This finds the line of every table header
and key; values stay tomllib's.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from lab.core.errors import InputError
from lab.core.frozen import dataclass

Path: TypeAlias = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*\[(\[)?(?P<path>.+?)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*(?P<key>("[^"]*"|'[^']*'|[\w.-]|\s(?=[.\w"'=]))+?)\s*=""")
_AT = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")

# One piece of a document: what may hide a line break, a bracket or a quote from the reader.
_PIECE = re.compile(
    r'''
      """(?:[^\\]|\\.)*?"{3,5}     # text over several lines, with escapes
    | \'\'\'.*?\'{3,5}             # the same without escapes
    | "(?:[^"\\\n]|\\.)*"          # text on one line
    | '[^'\n]*'
    | \#[^\n]*                     # a comment
    | [\[\]{}]
    | \n
    ''',
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class LocatedToml:
    """Hold a TOML document and where its parts stand.

    Attributes:
        data: as tomllib returns it.
        file: its name, for messages.
        lines: path of a table or key to its line, counted from 1; tables in arrays by index.
    """

    data: dict[str, Any]
    file: str
    lines: dict[Path, int]

    def where(self, *path: str | int) -> str:
        """Return `file:line` of *path*, or of the closest known part above it."""
        for length in range(len(path), 0, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return f"{self.file}:{line}"
        return f"{self.file}:1"


def parse(text: str, file: str) -> LocatedToml:
    """Return the document that *text* holds.

    Raises:
        InputError: it is not TOML; names *file* and the line.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line = found["line"] if found and found["line"] else str(text.count("\n") + 1)
        what = _AT.sub("", str(error))
        raise InputError(f"this is not valid TOML: {what}", f"{file}:{line}") from error
    return LocatedToml(data, file, dict(_positions(text)))


def _positions(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    seen: dict[Path, int] = {}
    for number, line in _statements(text):
        if header := _HEADER.match(line):
            keys = tuple(_keys(header["path"]))
            if header[1]:
                array = (*_latest(keys[:-1], seen), *keys[-1:])
                seen[array] = seen.get(array, -1) + 1
            table = _latest(keys, seen)
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, *_keys(key["key"])), number


def _latest(keys: Iterable[str], seen: Mapping[Path, int]) -> Path:
    """Return the path of *keys*; a header below an array of tables means its latest table."""
    path: Path = ()
    for key in keys:
        path = (*path, key)
        if path in seen:
            path = (*path, seen[path])
    return path


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Iterate over the numbered lines that start a statement, not inside a text or an array."""
    lines = text.split("\n")
    yield 1, lines[0]
    number, depth = 1, 0
    for piece in _PIECE.finditer(text):
        passed = piece[0]
        if passed == "\n" and depth == 0:
            yield number + 1, lines[number]
        number += passed.count("\n")
        depth += (passed in "[{") - (passed in "]}")


def _keys(dotted: str) -> Iterator[str]:
    """Iterate over the parts of a dotted, perhaps quoted, key."""
    try:
        node: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return
    while isinstance(node, dict):
        name, node = next(iter(node.items()))
        yield name
