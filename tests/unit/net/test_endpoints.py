"""The endpoints of Twisted: any protocol, both peers looked up, every refusal with its reasons."""

from dataclasses import dataclass
from typing import cast

import dns.name
import pytest
from dns.name import Name
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError as NobodyListensError
from twisted.internet.error import NoProtocol
from twisted.internet.interfaces import IProtocol, ITCPTransport
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure
from twisted.web.client import URI
from twisted.web.error import SchemeNotSupported

from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError, PeerError, TransportError
from lab.core.status import Proven, SecurityStatus
from lab.dane.client_id import Profile
from lab.dane.decision import Situation
from lab.dane.discovery import Endpoint, Service
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.policy import ClientPolicy
from lab.dane.tlsa import MatchingType, Selector, TlsaRecord, Usage, make_tlsa, server_owner
from lab.net.agent import DaneEndpoints
from lab.net.dns_client import DnsClient
from lab.net.endpoints import DaneClientEndpoint, RefusedError, dane_client, dane_server
from lab.net.resolver import Resolver
from lab.net.tls import TlsConnection
from lab.net.tls_transport import DaneTransport
from lab.pki.identity import Identity
from lab.tls.certificate_types import CertificateType, CertificateTypes
from lab.tls.handshake import DEFAULT, Handshake
from lab.tls.version import Version
from lab.validator.settings import Settings
from tests.unit.net.sockets import FakeReactor
from tests.unit.net.wire import Transport
from tests.unit.tls.newer import newer
from tests.unit.tls.pair import CLIENT, NOW, SERVER

HOST = dns.name.from_text("js.afnic.example")
WHO = dns.name.from_text("_ns.tsp.example")
PORT = 8443


@dataclass(frozen=True)
class Known(Resolver):
    """Know who has which certificate, without any DNS."""

    holders: tuple[tuple[Name, Identity], ...] = ()
    addresses: tuple[str, ...] = ("127.0.0.1",)
    status: SecurityStatus = SecurityStatus.SECURE

    async def tlsa(self, owner: Name) -> TlsaEvidence:
        records = tuple(
            TlsaRecord.from_rdata(
                make_tlsa(one.leaf, Usage.DANE_EE, Selector.SPKI, MatchingType.SHA2_256)
            )
            for name, one in self.holders
            if name == owner
        )
        found = Found.RECORDS if records else Found.NXDOMAIN
        return TlsaEvidence(owner, found, Proven(self.status, records))

    async def server(self, service: Service) -> tuple[Endpoint, tuple[Name, TlsaEvidence]]:
        evidence = await self.tlsa(server_owner(service.name, service.port))
        bases, addresses = (service.name,), self.addresses
        endpoint = Endpoint(
            service.name, service.port, "tcp", bases, (), addresses, DnsStatus.SECURE, ()
        )
        return endpoint, (service.name, evidence)


class Echo(Protocol):
    """Send back what comes; remember it, and the end."""

    def __init__(self) -> None:
        self.data = b""
        self.ending: BaseException | None = None

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 Twisted's name
        self.data += data

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802 Twisted's name
        assert reason is not None
        self.ending = reason.value


class Recording(Factory):
    """Make `Echo`, remember all of them, and how often it was started."""

    noisy = False

    def __init__(self, *, turns_away: bool = False) -> None:
        self.made: list[Echo] = []
        self.turns_away = turns_away

    def buildProtocol(self, addr: object) -> Protocol | None:  # noqa: N802 Twisted's name
        del addr
        if self.turns_away:
            return None
        self.made.append(Echo())
        return self.made[-1]


