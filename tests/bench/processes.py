"""Run programs on a core of their own, and read what they use.

The figure is CPU time: other jobs of the machine slow a server down, but do not make it work more.
"""

import os
import socket
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
_END_S = 10.0
_MOST_S = 300.0

CORES = sorted(os.sched_getaffinity(0))
SERVERS = CORES[0]
CLIENTS = CORES[-1]
"""Who is measured runs on one core, and who asks on another, if there are two."""


def pinned(command: Sequence[str], core: int) -> list[str]:
    """Return the command that runs *command* on one core."""
    return ["taskset", "--cpu-list", str(core), *command]


@dataclass(frozen=True)
class Running:
    """Hold a process, with all that descend from it.

    Attributes:
        process: the one that was started.
        log: the file of what it says.
    """

    process: "subprocess.Popen[bytes]"
    log: Path

    def cpu_s(self) -> float:
        """Return the CPU time that it has used, in seconds: of all threads that it has now."""
        files = (Path(f"/proc/{one}/task") for one in self._family())
        return sum(_number(file, 0) for one in files for file in one.glob("*/schedstat")) / 1e9

    def memory_mib(self) -> float:
        """Return what it holds in memory now, in MiB; shared pages count for each process."""
        return sum(_PAGE_MIB * _number(Path(f"/proc/{one}/statm"), 1) for one in self._family())

    def _family(self) -> list[int]:
        children = defaultdict(list)
        for number, parent in _parents():
            children[parent].append(number)
        found = [self.process.pid]
        for number in found:
            found += children[number]
        return found

    def end(self) -> None:
        """Stop it, by force if it takes its time."""
        self.process.terminate()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _parents() -> Iterator[tuple[int, int]]:
    """Give each process with its parent."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # proc(5): the name in brackets may hold anything; state and parent come after it.
        if fields := _read(stat).rpartition(")")[2].split():
            yield int(stat.parent.name), int(fields[1])


def _number(file: Path, field: int) -> int:
    fields = _read(file).split()
    return int(fields[field]) if fields else 0


def _read(file: Path) -> str:
    """Return what the kernel says; nothing of what has ended since."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


@contextmanager
def running(command: Sequence[str], core: int, log: Path) -> Iterator[Running]:
    """Run a server on one core until the end.

    It has a session of its own: Ctrl-C tells us alone, and we tell it.
    """
    with log.open("ab") as said:
        process = subprocess.Popen(
            pinned(command, core),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    one = Running(process, log)
    try:
        yield one
    finally:
        one.end()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody has, neither by UDP nor by TCP."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        tcp.bind(("127.0.0.1", 0))
        port = int(tcp.getsockname()[1])
        udp.bind(("127.0.0.1", port))
        return port


def output(command: Sequence[str], core: int) -> str:
    """Return what a program prints that runs on one core.

    Raises:
        RuntimeError: it failed.
    """
    done = subprocess.run(
        pinned(command, core), capture_output=True, text=True, check=False, timeout=_MOST_S
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"{' '.join(command)} failed: {' '.join(said)}")
    return done.stdout
