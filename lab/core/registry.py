"""One table for each open family of things: rules, faults, steps, algorithms."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TypeVar

K = TypeVar("K")
T = TypeVar("T")


class Registry(Mapping[K, T]):
    """Map a key to the one thing that was entered under it, in order of entry."""

    def __init__(self, family: str) -> None:
        """Start an empty table; *family* names its members in error messages."""
        self.family = family
        self._entries: dict[K, T] = {}
        self._modules: tuple[str, ...] = ()
        self._home: Callable[[T], str] = str

    def gather_from(self, modules: tuple[str, ...], home: Callable[[T], str]) -> None:
        """Import *modules* before anybody looks at the table: members are defined there.

        The order of entry is then theirs, whichever was imported before.

        Args:
            modules: their names.
            home: returns in which of them an entry is defined.
        """
        self._modules, self._home = modules, home

    @property
    def _complete(self) -> dict[K, T]:
        if self._modules:
            modules, self._modules = self._modules, ()
            for one in modules:
                import_module(one)
            order = {name: place for place, name in enumerate(modules)}
            elsewhere = len(order)
            self._entries = dict(
                sorted(
                    self._entries.items(),
                    key=lambda item: order.get(self._home(item[1]), elsewhere),
                )
            )
        return self._entries

    def add(self, key: K, entry: T) -> T:
        """Enter *entry* and return it; a key is entered once, where its thing is defined."""
        assert key not in self._entries, f"{self.family} {key!r} is defined twice"
        self._entries[key] = entry
        return entry

    def __getitem__(self, key: K) -> T:
        """Return the entry of *key*, or raise KeyError."""
        return self._complete[key]

    def __iter__(self) -> Iterator[K]:
        """Iterate over the keys in order of entry."""
        return iter(self._complete)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._complete)