class Scene:
    """Hold a server and a client on a reactor without sockets."""

    def __init__(
        self,
        server: Identity = SERVER,
        client: Identity = CLIENT,
        status: SecurityStatus = SecurityStatus.SECURE,
        addresses: tuple[str, ...] = ("127.0.0.1",),
        asks: Recording | None = None,
        *,
        handshake: Handshake = DEFAULT,
    ) -> None:
        self.reactor = FakeReactor()
        dns_client = DnsClient(self.reactor.reactor, 53, SeededEntropy("endpoints"))
        holders = ((server_owner(HOST, PORT), SERVER), (WHO, CLIENT))
        settings = Settings((), ())
        known = Known(dns_client, settings, lambda: NOW, holders=holders)
        self.serves, self.asks = Recording(), asks or Recording()
        dane_server(
            self.reactor.reactor,
            PORT,
            server,
            resolver=known,
            policy=ClientPolicy(profile=handshake.profile),
            handshake=handshake,
        ).listen(self.serves)
        known = Known(
            dns_client,
            settings,
            lambda: NOW,
            holders=holders,
            addresses=addresses,
            status=status,
        )
        self.endpoint: DaneClientEndpoint = dane_client(
            self.reactor.reactor,
            HOST,
            PORT,
            resolver=known,
            identity=client,
            client_id="_ns.tsp.example",
            handshake=handshake,
        )
        self.outcome: list[IProtocol | Failure] = []
        self.connecting: Deferred[IProtocol] = self.endpoint.connect(self.asks)
        self.connecting.addBoth(self.outcome.append)

    def meet(self) -> "Scene":
        """Let the last attempt to connect succeed, and carry all octets."""
        self.ends = []
        for factory in (self.reactor.tcp[-1][1], self.reactor.connectors[-1].factory):
            connection, transport = factory.buildProtocol(None), Transport()
            assert isinstance(connection, TlsConnection)
            connection.transport = cast("ITCPTransport", transport)
            self.ends.append((connection, transport))
        for connection, _ in self.ends:
            connection.connectionMade()
        return self.pump()

    def pump(self) -> "Scene":
        server, client = self.ends
        while server[1].sent or client[1].sent:
            for (_, side), (receiver, _) in ((server, client), (client, server)):
                data, side.sent = side.sent, b""
                if data:
                    receiver.dataReceived(data)
        return self

    def end(self) -> None:
        for connection, _ in self.ends:
            connection.connectionLost()

    @property
    def problem(self) -> BaseException:
        (failure,) = self.outcome
        assert isinstance(failure, Failure)
        assert failure.value is not None
        return failure.value


def line(protocol: Protocol) -> DaneTransport:
    assert isinstance(protocol.transport, DaneTransport)
    return protocol.transport


def test_each_side_gets_its_protocol_and_knows_the_other_by_name() -> None:
    scene = Scene().meet()
    (client,), (server,) = scene.asks.made, scene.serves.made
    assert scene.outcome == [client]
    assert line(server).decision.identity == WHO
    assert line(client).decision.identity == HOST
    line(client).write(b"hello")
    scene.pump()
    assert server.data == b"hello"


def test_factories_are_started_and_stopped_with_their_connection() -> None:
    scene = Scene().meet()
    assert scene.asks.numPorts == 1
    scene.end()
    assert scene.asks.numPorts == 0


def test_another_server_is_refused_with_the_whole_decision() -> None:
    scene = Scene(server=CLIENT).meet()
    scene.end()
    assert isinstance(scene.problem, RefusedError)
    assert scene.problem.decision.situation is Situation.MISMATCH
    assert "js.afnic.example" in str(scene.problem)
    assert scene.asks.made == []


@pytest.mark.parametrize(
    ("status", "situation"),
    [
        (SecurityStatus.BOGUS, Situation.BOGUS),
        (SecurityStatus.INSECURE, Situation.INSECURE),
        (SecurityStatus.INDETERMINATE, Situation.INDETERMINATE),
    ],
)
def test_nobody_is_called_whom_the_dns_cannot_vouch_for(
    status: SecurityStatus, situation: Situation
) -> None:
    scene = Scene(status=status)
    assert isinstance(scene.problem, RefusedError)
    assert scene.problem.decision.situation is situation
    assert scene.reactor.connectors == []


