"""What LoRaWAN roles and devices keep from run to run: sessions, counters, readings.

One table of JSON values in `lorawan.sqlite` (write-ahead log, `synchronous=FULL`): what was kept is
on disk before any frame or answer that relies on it leaves. A counter that a crash could turn back
would let a frame be replayed. What parties keep in one turn of the reactor goes there together:
most of the time of a write is that of the disk, however much is written.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred

from lab.app.state import StateError
from lab.core.values import from_value, to_value

LORAWAN_FILE = "lorawan.sqlite"

_TABLE = """
CREATE TABLE IF NOT EXISTS kept (
    shelf TEXT NOT NULL, key TEXT NOT NULL, also TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (shelf, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kept_also ON kept (shelf, also);
"""

_ALL = "SELECT key, value FROM kept WHERE shelf = ? ORDER BY key"
_ONE = "SELECT key, value FROM kept WHERE shelf = ? AND key = ?"
_SHARING = "SELECT key, value FROM kept WHERE shelf = ? AND also = ? ORDER BY key"

T = TypeVar("T")


class Memory:
    """Read and write the file."""

    def __init__(
        self, path: Path, later: Callable[[Callable[[], None]], object] | None = None
    ) -> None:
        """Open the file *path*, or make it with mode 0600.

        Args:
            path: of the file.
            later: calls what it is given in another turn of the reactor; None: nothing is put off.

        Raises:
            StateError: it cannot be used.
        """
        self._path, self._later = path, later
        self._waiting: list[Deferred[None]] = []
        self._lost: StateError | None = None
        self._ends = False
        with self.trouble("open"):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self.file = sqlite3.connect(path, isolation_level=None)
            self.file.execute("PRAGMA journal_mode=WAL")
            self.file.execute("PRAGMA synchronous=FULL")
            self.file.executescript(_TABLE)

    def shelf(self, name: str, kind: type[T]) -> "Shelf[T]":
        """Return the shelf *name*, on which values of one *kind* stand."""
        return Shelf(self, name, kind)

    def commit(self) -> None:
        """Bring to disk what was written until now.

        Raises:
            StateError: it could not be done; nothing of it is kept.
        """
        try:
            with self.trouble("use"):
                self.file.commit()
        except StateError as error:
            self._lost = error
            self.file.rollback()
            raise

    def begin(self) -> None:
        """Let what is written from now on go to disk together, at the end of the turn."""
        if not self.file.in_transaction:
            with self.trouble("use"):
                self.file.execute("BEGIN")
        if not self._ends and self._later is not None:
            self._later(self._end)
        self._ends = True

    def on_disk(self) -> "Deferred[None]":
        """Return what fires when all that was written until now is on disk."""
        kept: Deferred[None] = Deferred()
        self._waiting.append(kept)
        if self._later is None:
            self._end()
        return kept

    def _end(self) -> None:
        """End a turn, unless it was ended before."""
        if not self._ends:
            return
        self._ends = False
        with suppress(StateError):
            self.commit()
        waiting, self._waiting = self._waiting, []
        lost, self._lost = self._lost, None
        for one in waiting:
            if lost is None:
                one.callback(None)
            else:
                one.errback(lost)

    def forget(self, first: object, last: object) -> None:
        """Forget, on every shelf, what stands under keys from *first* to *last*, of one length."""
        first, last = str(first), str(last)
        with self.trouble("use"):
            self.file.execute(
                "DELETE FROM kept WHERE key BETWEEN ? AND ? AND length(key) = ?",
                (first, last, len(first)),
            )

    def close(self) -> None:
        """Close the file, with all that was written."""
        self._end()
        self.file.close()

    @contextmanager
    def trouble(self, doing: str) -> Iterator[None]:
        """Turn what the system says into one sentence."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StateError(f"cannot {doing} {self._path}: {error}") from error


class Shelf(Generic[T]):
    """Keep frozen values of one kind, by a key and perhaps by something else that they share."""

    def __init__(self, memory: Memory, name: str, kind: type[T]) -> None:
        """Stand in *memory* under *name*."""
        self._memory, self._name, self._kind = memory, name, kind

    def put(self, key: object, value: T, also: object = "") -> None:
        """Keep *value*; it is on disk when this returns."""
        self._write(key, value, also)
        self._memory.commit()

    def keep(self, key: object, value: T, also: object = "") -> "Deferred[None]":
        """Keep *value*: it is there at once, and on disk when what is returned fires."""
        self._memory.begin()
        self._write(key, value, also)
        return self._memory.on_disk()

    def _write(self, key: object, value: T, also: object) -> None:
        text = json.dumps(to_value(value), separators=(",", ":"))
        self._do(
            "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)",
            (self._name, str(key), str(also), text),
        )

    def get(self, key: object) -> T | None:
        """Return what is kept under *key*."""
        found = self._read(_ONE, str(key))
        return found[0] if found else None

    def sharing(self, also: object) -> tuple[T, ...]:
        """Return everything that was put with *also*."""
        return self._read(_SHARING, str(also))

    def all(self) -> tuple[T, ...]:
        """Return everything, by key."""
        return self._read(_ALL)

    def drop(self, key: object) -> None:
        """Keep what is under *key* no longer."""
        self._do("DELETE FROM kept WHERE shelf = ? AND key = ?", (self._name, str(key)))
        self._memory.commit()

    def _read(self, query: str, *given: str) -> tuple[T, ...]:
        rows = self._do(query, (self._name, *given))
        return tuple(
            from_value(self._kind, json.loads(text), f"{self._name} {key}") for key, text in rows
        )

    def _do(self, statement: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
        with self._memory.trouble("use"):
            return self._memory.file.execute(statement, values).fetchall()
