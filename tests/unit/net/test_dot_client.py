"""Questions over TLS in memory: who is asked, over which connection, and when in clear."""

from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import pytest
from dns.rdatatype import RdataType
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, ConnectionDone
from twisted.python.failure import Failure

from lab.core.entropy import SeededEntropy
from lab.core.question import Carrier, Profile, Question, Response, Role, Server
from lab.core.status import Proven, SecurityStatus
from lab.dane.evidence import Found, TlsaEvidence
from lab.dane.tlsa import TlsaRecord, make_tlsa, parse_parameters, server_owner
from lab.nameserver.query import Peer as Asker
from lab.net.dns_client import DnsClient
from lab.net.dns_stream import Crowd
from lab.net.dns_tls import DotApplication
from lab.net.dot_client import DotClient
from lab.net.dot_lines import DotLines
from lab.net.privacy import Privacy
from lab.net.tls import Guard, TlsConnection
from lab.tls.context import ClientAuth, Context, ServerRole
from lab.validator.settings import Settings
from tests.fakes import name
from tests.unit.net.flow import Wire
from tests.unit.net.sockets import FakeReactor
from tests.unit.net.wire import ACCEPTED, LIMITS, at_once
from tests.unit.tls.pair import NOW, SERVER

NS = Server(name("js.afnic.example."), "127.53.0.1")
QUESTION = Question(name("www.example."), RdataType.A, NS)
ROUNDS = 8  # more than a handshake and an answer take


class Line(Wire):
    """A transport that can be closed on one side."""

    def loseWriteConnection(self) -> None:  # noqa: N802 Twisted's name
        ...


def record(wrong: int = 0) -> TlsaRecord:
    """Return the record that pins the key of the server, or one with another digest."""
    form = parse_parameters("3 1 1")
    made = TlsaRecord.from_rdata(
        make_tlsa(SERVER.chain[0], form.usage, form.selector, form.matching)
    )
    data = made.data[:-1] + bytes([made.data[-1] ^ wrong])
    return TlsaRecord(made.usage, made.selector, made.matching, data)


def evidence(
    status: SecurityStatus, found: Found = Found.RECORDS, wrong: int = 0
) -> dict[str, TlsaEvidence]:
    records = (record(wrong),) if found is Found.RECORDS else ()
    owner = server_owner(NS.name, 853)
    return {str(NS.name): TlsaEvidence(owner, found, Proven(status, records))}


