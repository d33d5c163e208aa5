"""Measure contenders side by side: rounds of all of them in turn, and the medians of the rounds.

Whatever else the machine does then slows all contenders alike: ratios hold where figures do not.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

Play: TypeAlias = Callable[[int], Awaitable[None]]
"""Does the same thing so many times."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Hold what is compared.

    Attributes:
        title: what is done, in a line.
        contenders: who does it, by title; the first is what the others are compared with.
        share: which part of a round is enough where doing it once takes long.
    """

    title: str
    contenders: Mapping[str, Play]
    share: int = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold what was measured of one contender.

    Attributes:
        contender: its title.
        per_second: how often it did the thing in a second, the median of the rounds.
        cpu_us: CPU time for each, in microseconds, the median of the rounds.
        ratio: CPU time of the first contender over that of this one: above 1 this one is faster.
    """

    contender: str
    per_second: float
    cpu_us: float
    ratio: float


async def measure(
    benchmark: Benchmark, rounds: int, count: int, progress: Callable[[str], None]
) -> tuple[Figure, ...]:
    """Let each contender do its thing so many times in each of *rounds*, after one to warm up."""
    count = max(1, count // benchmark.share)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in benchmark.contenders}
    for number in range(rounds + 1):
        for name, play in benchmark.contenders.items():
            progress(f"{benchmark.title}: round {number} of {rounds}, {name}")
            wall, cpu = time.perf_counter(), time.process_time()
            await play(count)
            taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    middle = {
        name: tuple(median(one) / count for one in zip(*found[1:], strict=True))
        for name, found in taken.items()
    }
    first = next(iter(middle.values()))[1]
    return tuple(
        Figure(name, 1 / wall, cpu * 1e6, first / cpu) for name, (wall, cpu) in middle.items()
    )
