"""What was measured: by who, by what."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TypeAlias

Figures: TypeAlias = dict[str, dict[str, float]]
"""Who, what, and how much of it."""

Progress: TypeAlias = Callable[[str], None]
"""Tells in a line what is going on."""


@dataclass(frozen=True)
class Findings:
    """Hold all that was found.

    Attributes:
        figures: what was measured.
        skipped: who was not, and why.
    """

    figures: Figures = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def add(self, other: "Findings") -> None:
        """Take over what *other* holds."""
        for who, found in other.figures.items():
            put(self.figures, who, found)
        self.skipped.update(other.skipped)

    def value(self, who: str, what: str) -> float | None:
        """Return one figure; None if it was not measured."""
        return self.figures.get(who, {}).get(what)


def put(figures: Figures, who: str, found: Mapping[str, float]) -> None:
    """Add what was *found* of one."""
    figures.setdefault(who, {}).update(found)


def medians(rounds: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each figure over all rounds that have it."""
    held: dict[str, list[float]] = {}
    for one in rounds:
        for what, value in one.items():
            held.setdefault(what, []).append(value)
    return {what: median(values) for what, values in held.items()}
