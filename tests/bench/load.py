"""Ask a server as fast as it answers, by dnsperf, and read what came of it."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import CLIENTS, Running, pinned

PROGRAM = "dnsperf"
PACKAGE = "dnsperf"
_COUNTED = re.compile(r"Queries (sent|completed|lost): +(\d+)")
_SECONDS = re.compile(r"(Run time|Average Latency) \(s\): +([\d.]+)")
_RCODES = re.compile(r"([A-Z]+) (\d+) \([\d.]+%\)")
# dnsperf waits this long for an answer before it counts it as lost.
_PATIENCE_S = 5


@dataclass(frozen=True, slots=True)
class Load:
    """Say how to ask.

    Attributes:
        questions: the file.
        seconds: for how long.
        outstanding: how many questions are on the way at a time.
        once: end with the file, instead of reading it again.
        rate: how many in a second at most; None for as many as it answers.
    """

    questions: Path
    seconds: float
    outstanding: int = 100
    once: bool = False
    rate: float | None = None

    def command(self, port: int) -> list[str]:
        """Return the command that asks the server at *port* of 127.0.0.1."""
        clients = min(4, self.outstanding)
        return pinned(
            [
                *(PROGRAM, "-s", "127.0.0.1", "-p", str(port), "-d", str(self.questions)),
                *("-l", f"{self.seconds:g}", "-q", str(self.outstanding), "-c", str(clients)),
                *("-D", "-t", str(_PATIENCE_S)),
                *(("-n", "1") if self.once else ()),
                *(("-Q", f"{self.rate:.0f}") if self.rate else ()),
            ],
            CLIENTS,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what dnsperf counted, and what it cost the server.

    Attributes:
        completed: how many answers.
        lost: how many questions without.
        rcodes: how many answers of each.
        seconds: how long it took.
        latency_ms: of an answer, on average.
        cpu_s: CPU time of the server.
    """

    completed: int
    lost: int
    rcodes: Mapping[str, int]
    seconds: float
    latency_ms: float
    cpu_s: float

    @property
    def cpu_us(self) -> float:
        """Return the CPU time for each answer, in microseconds."""
        return self.cpu_s / self.completed * 1e6 if self.completed else float("inf")

    @property
    def per_second(self) -> float:
        """Return how many answers in a second."""
        return self.completed / self.seconds


def read(said: str, cpu_s: float) -> Outcome:
    """Read the statistics that dnsperf prints.

    Raises:
        ValueError: it printed none.
    """
    counts = {what: int(count) for what, count in _COUNTED.findall(said)}
    seconds = {what: float(value) for what, value in _SECONDS.findall(said)}
    if not counts or "Run time" not in seconds:
        raise ValueError(f"dnsperf printed no statistics, but: {said[-500:]}")
    return Outcome(
        counts["completed"],
        counts["lost"],
        {rcode: int(count) for rcode, count in _RCODES.findall(said)},
        seconds["Run time"],
        seconds.get("Average Latency", 0.0) * 1000,
        cpu_s,
    )


def put(load: Load, server: Running, port: int) -> Outcome:
    """Ask *server*, and return what came of it."""
    before = server.cpu_s()
    done = subprocess.run(load.command(port), capture_output=True, text=True, check=True)
    return read(done.stdout, server.cpu_s() - before)
