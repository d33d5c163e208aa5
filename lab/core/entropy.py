"""Chance as an argument, so that a workshop can be repeated to the byte."""

from hashlib import shake_256
from typing import Protocol


class Entropy(Protocol):
    """Give unpredictable bytes."""

    def bytes(self, count: int) -> bytes:
        """Return *count* fresh bytes."""
        ...


class SeededEntropy:
    """Give the same bytes for the same seed: for tests and repeatable workshops, never secret."""

    def __init__(self, seed: str) -> None:
        """Start the stream that belongs to *seed*."""
        self._seed = seed
        self._drawn = 0

    def bytes(self, count: int) -> bytes:
        """Return the next *count* bytes of the stream."""
        self._drawn += 1
        return shake_256(f"{self._seed}/{self._drawn}".encode()).digest(count)
