"""10,000 connections from people who mean no good, to one TLS server of a running lab.

Between them honest clients ask; each must be answered. Afterwards memory and sockets are as before.
"""

import random
import resource
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import dns.name
import pytest

from lab.dane.client_id import push_client_id
from lab.pki.identity import Identity
from lab.tls.context import MAX_CHAIN, ClientRole, Context
from lab.tls.engine import Engine, State
from lab.tls.extension import ClientIdSettings
from tests.e2e.running import Lab, Tool, free_port, listening, start, stop

HONEST, STRANGER = "tsp.ns", "intruder.ns"
# 150 connections that are decided about at a time, with chains of 32 KiB each, take some 50 MiB.
GROWTH_LIMIT_KIB = 96 * 1024
HELD = 700
PATIENCE_S = 30.0
# SSL 3.0, TLS 1.0, 1.1 and 1.2.
OLD = (0x0300, 0x0301, 0x0302, 0x0303)
REQUEST = b"GET / HTTP/1.1\r\nHost: js.afnic.fr\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab that these tests maltreat."""
    folder: Path = tmp_path_factory.mktemp("tls-abuse")
    lab = start(folder / "state", "--port", "0", "--tls-port", "0", "--dot-port", "0")
    yield lab
    assert "Traceback" not in stop(lab)


@pytest.fixture(autouse=True)
def _many_sockets() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def where(lab: Lab) -> tuple[str, int]:
    server = lab.tls("afnic.js")
    return server["address"], server["port"]


def connected(lab: Lab) -> socket.socket:
    return socket.create_connection(where(lab), timeout=PATIENCE_S)


def identity(lab: Lab, name: str) -> Identity:
    return Identity.from_pem((lab.state / "identities" / f"{name}.pem").read_bytes())


def client(lab: Lab, name: str, chain: int = 1) -> Context:
    """Return a client that shows its chain so many times over."""
    own = identity(lab, name)
    claims = next(one["tlsa_owner"] for one in lab.status["clients"] if one["identity"] == name)
    claimed = ClientIdSettings(push_client_id(dns.name.from_text(claims)))
    return Context(ClientRole(Identity(own.private_key, own.chain * chain), claimed))


@dataclass
class Talk:
    """Speak TLS over a blocking socket, and believe every server."""

    engine: Engine
    stream: socket.socket
    data: bytes = b""

    def send(self) -> None:
        with suppress(OSError):
            self.stream.sendall(self.engine.out())

    def read(self) -> bool:
        """Take what comes next; False at the end."""
        try:
            octets = self.stream.recv(65536)
        except ConnectionResetError:
            return False
        if octets and self.engine.state is not State.CLOSED:
            self.engine.feed(octets)
            self.data += self.engine.read()
        return bool(octets)

    def shake_hands(self) -> None:
        self.send()
        while self.engine.state is State.HANDSHAKE and self.read():
            self.send()
        if self.engine.state is State.VERIFY:
            self.engine.verified(ok=True)


def shaken(context: Context, stream: socket.socket) -> Talk:
    talk = Talk(Engine(context, "js.afnic.fr"), stream)
    talk.shake_hands()
    return talk


def asked(context: Context, lab: Lab) -> bytes:
    """Return what an honest client is answered."""
    with connected(lab) as stream:
        talk = shaken(context, stream)
        talk.engine.write(REQUEST)
        talk.send()
        while talk.read():
            pass
    return talk.data


def memory_kib(lab: Lab) -> int:
    text = Path(f"/proc/{lab.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS"))


def sockets(lab: Lab) -> int:
    return len(list(Path(f"/proc/{lab.process.pid}/fd").iterdir()))


