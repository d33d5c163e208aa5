"""Time programs as their users wait for them: from Enter to the end, or until they are ready."""

import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.chain import Chain, host
from tests.bench.figures import Findings, Progress, medians
from tests.bench.peer import which
from tests.bench.processes import CLIENTS, SERVERS, output, running

VALIDATE = "lab validate"
DELV = "delv"
UP = "lab up"
ASKED = "lab validate, by the running lab"
DELV_THERE = "delv, of the running lab's resolver"
WALL = "ms"
CPU = "CPU ms"
FIRST = "first ms"
_LAB = (sys.executable, "-m", "lab")
_NAME = "www.afnic.fr"
_STUB = "127.53.0.53"
_POLL_S = 0.002
_READY_S = 180.0
_PACKAGES = {"delv": "bind9-dnsutils", "drill": "ldnsutils", "unbound-host": "unbound-host"}


def validating(chain: Chain) -> dict[str, list[str]]:
    """Return the commands that validate the address of a host, down from the root of *chain*."""
    address, port, name = "127.0.0.1", str(chain.port), host(0)
    *_, tag, algorithm, digest_type, digest = chain.ds.split()
    ds = f'{tag} {algorithm} {digest_type} "{digest}"'
    delv = chain.beside("anchor.conf", f"trust-anchors {{ . static-ds {ds}; }};\n")
    unbound = chain.beside(
        "unbound.conf",
        f'server:\n do-not-query-localhost: no\n trust-anchor-file: "{chain.anchor}"\n'
        f'forward-zone:\n name: "."\n forward-addr: {address}@{port}\n',
    )
    return {
        VALIDATE: [
            *(*_LAB, "validate", name, "A", "--internet", "--depth", "line"),
            *("--anchor", str(chain.anchor), "--forward", f"{address}:{port}"),
        ],
        DELV: [
            *("delv", f"@{address}", "-p", port, "+root=.", "-a", str(delv)),
            *("-t", "A", "-q", name),
        ],
        "drill": ["drill", "-S", "-k", str(chain.anchor), "-p", port, f"@{address}", name, "A"],
        "unbound-host": ["unbound-host", "-C", str(unbound), "-v", "-t", "A", name],
    }


# What each of them says when it believes the answer.
_SAYS = {
    VALIDATE: "secure",
    ASKED: "secure",
    DELV: "fully validated",
    DELV_THERE: "fully validated",
    "drill": "Chase successful",
    "unbound-host": "(secure)",
}


def there(state: Path) -> dict[str, list[str]]:
    """Return the commands that validate a name of the lab that runs in *state*."""
    told = json.loads(output([*_LAB, "status", "--json", "--state", str(state)], CLIENTS))
    resolver, anchor = told["resolver"], told["trust_anchor"]["named_conf"]
    at = (f"@{resolver['address']}", "-p", str(resolver["port"]))
    return {
        ASKED: [*_LAB, "validate", _NAME, "A", "--depth", "line", "--state", str(state)],
        DELV_THERE: ["delv", *at, "+root=.", "-a", anchor, "-t", "A", "-q", _NAME],
    }


def measure(chain: Chain, rounds: int, progress: Progress) -> Findings:
    """Let programs validate in turn, and start the lab."""
    found = Findings()
    _in_turn(found, validating(chain), rounds, progress)
    progress(UP)
    found.figures[UP] = starts(rounds)
    with TemporaryDirectory() as folder, _started(Path(folder)) as state:
        _in_turn(found, there(state), rounds, progress)
    return found


def _in_turn(
    found: Findings, commands: Mapping[str, list[str]], rounds: int, progress: Progress
) -> None:
    took: dict[str, list[dict[str, float]]] = {}
    for number in range(rounds + 1):
        for who, command in commands.items():
            program = command[0]
            if program in _PACKAGES and not which(program):
                found.skipped[who] = f"not installed (Debian package {_PACKAGES[program]})"
                continue
            progress(f"round {number} of {rounds}, {who}")
            took.setdefault(who, []).append(_timed(command, _SAYS[who]))
    found.figures.update({who: medians(each[1:]) for who, each in took.items()})


def _timed(command: list[str], says: str) -> dict[str, float]:
    """Run a program to its end, which has to say that it believes the answer."""
    before, began = _used_s(), time.perf_counter()
    said = output(command, CLIENTS)
    took = time.perf_counter() - began
    assert says in said, said
    return {WALL: took * 1000, CPU: (_used_s() - before) * 1000}


def _used_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def starts(rounds: int) -> dict[str, float]:
    """Return how long the lab takes until it says that it is ready: with new keys, and again."""
    with TemporaryDirectory() as folder:
        first, *again = (_ready(Path(folder)) for _ in range(rounds + 1))
    return {FIRST: first * 1000, WALL: median(again) * 1000}


def _ready(folder: Path) -> float:
    began = time.perf_counter()
    with _started(folder):
        return time.perf_counter() - began


@contextmanager
def _started(folder: Path) -> Iterator[Path]:
    """Run the lab until the end, and give the folder of its state as soon as it is ready."""
    ports = ("--port", "0", "--tls-port", "0", "--dot-port", "0", "--gateway-port", "0")
    log, state = folder / "log", folder / "state"
    log.unlink(missing_ok=True)
    command = [*_LAB, "up", "--json", "--quiet", "--state", str(state), "--stub", _STUB, *ports]
    latest = time.perf_counter() + _READY_S
    with running(command, SERVERS, log) as lab:
        while "{" not in log.read_text(errors="replace"):
            assert lab.process.poll() is None, log.read_text()
            assert time.perf_counter() < latest, log.read_text()
            time.sleep(_POLL_S)
        yield state
