import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import directlyProvides

from lab.nameserver.query import Peer, Transport
from lab.net.dns_server import TCP_CONNECTIONS, TCP_IDLE_S, TcpFactory, TcpServer, UdpServer
from tests.unit.net.sockets import UdpTransport

ADDRESS = ("127.0.0.1", 4711)


def echo(wire: bytes, peer: Peer) -> tuple[bytes, ...]:
    """Answer with transport and octets; be silent about nothing."""
    return (f"{peer.transport.value} {peer.port} ".encode() + wire,) if wire else ()


def udp() -> tuple[UdpServer, UdpTransport]:
    server, transport = UdpServer(echo), UdpTransport()
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


def connect(protocol: TcpServer, transport: StringTransport) -> None:
    protocol.makeConnection(transport)  # type: ignore[no-untyped-call]  # Twisted's


def feed(server: TcpServer, octets: bytes) -> None:
    server.dataReceived(octets)  # type: ignore[no-untyped-call]  # Twisted's


class Connections:
    """Make connections to one factory."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.factory = TcpFactory(self.clock, echo)

    def open(self) -> tuple[TcpServer, StringTransport]:
        protocol = self.factory.buildProtocol(IPv4Address("TCP", *ADDRESS))
        assert isinstance(protocol, TcpServer)
        transport = StringTransport()
        directlyProvides(transport, ITCPTransport)
        connect(protocol, transport)
        return protocol, transport


@pytest.fixture
def connections() -> Connections:
    return Connections()


def framed(*messages: bytes) -> bytes:
    return b"".join(len(one).to_bytes(2, "big") + one for one in messages)


def test_messages_are_answered_one_after_the_other(connections: Connections) -> None:
    server, transport = connections.open()
    octets = framed(b"one", b"two")
    for at in range(len(octets)):
        feed(server, octets[at : at + 1])
    assert transport.value() == framed(b"TCP 4711 one", b"TCP 4711 two")


def test_silence_closes_the_connection(connections: Connections) -> None:
    server, transport = connections.open()
    feed(server, framed(b""))
    assert transport.disconnecting


def test_an_idle_connection_is_cut_off(connections: Connections) -> None:
    server, transport = connections.open()
    connections.clock.advance(TCP_IDLE_S - 1)
    feed(server, framed(b"one"))
    connections.clock.advance(TCP_IDLE_S - 1)
    assert not transport.disconnected
    connections.clock.advance(1)
    assert transport.disconnected


def test_half_a_message_does_not_keep_a_connection_open(connections: Connections) -> None:
    server, transport = connections.open()
    feed(server, b"\x01\x00")
    for _ in range(int(TCP_IDLE_S) + 1):
        feed(server, b"x")
        connections.clock.advance(1)
    assert transport.disconnected


def test_there_is_a_limit_to_connections(connections: Connections) -> None:
    opened = [connections.open() for _ in range(TCP_CONNECTIONS + 1)]
    assert [transport.disconnected for _, transport in opened] == [
        *([False] * TCP_CONNECTIONS),
        True,
    ]


def test_a_closed_connection_makes_room_and_stops_its_clock(connections: Connections) -> None:
    server, _ = connections.open()
    server.connectionLost(Failure(ConnectionDone()))
    assert connections.factory.connected == 0
    assert connections.clock.getDelayedCalls() == []


def test_an_asker_is_described_by_address_and_transport() -> None:
    seen: list[Peer] = []

    def watch(wire: bytes, peer: Peer) -> tuple[bytes, ...]:
        del wire
        seen.append(peer)
        return ()

    factory = TcpFactory(Clock(), watch)
    protocol = factory.buildProtocol(IPv4Address("TCP", *ADDRESS))
    assert isinstance(protocol, TcpServer)
    transport = StringTransport()
    directlyProvides(transport, ITCPTransport)
    connect(protocol, transport)
    feed(protocol, framed(b"x"))
    protocol.connectionLost(Failure(ConnectionDone()))
    assert seen == [Peer("127.0.0.1", 4711, Transport.TCP)]
