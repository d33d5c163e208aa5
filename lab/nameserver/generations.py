"""Keep what is used again and again, whatever else passes by; never more than so many things."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Generations(Generic[K, V]):
    """Keep things in two halves; when the young one is full, it becomes the old one.

    What was not asked for as long as a whole half filled up is forgotten, and that costs nothing
    while it is kept: no order has to be mended at every use, as a list of the last ones would need.

    Attributes:
        young: the half that is filled; to look here first saves a call.
    """

    __slots__ = ("_half", "_old", "young")

    def __init__(self, capacity: int) -> None:
        """Start empty, for at most *capacity* things."""
        self._half = max(1, capacity // 2)
        self.young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return what is kept under *key*, which is young from then on; None if there is none."""
        kept = self.young.get(key)
        if kept is None:
            kept = self._old.get(key)
            if kept is not None:
                self.put(key, kept)
        return kept

    def put(self, key: K, value: V) -> None:
        """Keep *value* under *key*, in place of what was there."""
        if len(self.young) >= self._half and key not in self.young:
            self._old, self.young = self.young, {}
        self.young[key] = value

    def __len__(self) -> int:
        """Return how many things are kept, those counted twice that are in both halves."""
        return len(self.young) + len(self._old)