def test_a_refused_client_is_connected_first_and_then_lost_with_the_alert() -> None:
    scene = Scene(client=SERVER).meet()
    (client,) = scene.asks.made
    assert scene.outcome == [client]
    scene.end()
    assert isinstance(client.ending, PeerError)
    assert "handshake_failure (40)" in str(client.ending)
    assert scene.serves.made == []


def test_the_next_address_is_tried_where_nobody_listens() -> None:
    scene = Scene(addresses=("127.0.0.2", "127.0.0.1"))
    scene.reactor.connectors[-1].fail(NobodyListensError())
    assert [one.host for one in scene.reactor.connectors] == ["127.0.0.2", "127.0.0.1"]
    scene.meet()
    assert scene.outcome == scene.asks.made


def test_where_nobody_listens_the_sentence_names_the_server() -> None:
    scene = Scene()
    scene.reactor.connectors[-1].fail(NobodyListensError())
    assert isinstance(scene.problem, TransportError)
    assert str(scene.problem).startswith("js.afnic.example. port 8443: ")


def test_a_host_without_address_is_not_reached() -> None:
    assert "it has no address" in str(Scene(addresses=()).problem)


def test_a_factory_that_wants_no_protocol_is_told() -> None:
    scene = Scene(asks=Recording(turns_away=True)).meet()
    assert isinstance(scene.problem, NoProtocol)


def test_a_cancelled_connection_is_given_up() -> None:
    scene = Scene()
    scene.connecting.cancel()
    assert scene.reactor.connectors[-1].closed


@pytest.mark.parametrize(("host", "client_id"), [("a..b", None), ("a.example", "b..c")])
def test_what_is_no_name_is_refused_before_anything_is_done(
    host: str, client_id: str | None
) -> None:
    reactor = FakeReactor().reactor
    known = Known(DnsClient(reactor, 53, SeededEntropy("x")), Settings((), ()), lambda: NOW)
    with pytest.raises(InputError, match="no domain name"):
        dane_client(reactor, host, PORT, resolver=known, client_id=client_id)


def test_an_agent_asks_only_where_dane_can_help() -> None:
    asked: list[tuple[str, int]] = []

    def make(host: str, port: int) -> DaneClientEndpoint:
        asked.append((host, port))
        return Scene().endpoint

    endpoints = DaneEndpoints(make)
    endpoints.endpointForURI(URI.fromBytes(b"https://js.afnic.example/join"))
    assert asked == [("js.afnic.example", 443)]
    with pytest.raises(SchemeNotSupported):
        endpoints.endpointForURI(URI.fromBytes(b"http://js.afnic.example/"))


def test_bare_keys_serve_as_well_as_certificates() -> None:
    keys = (CertificateType.RAW_PUBLIC_KEY,)
    scene = Scene(handshake=Handshake(types=CertificateTypes(keys, keys), library=newer())).meet()
    assert scene.outcome == scene.asks.made
    (served,) = scene.serves.made
    assert line(served).presented.chain == ()
    assert line(served).decision.identity == WHO


def test_the_profile_of_2022_goes_with_tls_1_2() -> None:
    with pytest.raises(InputError, match=r"no version of TLS before 1\.3"):
        Scene(handshake=Handshake(minimum=Version.TLS1_2))
    old = Handshake(minimum=Version.TLS1_2, profile=Profile.SEEDS_2022)
    scene = Scene(handshake=old).meet()
    assert line(scene.serves.made[0]).decision.identity == WHO


def test_both_sides_agree_on_protocols_secrets_and_the_number_of_the_extension() -> None:
    lines: list[str] = []
    handshake = Handshake(protocols=("lab/1",), code_point=0xFF77, keylog=lines.append)
    scene = Scene(handshake=handshake).meet()
    (served,) = scene.serves.made
    assert line(served).decision.identity == WHO
    assert [connection.protocol for connection, _ in scene.ends] == ["lab/1", "lab/1"]
    assert any(one.startswith("CLIENT_TRAFFIC_SECRET_0 ") for one in lines)
