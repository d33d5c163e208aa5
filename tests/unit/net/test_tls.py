"""The gate of a connection: nothing passes before it opens, and every failure closes it."""

from collections.abc import Callable
from typing import cast

import dns.name
import pytest
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.task import Clock

from lab.core.checks import Report
from lab.core.errors import TransportError
from lab.dane.decision import Decision, Verdict
from lab.net.reactor import Reactor
from lab.net.tls import Guard, TlsConnection
from lab.net.tls_ports import TlsServerFactory
from lab.tls.authentication import Presented
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import MAX_EARLY, Engine
from tests.unit.net.wire import (
    ABORTED,
    ACCEPTED,
    LIMITS,
    Recorder,
    SlowGate,
    Transport,
    Wire,
    at_once,
)
from tests.unit.tls.pair import CLIENT, SERVER


def _recorders(wire: Wire) -> tuple[Recorder, Recorder]:
    assert isinstance(wire.at_server, Recorder)
    assert isinstance(wire.at_client, Recorder)
    return wire.at_server, wire.at_client


def test_both_gates_see_what_the_other_end_showed() -> None:
    seen: list[Presented] = []

    async def gate(presented: Presented) -> Decision:
        seen.append(presented)
        return ACCEPTED

    Wire(gate, gate).pump()
    assert {one.chain for one in seen} == {CLIENT.chain, SERVER.chain}


def test_data_flow_after_both_gates_have_opened() -> None:
    wire = Wire().pump()
    server, client = _recorders(wire)
    wire.client.write(b"question")
    wire.server.write(b"answer")
    wire.pump()
    assert (server.data, client.data) == (b"question", b"answer")
    assert (server.decisions, client.decisions) == ([ACCEPTED], [ACCEPTED])


def test_nothing_reaches_the_application_before_the_decision() -> None:
    gate = SlowGate()
    wire = Wire(gate).pump()
    server, _ = _recorders(wire)
    wire.client.write(b"question")
    wire.pump()
    assert (server.data, server.decisions) == (b"", [])
    gate.waiting.callback(ACCEPTED)
    assert (server.data, server.decisions) == (b"question", [ACCEPTED])


def test_a_refused_client_reads_its_alert_and_the_server_waits_for_that() -> None:
    wire = Wire(at_once(ABORTED)).pump()
    server, client = _recorders(wire)
    wire.lose(wire.client)
    assert client.reasons == ["handshake_failure (40)"]
    assert wire.server_side.half_closed
    assert not wire.server_side.disconnecting
    wire.clock.advance(LIMITS.linger_s)
    assert wire.server_side.aborted
    assert server.data == b""


def _explode() -> Decision:
    raise ZeroDivisionError


def _no_dns() -> Decision:
    raise TransportError("no server answers")


@pytest.mark.parametrize("decide", [_explode, _no_dns])
def test_a_gate_that_breaks_refuses(decide: Callable[[], Decision]) -> None:
    async def gate(_presented: Presented) -> Decision:
        return decide()

    wire = Wire(gate).pump()
    server, client = _recorders(wire)
    wire.lose(wire.client)
    wire.lose(wire.server)
    assert server.decisions == []
    assert server.reasons[0].startswith("no decision")
    assert client.reasons == ["handshake_failure (40)"]


def test_a_gate_that_does_not_answer_in_time_refuses() -> None:
    gate = SlowGate()
    wire = Wire(gate).pump()
    wire.clock.advance(LIMITS.gate_s)
    wire.pump()
    assert wire.server_side.half_closed
    assert gate.waiting.called
    assert _recorders(wire)[0].decisions == []


def test_a_gate_that_swallows_its_cancellation_lets_nobody_in() -> None:
    slow = SlowGate()

    async def gate(_presented: Presented) -> Decision:
        try:
            return await slow.waiting
        except BaseException:  # noqa: BLE001 the worst gate there can be
            return ACCEPTED

    wire = Wire(gate).pump()
    wire.clock.advance(LIMITS.gate_s)
    assert _recorders(wire)[0].decisions == []


def test_a_client_refuses_a_server_and_says_so() -> None:
    wire = Wire(client_gate=at_once(ABORTED)).pump()
    server, client = _recorders(wire)
    wire.lose(wire.server)
    wire.lose(wire.client)
    assert server.reasons == ["handshake_failure (40)"]
    assert client.reasons[0].startswith("by us")


