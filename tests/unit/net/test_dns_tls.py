"""The messages of a TLS connection, without the TLS; and where it is opened."""

from typing import cast

from twisted.internet.address import IPv4Address

from lab.nameserver.query import Peer
from lab.net.dns_stream import Crowd
from lab.net.dns_tls import DotApplication, listen_dot
from lab.net.ports import PortSet
from lab.net.tls import TlsConnection
from tests.unit.net.flow import Wire, framed
from tests.unit.net.sockets import FakeReactor
from tests.unit.net.wire import ACCEPTED
from tests.unit.tls.pair import SERVER


class Connection:
    """Stand for a connection that was let in: what is written goes out in clear."""

    def __init__(self) -> None:
        self.transport = Wire()
        self.transport.peerAddr = IPv4Address("TCP", "127.0.0.1", 4711)
        self.finished = False
        self.protocol = "dot"

    def write(self, data: bytes) -> None:
        self.transport.write(data)  # type: ignore[no-untyped-call]  # Twisted's

    def finish(self) -> None:
        self.finished = True


def echo(wire: bytes, peer: Peer) -> tuple[bytes, ...]:
    return (f"{peer.host} {peer.transport.value} {peer.protocol} ".encode() + wire,) if wire else ()


def opened(reactor: FakeReactor, crowd: Crowd) -> tuple[DotApplication, Connection]:
    application, connection = DotApplication(reactor.reactor, crowd, echo), Connection()
    application.opened(cast("TlsConnection", connection), ACCEPTED)
    return application, connection


def test_messages_over_tls_are_answered_like_those_over_tcp() -> None:
    application, connection = opened(FakeReactor(), Crowd())
    application.received(framed(b"one", b"two"))
    connection.transport.drain()
    expected = framed(b"127.0.0.1 TLS dot one", b"127.0.0.1 TLS dot two")
    assert connection.transport.written == expected


def test_silence_says_goodbye() -> None:
    application, connection = opened(FakeReactor(), Crowd())
    application.received(framed(b""))
    assert connection.finished


def test_a_closed_connection_leaves_nothing_behind() -> None:
    reactor, crowd = FakeReactor(), Crowd()
    application, _ = opened(reactor, crowd)
    application.closed("")
    assert len(crowd) == 0
    assert reactor.getDelayedCalls() == []


def test_a_connection_that_is_never_let_in_is_never_answered() -> None:
    application = DotApplication(FakeReactor().reactor, Crowd(), echo)
    application.received(framed(b"one"))
    application.closed("")


def test_tls_is_opened_where_it_was_asked_for() -> None:
    reactor = FakeReactor()
    number = listen_dot(reactor.reactor, PortSet(), ("127.0.0.1", 8853), SERVER, echo)
    ((port, factory),) = reactor.tcp
    assert (port.interface, port.number, number) == ("127.0.0.1", 8853, 8853)
    assert isinstance(factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1)), TlsConnection)
