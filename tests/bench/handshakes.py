"""TLS handshakes with certificates on both sides: with DANE, without it, and by Python's `ssl`.

What the DNS says is made here beforehand: these figures are about the handshake, and about finding
out what a record means for a chain. Each handshake is a new one, as nothing is ever resumed.
"""

import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

import dns.name
from dns.name import Name

from lab.core.entropy import SeededEntropy
from lab.core.instant import Instant
from lab.core.status import Proven, SecurityStatus
from lab.dane.client_id import Profile, push_client_id, push_request
from lab.dane.decision import Decision
from lab.dane.discovery import Endpoint
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.policy import ClientPolicy, ServerPolicy, identify
from lab.dane.tlsa import MatchingType, Selector, TlsaRecord, Usage, make_tlsa, server_owner
from lab.pki.ca import CertificateAuthority
from lab.pki.identity import Identity, certificates_to_pem
from lab.pki.profiles import Purpose
from lab.tls.authentication import Presented, claim_of, judge_client, judge_server, presented_by
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import Engine, State
from lab.tls.extension import ClientIdSettings
from tests.bench.measuring import Play

SERVER = dns.name.from_text("js.afnic.example.")
SERVER_NAME = SERVER.to_text(omit_final_dot=True)
CLIENT = dns.name.from_text("_ns-client.ns.tsp.example.")
PORT = 443
WHERE = Endpoint(SERVER, PORT, "tcp", (SERVER,), (), (), DnsStatus.SECURE, ())


def evidence(owner: Name, identity: Identity) -> TlsaEvidence:
    """Return what a secure lookup says that found the record of *identity*."""
    rdata = make_tlsa(identity.leaf, Usage.DANE_EE, Selector.SPKI, MatchingType.SHA2_256)
    records = (TlsaRecord.from_rdata(rdata),)
    return TlsaEvidence(owner, Found.RECORDS, Proven(SecurityStatus.SECURE, records))


@dataclass(frozen=True)
class Sides:
    """Hold both ends, their certificates of two operators, and what the DNS says about them."""

    now: Instant
    server: Identity
    client: Identity
    contexts: tuple[Context, Context]
    about_server: TlsaEvidence
    about_client: TlsaEvidence

    @classmethod
    def made(cls, now: Instant) -> "Sides":
        """Make keys (P-256) and certificates."""
        entropy = SeededEntropy("bench")
        afnic = CertificateAuthority.create("Afnic", now, entropy)
        tsp = CertificateAuthority.create("TSP", now, entropy)
        server = afnic.issue((SERVER_NAME,), Purpose.SERVER, now, entropy)
        client = tsp.issue(
            (CLIENT.to_text(omit_final_dot=True), "ns.tsp.example"), Purpose.CLIENT, now, entropy
        )
        asks = ClientIdSettings(push_request(Profile.CLIENT_AUTH_13))
        says = ClientIdSettings(push_client_id(CLIENT))
        return cls(
            now,
            server,
            client,
            (
                Context(ServerRole(server, client_id=asks)),
                Context(ClientRole(client, says)),
            ),
            evidence(server_owner(SERVER, PORT), server),
            evidence(CLIENT, client),
        )

    def on_client(self, presented: Presented) -> Decision:
        """Decide about the client as the server does."""
        policy = ClientPolicy()
        identified = identify(claim_of(presented), policy)
        assert not isinstance(identified, Decision), identified
        return judge_client(presented, identified, policy, self.about_client, self.now)

    def on_server(self, presented: Presented) -> Decision:
        """Decide about the server as the client does."""
        found = SERVER, self.about_server
        return judge_server(WHERE, found, presented, ServerPolicy(), self.now)


def _joined(sides: Sides) -> tuple[Engine, Engine]:
    """Return both ends of a connection whose handshake is done."""
    to_server, to_client = sides.contexts
    server, client = Engine(to_server), Engine(to_client, SERVER_NAME)
    while server.state is State.HANDSHAKE:
        server.feed(client.out())
        client.feed(server.out())
    assert client.state is server.state is State.VERIFY, (client.failure, server.failure)
    return server, client


def by_dane(sides: Sides) -> Play:
    """Return what shakes hands and decides by DANE on both sides."""

    async def play(count: int) -> None:
        for _ in range(count):
            server, client = _joined(sides)
            client.verified(sides.on_server(presented_by(client)).lets_in)
            server.verified(sides.on_client(presented_by(server)).lets_in)
            assert client.state is server.state is State.OPEN

    return play


def undecided(sides: Sides) -> Play:
    """Return what shakes hands by the same engine and lets everybody in."""

    async def play(count: int) -> None:
        for _ in range(count):
            for engine in _joined(sides):
                engine.verified(ok=True)

    return play


def by_stdlib(sides: Sides) -> Play:
    """Return what shakes hands by Python's `ssl`."""
    to_server, to_client = stdlib_contexts(sides)

    async def play(count: int) -> None:
        for _ in range(count):
            up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
            client = to_client.wrap_bio(down, up, server_hostname=SERVER_NAME)
            server = to_server.wrap_bio(up, down, server_side=True)
            while not all([_shaken(client), _shaken(server)]):
                pass

    return play


def stdlib_contexts(sides: Sides) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return those of server and client, with the other's root as the only trusted one."""
    with tempfile.TemporaryDirectory() as folder:
        to_server = _stdlib(ssl.PROTOCOL_TLS_SERVER, sides.server, sides.client, Path(folder))
        to_client = _stdlib(ssl.PROTOCOL_TLS_CLIENT, sides.client, sides.server, Path(folder))
    to_server.num_tickets = 0
    return to_server, to_client


def _stdlib(protocol: int, own: Identity, other: Identity, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=certificates_to_pem(other.chain[-1:]).decode())
    file = folder / "identity.pem"
    file.write_bytes(own.to_pem())
    context.load_cert_chain(file)
    return context


def _shaken(end: ssl.SSLObject) -> bool:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
