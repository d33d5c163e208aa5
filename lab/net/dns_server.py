"""DNS over UDP and TCP for one address: octets in, one call, octets out (RFC 1035, RFC 7766)."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IListeningPort,
    IReactorTime,
    ITCPTransport,
)
from twisted.internet.protocol import DatagramProtocol, Protocol, ServerFactory
from twisted.protocols.basic import Int16StringReceiver
from twisted.protocols.policies import TimeoutMixin

from lab.nameserver.query import Peer, Transport
from lab.net.ports import PortSet
from lab.net.reactor import Reactor

Responder: TypeAlias = Callable[[bytes, Peer], Iterable[bytes]]
"""Returns the messages to send: none is silence, more than one only over TCP (a transfer)."""

UDP_QUERY_LIMIT = 8192
# RFC 7766 section 6.2.3 asks for "of the order of seconds" before an idle connection is closed.
TCP_IDLE_S = 10.0
TCP_CONNECTIONS = 150
TCP_BACKLOG = 50


class UdpServer(DatagramProtocol):
    """Answer datagrams."""

    def __init__(self, respond: Responder) -> None:
        """Answer with what *respond* returns."""
        self._respond = respond

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Answer one datagram."""
        for answer in self._respond(datagram, Peer(addr[0], addr[1], Transport.UDP)):
            if self.transport is not None:
                self.transport.write(answer, addr)

    def connectionRefused(self) -> None:
        """Ignore that an asker has gone."""


class TcpServer(Int16StringReceiver, TimeoutMixin):
    """Answer messages with a length before them (RFC 1035 section 4.2.2), one after the other."""

    factory: "TcpFactory"

    def __init__(self, reactor: IReactorTime, respond: Responder, peer: Peer) -> None:
        """Answer *peer* with what *respond* returns; nothing closes the connection."""
        self._reactor = reactor
        self._respond = respond
        self._peer = peer

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:
        """Let the idle clock run on the reactor that was passed in."""
        return self._reactor.callLater(period, func)

    def connectionMade(self) -> None:
        """Start the idle clock, or turn the connection away if there are too many."""
        self.factory.connected += 1
        if self.factory.connected > TCP_CONNECTIONS:
            ITCPTransport(self.transport).abortConnection()
        self.setTimeout(TCP_IDLE_S)

    def stringReceived(self, string: bytes) -> None:
        """Answer one message."""
        self.resetTimeout()
        answers = tuple(self._respond(string, self._peer))
        for answer in answers:
            self.sendString(answer)
        if not answers:
            ITCPTransport(self.transport).loseConnection()

    def timeoutConnection(self) -> None:
        """Cut off who is silent, or does not read what was sent."""
        ITCPTransport(self.transport).abortConnection()

    def connectionLost(self, reason: object = None) -> None:
        """Forget the connection."""
        self.factory.connected -= 1
        self.setTimeout(None)


class TcpFactory(ServerFactory):
    """Make a `TcpServer` for each connection.

    Attributes:
        connected: how many connections there are now.
    """

    noisy = False

    def __init__(self, reactor: IReactorTime, respond: Responder) -> None:
        """Let every connection answer with *respond*."""
        self._reactor = reactor
        self._respond = respond
        self.connected = 0

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Return the protocol for a connection from *addr*."""
        peer = Peer(getattr(addr, "host", ""), getattr(addr, "port", 0), Transport.TCP)
        protocol = TcpServer(self._reactor, self._respond, peer)
        protocol.factory = self
        return protocol


def listen(reactor: Reactor, ports: PortSet, address: str, port: int, respond: Responder) -> int:
    """Serve UDP and TCP on *address* with one port number, and return it.

    Raises:
        BindError: one of the two could not be opened; *ports* still holds the other.
    """

    def tcp(port: int, *, interface: str) -> IListeningPort:
        return reactor.listenTCP(port, TcpFactory(reactor, respond), TCP_BACKLOG, interface)

    def udp(port: int, *, interface: str) -> IListeningPort:
        return reactor.listenUDP(port, UdpServer(respond), interface, UDP_QUERY_LIMIT)

    number = ports.listen(udp, address, port)
    return ports.listen(tcp, address, number)