@dataclass
class Net:
    """A client, and a server for each connection that it opens.

    Attributes:
        queries: what came to the servers, as octets.
        outcomes: responses and errors, in the order in which they came.
    """

    profile: Profile
    known: dict[str, TlsaEvidence] = field(default_factory=dict)
    reactor: FakeReactor = field(default_factory=FakeReactor)
    queries: list[bytes] = field(default_factory=list)
    outcomes: list[Response | BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        clear = DnsClient(self.reactor.reactor, 53, SeededEntropy("x"))
        known = {name(host): one for host, one in self.known.items()}
        lines, privacy = DotLines(self.reactor.reactor), Privacy(self.profile)
        self.client = DotClient(clear, privacy, lines, Settings((), ()), NOW, known)

    def ask(self, question: Question = QUESTION) -> None:
        waiting = Deferred.fromCoroutine(self.client.ask(question))
        waiting.addCallbacks(
            self.outcomes.append, lambda failure: self.outcomes.append(failure.value)
        )

    def respond(self, wire: bytes, _asker: Asker) -> tuple[bytes, ...]:
        self.queries.append(wire)
        return (dns.message.make_response(dns.message.from_wire(wire)).to_wire(),)

    def connect(self) -> tuple[TlsConnection, TlsConnection]:
        """Let the newest connection come up, and carry octets until both sides are silent."""
        connector = self.reactor.connectors[-1]
        client = connector.factory.buildProtocol(IPv4Address("TCP", connector.host, connector.port))
        application = DotApplication(self.reactor.reactor, Crowd(), self.respond)
        role = ServerRole(SERVER, ClientAuth.NONE, protocols=("dot",))
        guard = Guard(Context(role), at_once(ACCEPTED), LIMITS)
        server = TlsConnection(self.reactor, guard, application)
        self.ends = (cast("TlsConnection", client), Line()), (server, Line())
        for connection, line in self.ends:
            connection.makeConnection(line)  # type: ignore[no-untyped-call]  # Twisted's
        self.pump()
        return self.ends[0][0], server

    def pump(self) -> None:
        (client, up), (server, down) = self.ends
        for _ in range(ROUNDS):
            for line, receiver in ((up, server), (down, client)):
                line.drain()
                sent = line.written
                line.forget()
                if sent:
                    receiver.dataReceived(sent)

    @property
    def carriers(self) -> list[Carrier | None]:
        return [one.carrier for one in self.outcomes if isinstance(one, Response)]


def test_strict_asks_over_tls_who_shows_the_key_that_the_zone_names() -> None:
    net = Net(Profile.STRICT, evidence(SecurityStatus.SECURE))
    net.ask()
    client, _ = net.connect()
    assert net.carriers == [Carrier.TLS_DANE]
    assert client.protocol == "dot"
    assert not net.reactor.udp


def test_queries_are_padded_so_that_their_length_tells_less() -> None:
    net = Net(Profile.STRICT, evidence(SecurityStatus.SECURE))
    net.ask()
    net.connect()
    (query,) = net.queries
    assert len(query) == 128
    assert dns.message.from_wire(query).ednsflags & dns.flags.DO


def test_the_next_question_goes_over_the_same_connection() -> None:
    net = Net(Profile.STRICT, evidence(SecurityStatus.SECURE))
    net.ask()
    net.connect()
    net.ask()
    net.pump()
    assert len(net.carriers) == 2
    assert len(net.reactor.connectors) == 1


def test_a_connection_that_the_server_has_closed_is_opened_anew() -> None:
    net = Net(Profile.STRICT, evidence(SecurityStatus.SECURE))
    net.ask()
    client, _ = net.connect()
    net.ask()
    client.connectionLost(Failure(ConnectionDone()))
    assert len(net.reactor.connectors) == 2
    net.connect()
    assert net.carriers == [Carrier.TLS_DANE] * 2


def test_strict_sends_no_question_to_who_shows_another_key() -> None:
    net = Net(Profile.STRICT, evidence(SecurityStatus.SECURE, wrong=1))
    net.ask()
    net.connect()
    (error,) = net.outcomes
    assert "refused: " in str(error)
    assert not net.queries
    assert not net.reactor.udp


@pytest.mark.parametrize(
    ("status", "found"),
    [(SecurityStatus.SECURE, Found.NODATA), (SecurityStatus.INSECURE, Found.NXDOMAIN)],
)
def test_a_nameserver_that_promises_nothing_is_asked_in_clear(
    status: SecurityStatus, found: Found
) -> None:
    net = Net(Profile.STRICT, evidence(status, found))
    net.ask()
    assert not net.reactor.connectors
    assert len(net.reactor.udp) == 1


@pytest.mark.parametrize(
    ("status", "found", "role"),
    [
        (SecurityStatus.BOGUS, Found.RECORDS, Role.AUTHORITATIVE),
        (SecurityStatus.INDETERMINATE, Found.TIMEOUT, Role.AUTHORITATIVE),
        (SecurityStatus.SECURE, Found.NODATA, Role.RECURSIVE),
    ],
)
def test_where_the_records_are_withheld_or_a_resolver_has_none_nothing_is_asked(
    status: SecurityStatus, found: Found, role: Role
) -> None:
    net = Net(Profile.STRICT, evidence(status, found))
    net.ask(Question(QUESTION.qname, QUESTION.rdtype, Server(NS.name, NS.address, role)))
    assert "strict privacy wants _853._tcp.js.afnic.example. TLSA" in str(net.outcomes[0])
    assert not net.reactor.connectors
    assert not net.reactor.udp


def test_opportunistic_takes_tls_from_anybody() -> None:
    net = Net(Profile.OPPORTUNISTIC)
    net.ask()
    net.connect()
    assert net.carriers == [Carrier.TLS]


def test_opportunistic_asks_in_clear_who_speaks_no_tls_and_does_not_try_again() -> None:
    net = Net(Profile.OPPORTUNISTIC)
    net.ask()
    net.reactor.connectors[-1].fail(ConnectError())
    assert len(net.reactor.udp) == 1
    net.ask()
    assert len(net.reactor.connectors) == 1
    assert len(net.reactor.udp) == 2


def test_who_does_not_finish_the_handshake_in_time_is_given_up() -> None:
    net = Net(Profile.STRICT, evidence(SecurityStatus.SECURE))
    net.ask()
    net.reactor.advance(3)
    assert str(net.outcomes[0]).endswith("js.afnic.example. (127.53.0.1): none in time")
