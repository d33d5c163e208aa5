"""Measure contenders side by side: rounds of all of them in turn, and the medians of the rounds.

Whatever else the machine does then slows all contenders alike: ratios hold where figures do not.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

from tests.bench.figures import Figures, Progress, put

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


def per_second(title: str) -> str:
    """Return what is measured: how often a contender does it in a second."""
    return f"{title}: per second"


def cpu_us(title: str) -> str:
    """Return what is measured: its CPU time, in microseconds."""
    return f"{title}: CPU us"


async def measure_all(
    benchmarks: Iterable[Benchmark], rounds: int, count: int, progress: Progress
) -> Figures:
    """Measure all of them, one after the other."""
    found: Figures = {}
    for one in benchmarks:
        for who, figures in (await measure(one, rounds, count, progress)).items():
            put(found, who, figures)
    return found


async def measure(benchmark: Benchmark, rounds: int, count: int, progress: Progress) -> Figures:
    """Let each contender do its thing so many times in each of *rounds*, after one to warm up."""
    count = max(1, count // benchmark.share)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in benchmark.contenders}
    for number in range(rounds + 1):
        for name, play in benchmark.contenders.items():
            progress(f"{benchmark.title}: round {number} of {rounds}, {name}")
            wall, cpu = time.perf_counter(), time.process_time()
            await play(count)
            taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    found: Figures = {}
    for name, rounds_taken in taken.items():
        wall, cpu = (median(one) / count for one in zip(*rounds_taken[1:], strict=True))
        found[name] = {per_second(benchmark.title): 1 / wall, cpu_us(benchmark.title): cpu * 1e6}
    return found
