"""One table for each open family of things: rules, faults, steps, algorithms."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
T = TypeVar("T")


class Registry(Mapping[K, T]):
    """Map a key to the one thing that was entered under it, in order of entry."""

    def __init__(self, family: str) -> None:
        """Start an empty table; *family* names its members in error messages."""
        self.family = family
        self._entries: dict[K, T] = {}

    def add(self, key: K, entry: T) -> T:
        """Enter *entry* and return it; a key is entered once, where its thing is defined."""
        assert key not in self._entries, f"{self.family} {key!r} is defined twice"
        self._entries[key] = entry
        return entry

    def __getitem__(self, key: K) -> T:
        """Return the entry of *key*, or raise KeyError."""
        return self._entries[key]

    def __iter__(self) -> Iterator[K]:
        """Iterate over the keys in order of entry."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._entries)
