"""Make changes last: greater serials, and the journal before anybody is told."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from dns.name import Name

from lab.app.journal import Entry, Journal
from lab.nameserver.difference import Difference, difference
from lab.nameserver.zone import Zone
from lab.world.build import World
from lab.world.restore import Memory, restore
from lab.world.serials import changes, surroundings

# When a zone has so many entries, they are joined into one: the file grows with what differs from
# the master file, and not with the number of changes.
ENTRIES_LIMIT = 2000


class Lasting:
    """Remember one lab's changes from run to run.

    Attributes:
        journal: where.
    """

    def __init__(self, path: Path) -> None:
        """Use the journal file *path*.

        Raises:
            StateError: it cannot be used.
        """
        self.journal = Journal(path)
        self._built: Mapping[Name, Zone] = {}
        self._memories: Mapping[Name, Memory] = {}
        self._entries: Counter[Name] = Counter()

    def begin(self, built: World) -> tuple[World, tuple[str, ...]]:
        """Return *built* as earlier runs left it, and remarks for the user; write nothing yet.

        Raises:
            StateError: the journal cannot be read.
        """
        restored = restore(built, self.journal.memories())
        self._built, self._memories = built.sources, restored.memories
        return restored.world, restored.remarks

    def keep(self) -> None:
        """Write down what the lab began with: from now on its serials count.

        Raises:
            StateError: the journal cannot be written.
        """
        known = self.journal.memories()
        self.journal.rewrite(
            {apex: one for apex, one in self._memories.items() if one != known.get(apex)}
        )
        self._entries = Counter({apex: len(one.changes) for apex, one in self._memories.items()})

    def record(self, before: World, after: World) -> tuple[Name, ...]:
        """Write down what *after* has else than *before*, and return the zones that changed.

        Raises:
            StateError: nothing was written.
        """
        changed = changes(before, after)
        if changed:
            self.journal.commit(_entry(after, apex, change) for apex, change in changed.items())
            self._entries.update(changed.keys())
            self._join_entries(after, changed)
        return tuple(changed)

    def _join_entries(self, world: World, changed: Iterable[Name]) -> None:
        full = [apex for apex in changed if self._entries[apex] > ENTRIES_LIMIT]
        if full:
            self.journal.rewrite({apex: self._joined(world, apex) for apex in full})
            self._entries.update(dict.fromkeys(full, -ENTRIES_LIMIT))

    def _joined(self, world: World, apex: Name) -> Memory:
        zone = world.sources[apex]
        change = difference(self._built[apex], zone).apart_from_serial()
        return replace(
            self._memories[apex],
            serial=zone.serial,
            surroundings=surroundings(world, apex),
            transferred=self.journal.is_transferred(apex),
            changes=(change,) if change else (),
        )

    def close(self) -> None:
        """Close the journal."""
        self.journal.close()


def _entry(after: World, apex: Name, change: Difference) -> Entry:
    serial, around = after.sources[apex].serial, surroundings(after, apex)
    return Entry(apex, serial, around, change.apart_from_serial())
