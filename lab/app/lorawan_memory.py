"""What LoRaWAN roles and devices keep from run to run: sessions, counters, readings.

One table of JSON values in `lorawan.sqlite` (write-ahead log, `synchronous=FULL`): what was kept is
on disk when the call returns, before any frame or answer that relies on it leaves. A counter that a
crash could turn back would let a frame be replayed.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

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

    def __init__(self, path: Path) -> None:
        """Open the file *path*, or make it with mode 0600.

        Raises:
            StateError: it cannot be used.
        """
        self._path = path
        with self.trouble("open"):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self.file = sqlite3.connect(path, isolation_level=None)
            self.file.execute("PRAGMA journal_mode=WAL")
            self.file.execute("PRAGMA synchronous=FULL")
            self.file.executescript(_TABLE)

    def shelf(self, name: str, kind: type[T]) -> "Shelf[T]":
        """Return the shelf *name*, on which values of one *kind* stand."""
        return Shelf(self, name, kind)

    def forget(self, first: object, last: object) -> None:
        """Forget, on every shelf, what stands under keys from *first* to *last*, of one length."""
        first, last = str(first), str(last)
        with self.trouble("use"):
            self.file.execute(
                "DELETE FROM kept WHERE key BETWEEN ? AND ? AND length(key) = ?",
                (first, last, len(first)),
            )

    def close(self) -> None:
        """Close the file."""
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

    def _read(self, query: str, *given: str) -> tuple[T, ...]:
        rows = self._do(query, (self._name, *given))
        return tuple(
            from_value(self._kind, json.loads(text), f"{self._name} {key}") for key, text in rows
        )

    def _do(self, statement: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
        with self._memory.trouble("use"):
            return self._memory.file.execute(statement, values).fetchall()