def test_a_handshake_that_stops_is_cut() -> None:
    wire = Wire()
    wire.clock.advance(LIMITS.handshake_s)
    assert wire.server_side.aborted
    assert wire.client_side.aborted


def test_an_exchange_that_stops_is_cut() -> None:
    wire = Wire().pump()
    assert LIMITS.open_s is not None
    wire.clock.advance(LIMITS.open_s)
    assert wire.server_side.aborted


def test_a_flood_before_the_decision_is_cut() -> None:
    wire = Wire(SlowGate()).pump()
    wire.server.dataReceived(bytes(MAX_EARLY + 1))
    assert wire.server_side.aborted


def test_an_end_while_the_client_still_decides_does_not_hide_the_alert() -> None:
    gate = SlowGate()
    wire = Wire(at_once(ABORTED), gate).pump()
    wire.client.readConnectionLost()
    assert not wire.client_side.disconnecting
    gate.waiting.callback(ACCEPTED)
    assert wire.client_side.disconnecting
    wire.lose(wire.client)
    assert _recorders(wire)[1].reasons == ["handshake_failure (40)"]


def test_a_connection_lost_while_deciding_stops_the_decision() -> None:
    gate = SlowGate()
    wire = Wire(gate).pump()
    wire.lose(wire.server)
    assert gate.waiting.called
    assert wire.server.decision is None


def test_no_timer_outlives_its_connection() -> None:
    wire = Wire().pump()
    wire.lose(wire.server)
    wire.lose(wire.client)
    assert wire.clock.getDelayedCalls() == []


def test_a_goodbye_reaches_the_other_end() -> None:
    wire = Wire().pump()
    wire.client.finish()
    wire.pump()
    assert wire.server_side.disconnecting
    wire.lose(wire.server)
    assert _recorders(wire)[0].reasons == [""]


def test_writing_to_a_peer_that_has_gone_is_harmless() -> None:
    wire = Wire().pump()
    wire.client.finish()
    wire.client.write(b"late")
    assert isinstance(wire.client, TlsConnection)


def _arrive(factory: TlsServerFactory) -> tuple[TlsConnection, Transport]:
    arrived, transport = factory.buildProtocol(None), Transport()
    assert isinstance(arrived, TlsConnection)
    arrived.transport = cast("ITCPTransport", transport)
    return arrived, transport


def _serving(connections: int) -> TlsServerFactory:
    guard = Guard(Context(ServerRole(SERVER)), SlowGate(), LIMITS)
    reactor = cast("Reactor", Clock())
    return TlsServerFactory(reactor, lambda: guard, Recorder, connections)


def test_the_oldest_who_has_proved_nothing_makes_room() -> None:
    factory = _serving(2)
    oldest, newer, newest = (_arrive(factory) for _ in range(3))
    assert (oldest[1].aborted, newer[1].aborted, newest[1].aborted) == (True, False, False)
    assert (factory.cut_off, factory.turned_away, factory.most) == (1, 0, 2)


def test_who_has_shaken_hands_stays_and_the_next_one_is_turned_away() -> None:
    factory = _serving(2)
    connection, _ = _let_in(factory, "one.")
    _let_in(factory, "another.")
    assert factory.buildProtocol(None) is None
    assert factory.turned_away == 1
    connection.connectionLost()
    assert factory.buildProtocol(None) is not None


def _let_in(factory: TlsServerFactory, name: str) -> tuple[TlsConnection, Transport]:
    connection, transport = _arrive(factory)
    client = Engine(Context(ClientRole(CLIENT)))
    while connection.is_dispensable:
        connection.dataReceived(client.out())
        client.feed(transport.sent)
        transport.sent = b""
    connection.decision = Decision(Verdict.ACCEPT, dns.name.from_text(name), Report("accepted"))
    return connection, transport


def test_who_holds_more_than_half_of_the_room_gives_some_back() -> None:
    factory = _serving(3)
    other, greedy = _let_in(factory, "other."), _let_in(factory, "greedy.")
    _let_in(factory, "greedy.")
    assert factory.buildProtocol(None) is not None
    assert (other[1].aborted, greedy[1].aborted) == (False, True)


def test_who_was_refused_makes_room_although_he_may_still_read() -> None:
    wire = Wire(at_once(ABORTED)).pump()
    assert wire.server.is_dispensable