def old_hello(version: int) -> bytes:
    """Return a ClientHello that knows nothing newer than *version*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    hello = bytearray(outgoing.read())
    hello[9:11] = version.to_bytes(2, "big")
    return bytes(hello)


@dataclass
class Mob:
    """Open connections, hold the last HELD of them, and let honest clients ask in between.

    Attributes:
        count: connections so far.
        answers: of the honest clients.
    """

    lab: Lab
    count: int = 0
    answers: list[bytes] = field(default_factory=list)
    held: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.honest = client(self.lab, HONEST)

    def comes(self, times: int, act: Callable[[socket.socket], object]) -> None:
        for _ in range(times):
            stream = connected(self.lab)
            self.held.append(stream)
            with suppress(OSError):
                act(stream)
            self.count += 1
            if len(self.held) > HELD:
                self.held.pop(0).close()
            if self.count % 200 == 0:
                self.answers.append(asked(self.honest, self.lab))

    def goes(self) -> None:
        while self.held:
            self.held.pop().close()


def test_ten_thousand_bad_connections_harm_nobody(victim: Lab) -> None:
    chance, hello = random.Random(8446), old_hello(0x0303)
    mob = Mob(victim)
    assert b" 200 " in asked(mob.honest, victim)
    memory, open_before = memory_kib(victim), sockets(victim)
    stranger, chained = client(victim, STRANGER), client(victim, STRANGER, chain=10)
    mob.comes(2500, lambda stream: None)
    mob.comes(2500, lambda stream: stream.send(hello[: chance.randrange(1, len(hello))]))
    mob.comes(2500, lambda stream: stream.send(chance.randbytes(chance.randrange(1, 4000))))
    mob.comes(2000, lambda stream: stream.send(old_hello(chance.choice(OLD))))
    mob.comes(300, lambda stream: shaken(stranger, stream))
    mob.comes(200, lambda stream: shaken(chained, stream))
    mob.goes()
    assert (mob.count, len(mob.answers)) == (10_000, 50)
    assert all(b" 200 " in one for one in mob.answers)
    end = time.monotonic() + PATIENCE_S
    while sockets(victim) > open_before and time.monotonic() < end:
        time.sleep(0.1)
    assert sockets(victim) <= open_before
    assert memory_kib(victim) - memory < GROWTH_LIMIT_KIB


def test_a_chain_beyond_the_limit_is_not_read(victim: Lab) -> None:
    huge = MAX_CHAIN // 1000 * 4
    with connected(victim) as stream:
        talk = shaken(client(victim, HONEST, chain=huge), stream)
        while talk.read():
            pass
    assert talk.engine.alert == "illegal_parameter (47)"
    assert b" 200 " in asked(client(victim, HONEST), victim)


@pytest.mark.parametrize("version", OLD)
def test_old_versions_are_told_so(victim: Lab, version: int) -> None:
    with connected(victim) as stream:
        stream.sendall(old_hello(version))
        level, alert = stream.makefile("rb").read(7)[-2:]
    # RFC 8446 section 6: a fatal alert; protocol_version, or handshake_failure to SSL 3.0.
    assert (level, alert) == (2, 40 if version == OLD[0] else 70)


def test_a_hello_inside_a_connection_ends_it(victim: Lab) -> None:
    with connected(victim) as stream:
        talk = shaken(client(victim, HONEST), stream)
        stream.sendall(old_hello(0x0303))
        while talk.read():
            pass
    assert talk.engine.alert == "unexpected_message (10)"
    assert talk.data == b""


def test_early_data_never_reach_the_application(victim: Lab, tool: Tool, tmp_path: Path) -> None:
    pem, session, early = (tmp_path / one for one in ("own.pem", "session", "early"))
    pem.write_bytes(identity(victim, HONEST).to_pem())
    early.write_bytes(REQUEST)
    own = ("-cert", str(pem), "-key", str(pem))
    port = free_port()
    with listening(
        port, "openssl", "s_server", "-accept", str(port), "-early_data", "-quiet", *own
    ):
        at = ("-connect", f"127.0.0.1:{port}", "-sess_out", str(session))
        tool("openssl", "s_client", *at, "-ign_eof", feed="Q\n")
    assert session.exists()
    address, number = where(victim)
    offer = ("-sess_in", str(session), "-early_data", str(early))
    seen = tool("openssl", "s_client", "-connect", f"{address}:{number}", *offer, *own, "-ign_eof")
    assert "Early data was rejected" in seen.stdout
    assert "alert handshake failure" in seen.stdout + seen.stderr
    assert "HTTP/1.1" not in seen.stdout
