"""The journal file: what was changed while the lab ran, safe on disk before anybody is told.

SQLite keeps it (write-ahead log, `synchronous=FULL`): one transaction is one change, whichever
zones it touches, and either all of it is there after a crash or nothing.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dns.name
from dns.name import Name

from lab.app.state import StateError
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.nameserver.difference import Difference
from lab.nameserver.journal import pull_difference, push_difference
from lab.world.restore import Memory, Origin

JOURNAL = "journal.sqlite"
SCHEMA = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS zone (
    apex TEXT PRIMARY KEY, serial INTEGER NOT NULL, file BLOB NOT NULL, generated BLOB NOT NULL,
    surroundings BLOB NOT NULL, transferred INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS change (
    id INTEGER PRIMARY KEY, apex TEXT NOT NULL, serial INTEGER NOT NULL, octets BLOB NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """Say what one change made of one zone.

    Attributes:
        apex: of the zone.
        serial: that it has now.
        surroundings: of the zone now; see `world.serials`.
        change: of its records, without the serial; empty if only keys or DS changed.
    """

    apex: Name
    serial: int
    surroundings: bytes
    change: Difference


class Journal:
    """Read and write one journal file, which belongs to this process alone."""

    def __init__(self, path: Path) -> None:
        """Open the file *path*, or make it with mode 0600.

        Raises:
            StateError: it cannot be used.
        """
        self._path = path
        self._transferred: set[Name] = set()
        with self._trouble("open"):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._file = sqlite3.connect(path, isolation_level=None)
            # Nobody else may read it while the lab runs: no file of shared memory is needed.
            self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=FULL")
            (found,) = self._file.execute("PRAGMA user_version").fetchone()
            if found not in {0, SCHEMA}:
                raise StateError(f"{path} was written by another version of the lab")
            self._file.executescript(f"{_TABLES}PRAGMA user_version={SCHEMA};")

    def memories(self) -> dict[Name, Memory]:
        """Return what earlier runs left, by apex.

        Raises:
            StateError: the file is damaged.
        """
        with self._trouble("read"):
            changes: dict[str, list[Difference]] = {}
            for apex, octets in self._file.execute("SELECT apex, octets FROM change ORDER BY id"):
                changes.setdefault(apex, []).append(pull_difference(octets))
            return {
                dns.name.from_text(apex): Memory(
                    serial,
                    Origin(file, generated),
                    surroundings,
                    bool(transferred),
                    tuple(changes.get(apex, ())),
                )
                for apex, serial, file, generated, surroundings, transferred in self._file.execute(
                    "SELECT apex, serial, file, generated, surroundings, transferred FROM zone"
                )
            }

    def rewrite(self, memories: Mapping[Name, Memory]) -> None:
        """Put *memories* in the place of what is known of their zones.

        Raises:
            StateError: nothing was written.
        """
        with self._transaction() as file:
            for apex, memory in memories.items():
                name = _key(apex)
                file.execute("DELETE FROM change WHERE apex = ?", (name,))
                file.execute(
                    "INSERT OR REPLACE INTO zone VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        name,
                        memory.serial,
                        memory.origin.file,
                        memory.origin.generated,
                        memory.surroundings,
                        memory.transferred,
                    ),
                )
                for change in memory.changes:
                    self._add(name, memory.serial, change)

    def commit(self, entries: Iterable[Entry]) -> None:
        """Write one change, and return when it is on disk.

        Raises:
            StateError: nothing was written.
        """
        with self._transaction() as file:
            for entry in entries:
                name = _key(entry.apex)
                file.execute(
                    "UPDATE zone SET serial = ?, surroundings = ? WHERE apex = ?",
                    (entry.serial, entry.surroundings, name),
                )
                if entry.change:
                    self._add(name, entry.serial, entry.change)

    def _add(self, apex: str, serial: int, change: Difference) -> None:
        self._file.execute(
            "INSERT INTO change (apex, serial, octets) VALUES (?, ?, ?)",
            (apex, serial, push_difference(change)),
        )

    def mark_transferred(self, apex: Name) -> None:
        """Note that a secondary may hold zone *apex* now: its next run has a greater serial.

        Signatures are made anew in each run, so the same serial would be another content.

        Raises:
            StateError: it could not be written.
        """
        if apex in self._transferred:
            return
        with self._transaction() as file:
            file.execute("UPDATE zone SET transferred = 1 WHERE apex = ?", (_key(apex),))
        self._transferred.add(apex)

    def is_transferred(self, apex: Name) -> bool:
        """Tell whether zone *apex* was marked in this run."""
        return apex in self._transferred

    def close(self) -> None:
        """Close the file; harmless if it is closed."""
        self._file.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._trouble("write"):
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield self._file
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    self._file.execute("ROLLBACK")
                raise

    @contextmanager
    def _trouble(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, InputError) as error:
            raise StateError(
                f"cannot {verb} the journal {self._path}: {error}; `lab reset` removes it"
            ) from error


def _key(apex: Name) -> str:
    return str(apex).lower()
