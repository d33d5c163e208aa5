"""Start servers, and time how long it takes until they answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.peer import Peer, Place
from tests.bench.processes import SERVERS, Running, running
from tests.bench.sampling import first_answer


@dataclass(frozen=True)
class Server:
    """Hold a server that runs.

    Attributes:
        peer: how it is run.
        port: where.
        running: its process.
        start: how long its start took, and what memory it took.
    """

    peer: Peer
    port: int
    running: Running
    start: dict[str, float]


@contextmanager
def started(peer: Peer, place: Place, restarts: int) -> Iterator[Server]:
    """Start a server for the first time, and again, the last time to stay.

    Raises:
        RuntimeError: it cannot be run here, or gave no signed answer in time.
    """
    if reason := peer.missing():
        raise RuntimeError(reason)
    place.folder.mkdir()
    command, log = peer.prepared(place), place.folder / "log"
    took = []
    for _ in range(restarts):
        with running(command, SERVERS, log):
            took.append(_first(peer, place.port, log))
    with running(command, SERVERS, log) as process:
        took.append(_first(peer, place.port, log))
        first, *again = took
        start = {
            "first start ms": first,
            "start ms": median(again or took),
            "start CPU ms": process.cpu_s() * 1000,
            "MiB at start": process.memory_mib(),
        }
        yield Server(peer, place.port, process, start)


def _first(peer: Peer, port: int, log: Path) -> float:
    """Return after how many milliseconds the first answer came; denials may come later."""
    began = time.perf_counter()
    try:
        return (first_answer(port, peer.signed) - began) * 1000
    except TimeoutError as error:
        said = log.read_text(errors="replace").strip().splitlines()[-3:]
        raise RuntimeError(f"{error}; it said: {' '.join(said)}") from error
