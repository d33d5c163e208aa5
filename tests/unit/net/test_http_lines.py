"""Connections that stay for the next request, in memory: who opens one, and when one ends."""

from dataclasses import dataclass, field
from typing import cast

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError as NobodyError
from twisted.internet.interfaces import ITCPTransport

from lab.core.errors import TransportError
from lab.dane.decision import Decision
from lab.net.http import Exchange, HttpRequest, HttpResponse, Once, Term
from lab.net.http_lines import WAIT_S, HttpLines, Peer
from lab.net.http_server import ServerLine
from lab.net.tls import Guard, TlsConnection
from lab.tls.context import ClientRole, Context, ServerRole
from tests.unit.net.sockets import FakeReactor
from tests.unit.net.test_http import Always
from tests.unit.net.wire import ACCEPTED, LIMITS, Transport, Wire, at_once
from tests.unit.tls.pair import CLIENT, SERVER

JS = Peer("tsp.ns", ("127.0.0.1", 443), "js.afnic.example")
GUARD = Guard(Context(ClientRole(CLIENT)), at_once(ACCEPTED), LIMITS)
SERVER_CONTEXT = Context(ServerRole(SERVER))


class Joined(Wire):
    """A connection that somebody else opened, and its server."""

    def __init__(self, net: "Net", client: TlsConnection) -> None:
        guard = Guard(SERVER_CONTEXT, at_once(ACCEPTED), LIMITS)
        self.client = client
        self.server = TlsConnection(net.reactor, guard, ServerLine(net.answer, net.of_server))
        self.server_side, self.client_side = Transport(), Transport()
        for connection, side in self._ends():
            connection.transport = cast("ITCPTransport", side)
            connection.connectionMade()


@dataclass
class Net:
    """A client, and a server for each connection that it opens."""

    most: int = 2
    of_server: Always = field(default_factory=Always)
    of_client: Term = field(default_factory=Always)
    reactor: FakeReactor = field(default_factory=FakeReactor)
    wires: list[Joined] = field(default_factory=list)
    thinking: "list[Deferred[None]]" = field(default_factory=list)
    slow: bool = False
    lines: HttpLines = field(init=False)

    def __post_init__(self) -> None:
        self.lines = HttpLines(self.reactor.reactor, self.most)

    async def answer(self, request: HttpRequest, _decision: Decision) -> HttpResponse:
        if self.slow:
            self.thinking.append(Deferred())
            await self.thinking[-1]
        return HttpResponse(200, body=request.body)

    def ask(self, body: bytes = b"x", peer: Peer = JS) -> "list[Exchange | BaseException]":
        """Begin to ask, and do what can be done at once."""
        got: list[Exchange | BaseException] = []
        request = HttpRequest("POST", "/", body=body)
        asking = Deferred.fromCoroutine(self.lines.ask(peer, GUARD, self.of_client, request))
        asking.addCallbacks(got.append, lambda failure: got.append(failure.value))
        self.pump()
        return got

    def pump(self) -> None:
        """Carry octets and ends until nobody has any more."""
        while len(self.wires) < len(self.reactor.connectors):
            connector = self.reactor.connectors[len(self.wires)]
            made = connector.factory.buildProtocol(IPv4Address("TCP", *JS.where))
            self.wires.append(Joined(self, cast("TlsConnection", made)))
        for wire in self.wires:
            wire.pump()

    def lose(self, number: int) -> None:
        """End a connection at both ends."""
        wire = self.wires[number]
        wire.lose(wire.server)
        wire.lose(wire.client)
        self.pump()


def number_of(got: "list[Exchange | BaseException]") -> int:
    (exchange,) = got
    assert isinstance(exchange, Exchange)
    assert exchange.response is not None, exchange.refusal
    return exchange.number


def test_requests_to_one_server_share_a_connection() -> None:
    net = Net()
    assert [number_of(net.ask()) for _ in range(3)] == [1, 2, 3]
    assert len(net.wires) == 1


def test_another_client_has_a_connection_of_its_own() -> None:
    net = Net()
    peers = (JS, Peer("afnic.ns", JS.where, JS.server_name), Peer("tsp.ns", JS.where, "x.example"))
    assert [number_of(net.ask(peer=one)) for one in peers] == [1, 1, 1]


def test_a_request_whose_idle_connection_was_closed_is_sent_once_more() -> None:
    net = Net()
    net.ask()
    net.of_server.over = True
    got = net.ask(b"again")
    assert got == []
    net.of_server.over = False
    net.lose(0)
    assert number_of(got) == 1
    assert len(net.wires) == 2


def test_a_request_is_not_sent_a_third_time() -> None:
    net = Net(slow=True)
    got = net.ask()
    net.lose(0)
    (first,) = got
    assert isinstance(first, Exchange)
    assert (first.response, first.refusal) == (None, "the connection was closed without a response")
    assert len(net.wires) == 1


def test_what_took_too_long_is_not_sent_again() -> None:
    net = Net()
    net.ask()
    net.slow = True
    got = net.ask()
    net.reactor.advance(LIMITS.open_s or 0)
    assert net.wires[0].client_side.aborted
    net.lose(0)
    (late,) = got
    assert isinstance(late, Exchange)
    assert late.refusal == "the exchange took too long"
    assert len(net.wires) == 1


def test_a_connection_whose_term_is_over_is_closed_whoever_asks_next() -> None:
    term = Always()
    net = Net(of_client=term)
    net.ask()
    term.over = True
    net.ask(peer=Peer("afnic.ns", JS.where, JS.server_name))
    assert net.wires[0].client_side.disconnecting
    term.over = False
    assert number_of(net.ask()) == 1


def test_a_decision_that_is_good_for_once_is_used_once() -> None:
    net = Net(of_client=Once())
    assert [number_of(net.ask()) for _ in range(2)] == [1, 1]
    assert net.wires[0].client_side.disconnecting


def test_those_for_whom_there_is_no_connection_wait_for_their_turn() -> None:
    net = Net(most=1, slow=True)
    first, second = net.ask(b"a"), net.ask(b"b")
    assert (first, second, len(net.wires)) == ([], [], 1)
    net.thinking[0].callback(None)
    net.pump()
    assert number_of(first) == 1
    net.thinking[1].callback(None)
    net.pump()
    assert number_of(second) == 2


def test_nobody_waits_for_a_connection_for_ever() -> None:
    net = Net(most=1, slow=True)
    net.ask()
    got = net.ask()
    net.reactor.advance(WAIT_S)
    assert str(got[0]) == "js.afnic.example: all connections were busy for 10 s"


def test_where_nobody_listens_the_next_one_tries_again() -> None:
    net = Net(most=1)
    got: list[Exchange | BaseException] = []
    for _ in range(2):
        asking = Deferred.fromCoroutine(net.lines.ask(JS, GUARD, Once(), HttpRequest("GET", "/")))
        asking.addCallbacks(got.append, lambda failure: got.append(failure.value))
        net.reactor.connectors[-1].fail(NobodyError())
    assert [type(one) for one in got] == [TransportError, TransportError]


@pytest.mark.parametrize("before", [0, 1])
def test_who_waits_when_the_lab_stops_is_told(before: int) -> None:
    net = Net()
    for _ in range(before):
        net.ask()
    net.slow = True
    got = net.ask()
    net.lines.close()
    (told,) = got
    assert isinstance(told, Exchange)
    assert told.refusal == "the lab is being stopped"
    assert len(net.wires) == 1
    assert isinstance(net.ask()[0], TransportError)
