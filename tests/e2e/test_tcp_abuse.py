"""TCP from people who mean no good: the server goes on, and its memory stays bounded."""

import random
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import dns.message
import dns.rcode
import pytest

from tests.e2e.running import Lab, start, stop

IDLE_S = 10.0
GROWTH_LIMIT_KIB = 64 * 1024
QUERY = dns.message.make_query("www.example.fr.", "TXT", want_dnssec=True).to_wire()
FRAMED = len(QUERY).to_bytes(2, "big") + QUERY


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab that these tests maltreat."""
    folder: Path = tmp_path_factory.mktemp("abuse")
    lab = start(folder / "state", "--port", "0", "--tls-port", "0", "--dot-port", "0")
    yield lab
    assert "Traceback" not in stop(lab)


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    """What is opened here is closed after the test."""
    with ExitStack() as stack:
        yield stack


def where(lab: Lab) -> tuple[str, int]:
    return lab.address("example.fr."), lab.port


def opened(sockets: ExitStack, server: tuple[str, int], count: int) -> list[socket.socket]:
    return [
        sockets.enter_context(socket.create_connection(server, timeout=5)) for _ in range(count)
    ]


def memory_kib(lab: Lab) -> int:
    """Return the peak of the resident memory so far."""
    text = Path(f"/proc/{lab.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM"))


def is_answered(lab: Lab) -> bool:
    with socket.create_connection(where(lab), timeout=5) as stream:
        stream.sendall(FRAMED)
        octets = stream.recv(65536)
    return dns.message.from_wire(octets[2:]).rcode() == dns.rcode.NOERROR


def stuff(stream: socket.socket, octets: bytes) -> None:
    """Send until nothing more is taken."""
    stream.setblocking(False)  # noqa: FBT003 the name of the argument is in the name
    with suppress(OSError):
        while True:
            stream.send(octets)


def is_cut(stream: socket.socket) -> bool:
    """Tell whether the other side has closed."""
    stream.settimeout(0.2)
    try:
        return stream.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_half_a_length_is_cut_off_when_others_need_the_room(
    victim: Lab, sockets: ExitStack
) -> None:
    streams = opened(sockets, where(victim), 300)
    for stream in streams:
        with suppress(OSError):
            stream.send(FRAMED[:1])
    assert is_answered(victim)
    assert is_cut(streams[0])


def test_who_asks_and_never_reads_is_cut_off(victim: Lab, sockets: ExitStack) -> None:
    before = memory_kib(victim)
    streams = opened(sockets, where(victim), 40)
    begun = time.monotonic()
    for stream in streams:
        stuff(stream, FRAMED * 500)
        assert time.monotonic() - begun < IDLE_S, "this machine is too slow for this test"
    assert is_answered(victim)
    end = time.monotonic() + 3 * IDLE_S
    for stream in streams:
        while time.monotonic() < end:
            try:
                stream.send(b"x")
            except BlockingIOError:
                time.sleep(0.1)
            except OSError:
                break
        else:
            pytest.fail("a peer that does not read was not cut off")
    assert memory_kib(victim) - before < GROWTH_LIMIT_KIB


def test_noise_changes_nothing(victim: Lab, sockets: ExitStack) -> None:
    chance = random.Random(7766)
    before = memory_kib(victim)
    for stream in opened(sockets, where(victim), 100):
        with suppress(OSError):
            stream.sendall(chance.randbytes(chance.randrange(1, 100_000)))
    assert is_answered(victim)
    assert memory_kib(victim) - before < GROWTH_LIMIT_KIB


def test_noise_instead_of_tls_changes_nothing(victim: Lab, sockets: ExitStack) -> None:
    chance = random.Random(7858)
    server = victim.status["dot"][0]
    for stream in opened(sockets, (server["address"], server["port"]), 100):
        with suppress(OSError):
            stream.sendall(chance.choice((b"\x16\x03\x01\x02\x00", chance.randbytes(2000))))
    assert is_answered(victim)
    assert victim.process.poll() is None
