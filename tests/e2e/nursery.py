"""Run the command `lab` in a process of its own, without loading its code each time anew.

To load it takes most of the time of a short command, and tests give hundreds of them. So one
process loads all there is, opens nothing, and forks for each command. How the command starts from
nothing is seen by tests that start Python themselves, as those of `test_command.py` do.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

import lab
from lab.cli import main as command

_NUMBER = 4
_MOST = 1 << 20


def run(
    arguments: Sequence[str], environment: dict[str, str], patience: float
) -> "subprocess.CompletedProcess[str]":
    """Run `lab` with *arguments* as `subprocess.run` would, for *patience* seconds at most."""
    told = {"arguments": arguments, "environment": environment, "cwd": str(Path.cwd())}
    octets = json.dumps(told).encode()
    with (
        socket.socket(socket.AF_UNIX) as channel,
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
    ):
        channel.connect(_nursery())
        channel.settimeout(patience)
        socket.send_fds(channel, [_pushed(len(octets))], [out.fileno(), errors.fileno()])
        channel.sendall(octets)
        pid = _pulled(channel.recv(_NUMBER))
        try:
            code = _pulled(channel.recv(_NUMBER))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(["lab", *arguments], patience) from None
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(["lab", *arguments], code, out.read(), errors.read())


def _pushed(number: int) -> bytes:
    return number.to_bytes(_NUMBER, "big", signed=True)


def _pulled(octets: bytes) -> int:
    assert len(octets) == _NUMBER, "the nursery has gone"
    return int.from_bytes(octets, "big", signed=True)


@cache
def _nursery() -> str:
    """Start the process that forks, and return the path of its socket."""
    folder = Path(tempfile.mkdtemp(prefix="lab-nursery-"))
    place = str(folder / "socket")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.nursery", place],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def end() -> None:
        process.communicate()
        shutil.rmtree(folder)

    atexit.register(end)
    assert process.stdout is not None
    assert process.stdout.readline(), "the nursery did not start"
    return place


def _load() -> None:
    for one in pkgutil.walk_packages(lab.__path__, "lab."):
        if not one.name.startswith(("lab.__main__", "lab.testing")):
            importlib.import_module(one.name)
    # Importing the reactor opens it, and no two processes may share one.
    assert "twisted.internet.reactor" not in sys.modules
    gc.freeze()


def _serve(place: str) -> None:
    """Fork for each who comes, until the one who started us has gone."""
    _load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            channel, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _attend(channel)
            channel.close()


def _attend(channel: socket.socket) -> NoReturn:
    """Let a child be the command, and tell how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, _, _ = socket.recv_fds(channel, _NUMBER, 2)
    octets = b""
    while len(octets) < _pulled(size):
        octets += channel.recv(_MOST)
    pid = os.fork()
    if pid == 0:
        channel.close()
        _be(json.loads(octets), files)
    channel.sendall(_pushed(pid))
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):
        channel.sendall(_pushed(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _be(told: dict[str, object], files: list[int]) -> NoReturn:
    """Be the command."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, *files)):
        os.dup2(file, number)
    os.chdir(str(told["cwd"]))
    assert isinstance(told["environment"], dict)
    assert isinstance(told["arguments"], list)
    os.environ.clear()
    os.environ.update(told["environment"])
    code: object = 0
    try:
        sys.argv[1:] = told["arguments"]
        command()
    except SystemExit as ending:
        code = ending.code
    except BaseException:  # noqa: BLE001 as at the end of any process
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else code is not None)


if __name__ == "__main__":
    _serve(sys.argv[1])
