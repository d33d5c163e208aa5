"""Ask for long, while the zone changes: `python -m tests.bench.soak --minutes 10`.

The load is 80% of what the server can while the zone changes, which is found before. Nothing may be
lost, every answer of a sample has to validate, memory must not grow without end: exit code 1 says
that it was not so.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import questions
from tests.bench.disturbing import Disturber
from tests.bench.load import PACKAGE, PROGRAM, Load, Outcome, put, read
from tests.bench.peer import which
from tests.bench.processes import SERVERS, Running, free_port, running
from tests.bench.sampling import first_answer
from tests.bench.watching import Clock, Watcher

SHARE = 0.8
_LIMIT_S = 20
_FIRST_S = 60
_GROWTH = 1.5
_HIERARCHY = f"""\
[defaults]
transfer = {{ addresses = ["127.0.0.1"] }}
update = {{ addresses = ["127.0.0.1"] }}

[zone."."]
file = "root.zone"
nameservers = {{ "ns.root." = "127.77.0.1" }}

[zone."{questions.APEX}"]
file = "bench.zone"
nameservers = {{ "ns.{questions.APEX}" = "127.0.0.1" }}
"""
_ROOT = f"""\
@ 3600 SOA ns.root. h. 1 7200 3600 1209600 300
@ 3600 NS ns.root.
ns.root. 3600 A 127.77.0.1
{questions.APEX} 3600 NS ns.{questions.APEX}
ns.{questions.APEX} 3600 A 127.0.0.1
"""


@dataclass(frozen=True)
class Soaked:
    """Hold what came of it.

    Attributes:
        limit: how many answers a second it can give meanwhile.
        rate: how many it was asked for.
        answers: how many it gave.
        lost: how many it did not.
        judged: how many were judged one by one.
        wrong: what was wrong with these, or with what else was done.
        p99_ms: what 99 of 100 of them took at most.
        done: how often the zone was changed, in which ways.
        memory_mib: of the server, now and then from begin to end.
    """

    limit: float
    rate: float
    answers: int
    lost: int
    judged: int
    wrong: Sequence[str]
    p99_ms: float
    done: dict[str, int]
    memory_mib: Sequence[float]

    @property
    def flat(self) -> bool:
        """Return whether the last third took hardly more memory than the middle one."""
        third = max(1, len(self.memory_mib) // 3)
        return max(self.memory_mib[-third:]) <= _GROWTH * max(self.memory_mib[:-third] or [0])

    @property
    def good(self) -> bool:
        """Return whether nothing was lost or wrong, and memory is flat."""
        return not self.lost and not self.wrong and self.flat


def soak(seconds: float) -> Soaked:
    """Do it, for so long."""
    with TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        with running(_command(folder, port), SERVERS, folder / "log") as server:
            first_answer(port, (1, 2))
            every = questions.write(questions.first(), 4 * questions.HOSTS, folder / "first")
            put(Load(every, _FIRST_S, once=True), server, port)
            mix = questions.write(questions.mix(0), 500_000, folder / "mix")
            return _soaked(folder, port, server, mix, seconds)


def _command(folder: Path, port: int) -> list[str]:
    zones = folder / "zones"
    zones.mkdir()
    (zones / "hierarchy.toml").write_text(_HIERARCHY)
    (zones / "root.zone").write_text(_ROOT)
    (zones / "bench.zone").write_text(questions.zone())
    return [
        *(sys.executable, "-m", "lab", "up", "--quiet", "--json", "--zones", str(zones)),
        *("--state", str(folder / "state"), "--port", str(port)),
        *("--tls-port", "0", "--dot-port", "0", "--gateway-port", "0"),
    ]


def _soaked(folder: Path, port: int, server: Running, mix: Path, seconds: float) -> Soaked:
    clock, memory = Clock(), [server.memory_mib()]
    disturber, watcher = Disturber(port, folder / "state", clock), Watcher(port, clock)
    turns, began = disturber.turns(), time.monotonic()

    def note() -> None:
        memory.append(server.memory_mib())
        done, passed = disturber.done.total(), time.monotonic() - began
        _progress(f"{passed:.0f} s, {done} changes, {memory[-1]:.0f} MiB")

    with watcher:
        limit = _asked(Load(mix, _LIMIT_S), port, turns, note).per_second
        load = Load(mix, seconds, rate=SHARE * limit)
        outcome = _asked(load, port, turns, note)
    return Soaked(
        limit=limit,
        rate=load.rate or 0,
        answers=outcome.completed,
        lost=outcome.lost,
        judged=len(watcher.took),
        wrong=[*watcher.wrong, *disturber.wrong],
        p99_ms=watcher.p99_ms(),
        done=dict(disturber.done),
        memory_mib=memory,
    )


def _asked(load: Load, port: int, turns: Iterator[None], note: Callable[[], None]) -> Outcome:
    """Return what came of *load*, with one turn of changes after the other until it ends."""
    asking = subprocess.Popen(
        load.command(port), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        while asking.poll() is None:
            next(turns)
            note()
        return read(asking.communicate()[0], cpu_s=0)
    finally:
        asking.terminate()


def _progress(line: str) -> None:
    sys.stderr.write(f"\r\033[K{line}" if sys.stderr.isatty() else f"{line}\n")


def told(found: Soaked) -> str:
    """Return it in some lines."""
    memory = found.memory_mib
    changes = ", ".join(f"{count} {what}" for what, count in found.done.items())
    return "\n".join(
        (
            f"limit: {found.limit:,.0f} answers a second; asked for {found.rate:,.0f}",
            f"answers: {found.answers:,}; lost: {found.lost}",
            f"meanwhile: {changes}",
            f"judged: {found.judged:,}; wrong: {len(found.wrong)}; p99: {found.p99_ms:.1f} ms",
            (
                f"memory: {memory[0]:.0f} MiB at the start, {memory[-1]:.0f} at the end, "
                f"{max(memory):.0f} at most: {'flat' if found.flat else 'GROWING'}"
            ),
            *(f"wrong: {one}" for one in found.wrong[:20]),
        )
    )


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    chosen = parser.parse_args()
    if not which(PROGRAM):
        parser.error(f"{PROGRAM} is not installed (Debian package {PACKAGE})")
    try:
        found = soak(chosen.minutes * 60)
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    _progress("")
    as_json = json.dumps({**asdict(found), "good": found.good}, indent=2)
    sys.stdout.write((as_json if chosen.json else told(found)) + "\n")
    sys.exit(0 if found.good else 1)


if __name__ == "__main__":
    main()
