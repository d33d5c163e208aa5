"""Measure every server: its start, what an answer costs, how long it takes, and what is kept.

All are started on one core and wait there while one of them is asked: they take turns in each
round, so that whatever else the machine does slows all alike.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import questions
from tests.bench.figures import Figures, Findings, Progress, medians
from tests.bench.load import PACKAGE, PROGRAM, Load, put
from tests.bench.peer import Peer, Place, which
from tests.bench.peers import LAB, PDNS
from tests.bench.processes import free_port
from tests.bench.sampling import sample
from tests.bench.starting import Server, started

# Nobody answers more from one core here; a file that is read again would ask for names twice.
_MOST_PER_SECOND = 160_000
_FIRST_S = 60
CROWDED: Sequence[Peer] = (LAB, PDNS)
"""Whose memory is looked at when asked for many names that are not there (goal G12)."""


@dataclass(frozen=True, slots=True)
class Effort:
    """Say how much is measured.

    Attributes:
        rounds: how often each server has its turn.
        seconds: how long each turn is, for each kind of question.
        names: how many names that are not there are asked for to fill caches.
        crowd_s: for how long at most.
    """

    rounds: int
    seconds: float
    names: int
    crowd_s: float


def measure(peers: Sequence[Peer], effort: Effort, progress: Progress) -> Findings:
    """Return the figures of all servers that can be run here, and why others cannot.

    Raises:
        RuntimeError: there is nobody to ask them.
    """
    if not which(PROGRAM):
        raise RuntimeError(f"{PROGRAM} is not installed (Debian package {PACKAGE})")
    with TemporaryDirectory() as folder, ExitStack() as stack:
        base, skipped = Path(folder), dict[str, str]()
        zone = base / "bench.zone"
        zone.write_text(questions.zone())
        servers = []
        for number, peer in enumerate(peers):
            progress(f"starting {peer.title}")
            place = Place(base / str(number), zone, free_port())
            try:
                servers.append(stack.enter_context(started(peer, place, effort.rounds)))
            except RuntimeError as error:
                skipped[peer.title] = str(error)
        # Told at once, they all end while the first one is waited for.
        stack.callback(_end, servers)
        turns = _turns(servers, base, effort, progress)
        found = {one.peer.title: one.start | turns[one.peer.title] for one in servers}
        for one in servers:
            progress(f"{one.peer.title}, one question at a time")
            found[one.peer.title] |= _latencies(one, base, effort.seconds / 2)
            found[one.peer.title]["MiB after"] = one.running.memory_mib()
            found[one.peer.title] |= _judged(one)
        for one in servers:
            if one.peer in CROWDED:
                progress(f"{one.peer.title}, {effort.names} names that are not there")
                found[one.peer.title] |= _crowd(one, base, effort)
        return Findings(found, skipped)


def _end(servers: Sequence[Server]) -> None:
    for one in servers:
        one.running.process.terminate()


def _turns(servers: Sequence[Server], base: Path, effort: Effort, progress: Progress) -> Figures:
    """Ask everything once, and then let servers take turns.

    Nothing of `mix` and `nx` that is not there is asked for in two rounds.
    """
    most = int(_MOST_PER_SECOND * effort.seconds)
    files = {"hot": questions.write(questions.hot(), 100, base / "hot")}
    every = Load(questions.write(questions.first(), most, base / "first"), _FIRST_S, once=True)
    firsts = {}
    for one in servers:
        progress(f"everything once, {one.peer.title}")
        firsts[one.peer.title] = {"first us": put(every, one.running, one.port).cpu_us}
    held: dict[str, list[dict[str, float]]] = {one.peer.title: [] for one in servers}
    for number in range(effort.rounds):
        files["mix"] = questions.write(questions.mix(number), most, base / "mix")
        files["nx"] = questions.write(questions.absent(~number), most, base / "nx")
        for one in servers:
            progress(f"round {number + 1} of {effort.rounds}, {one.peer.title}")
            held[one.peer.title].append(_turn(one, files, effort.seconds))
    return {
        who: firsts[who] | medians(rounds) | {"lost": sum(one["lost"] for one in rounds)}
        for who, rounds in held.items()
    }


def _turn(one: Server, files: dict[str, Path], seconds: float) -> dict[str, float]:
    found: dict[str, float] = {"lost": 0}
    for kind, file in files.items():
        outcome = put(Load(file, seconds), one.running, one.port)
        found[f"{kind} us"] = outcome.cpu_us
        found[f"{kind} per second"] = outcome.per_second
        found["lost"] += outcome.lost
    return found


def _latencies(one: Server, base: Path, seconds: float) -> dict[str, float]:
    """Return how long one answer takes when nothing else is asked."""
    return {
        f"{kind} ms": put(
            Load(base / kind, seconds, outstanding=1), one.running, one.port
        ).latency_ms
        for kind in ("hot", "nx")
    }


def _judged(one: Server) -> dict[str, float]:
    judged = sample(one.port, one.peer.absent, seed=one.port)
    return {
        "RRSIGs": judged.positive,
        "RRSIGs nx": judged.negative,
        "wrong": len(judged.wrong),
    }


def _crowd(one: Server, base: Path, effort: Effort) -> dict[str, float]:
    """Ask for so many names that are not there, and see what is kept of them."""
    before = one.running.memory_mib()
    file = questions.write(questions.absent(10**9), effort.names, base / "crowd")
    outcome = put(Load(file, effort.crowd_s, once=True), one.running, one.port)
    after = one.running.memory_mib()
    return {
        "crowd": outcome.completed,
        "MiB after crowd": after,
        "MiB of crowd": after - before,
    }
