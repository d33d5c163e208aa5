import sys
from collections.abc import Iterator
from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from lab.nameserver.query import Peer, Transport
from lab.net.dns_server import (
    UDP_WAITING,
    Responder,
    TcpFactory,
    TcpServer,
    UdpServer,
    forbid_fragments,
)
from lab.net.dns_stream import Wait
from tests.unit.net.flow import Wire, framed
from tests.unit.net.sockets import UdpTransport

ADDRESS = ("127.0.0.1", 4711)


def echo(wire: bytes, peer: Peer) -> tuple[bytes, ...]:
    """Answer with transport and octets; be silent about nothing."""
    return (f"{peer.transport.value} {peer.port} ".encode() + wire,) if wire else ()


def slow(wire: bytes, peer: Peer) -> Iterator[bytes | Wait]:
    """Answer as `echo` does, 2 s later."""
    yield Wait(2)
    yield from echo(wire, peer)


def udp(respond: Responder = echo, clock: Clock | None = None) -> tuple[UdpServer, UdpTransport]:
    server, transport = UdpServer(clock or Clock(), respond), UdpTransport()
    server.transport = transport  # type: ignore[assignment]  # a stand-in
    return server, transport


def test_a_datagram_is_answered_to_its_sender() -> None:
    server, transport = udp()
    server.datagramReceived(b"query", ADDRESS)
    assert transport.sent == [(b"UDP 4711 query", ADDRESS)]


def test_silence_sends_nothing() -> None:
    server, transport = udp()
    server.datagramReceived(b"", ADDRESS)
    server.connectionRefused()
    assert transport.sent == []


def test_a_datagram_that_has_to_wait_is_answered_later_and_not_before() -> None:
    clock = Clock()
    server, transport = udp(slow, clock)
    server.datagramReceived(b"one", ADDRESS)
    clock.advance(1)
    server.datagramReceived(b"two", ADDRESS)
    clock.advance(0.9)
    assert transport.sent == []
    clock.advance(0.1)
    assert transport.sent == [(b"UDP 4711 one", ADDRESS)]
    clock.advance(1)
    assert transport.sent[1:] == [(b"UDP 4711 two", ADDRESS)]
    server.stopProtocol()


def test_a_closed_port_answers_nobody_who_still_waits() -> None:
    clock = Clock()
    server, transport = udp(slow, clock)
    server.datagramReceived(b"query", ADDRESS)
    server.stopProtocol()
    assert clock.getDelayedCalls() == []
    clock.advance(3)
    assert transport.sent == []


def test_only_so_many_datagrams_wait_at_once() -> None:
    clock = Clock()
    server, transport = udp(slow, clock)
    for _ in range(UDP_WAITING + 1):
        server.datagramReceived(b"query", ADDRESS)
    clock.advance(2)
    assert len(transport.sent) == UDP_WAITING
    server.datagramReceived(b"query", ADDRESS)
    clock.advance(2)
    assert len(transport.sent) == UDP_WAITING + 1


def open_connection(factory: TcpFactory) -> tuple[TcpServer, Wire]:
    protocol = factory.buildProtocol(IPv4Address("TCP", *ADDRESS))
    assert isinstance(protocol, TcpServer)
    wire = Wire()
    protocol.makeConnection(wire)  # type: ignore[no-untyped-call]  # Twisted's
    return protocol, wire


def test_messages_over_tcp_have_a_length_before_them() -> None:
    server, wire = open_connection(TcpFactory(Clock(), echo))
    for octet in framed(b"one", b"two"):
        server.dataReceived(bytes([octet]))
    wire.drain()
    assert wire.written == framed(b"TCP 4711 one", b"TCP 4711 two")


def test_an_asker_is_described_by_address_and_transport() -> None:
    seen: list[Peer] = []

    def watch(wire: bytes, peer: Peer) -> tuple[bytes, ...]:
        del wire
        seen.append(peer)
        return ()

    server, _ = open_connection(TcpFactory(Clock(), watch))
    server.dataReceived(framed(b"x"))
    assert seen == [Peer("127.0.0.1", 4711, Transport.TCP)]


def test_a_half_closed_connection_is_answered_and_closed() -> None:
    factory = TcpFactory(Clock(), echo)
    server, wire = open_connection(factory)
    server.dataReceived(framed(b"one"))
    server.readConnectionLost()
    server.writeConnectionLost()
    wire.drain()
    assert wire.written == framed(b"TCP 4711 one")
    assert wire.disconnecting


def test_a_closed_connection_is_forgotten_and_stops_its_clocks() -> None:
    clock = Clock()
    factory = TcpFactory(clock, echo)
    server, _ = open_connection(factory)
    assert len(factory.crowd) == 1
    server.connectionLost(Failure(ConnectionDone()))
    assert len(factory.crowd) == 0
    assert clock.getDelayedCalls() == []


def test_datagrams_are_not_fragmented_where_the_system_can_forbid_it() -> None:
    calls: list[tuple[int, ...]] = []

    class Socket:
        def setsockopt(self, *arguments: int) -> None:
            calls.append(arguments)

    class Port:
        socket = Socket()

    forbid_fragments(cast("IListeningPort", Port()))
    known = sys.platform in {"linux", "darwin", "freebsd"}
    assert len(calls) == (1 if known else 0)
    forbid_fragments(cast("IListeningPort", object()))
    assert len(calls) == (1 if known else 0)
