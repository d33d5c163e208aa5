"""DNS over UDP and TCP for askers whose answers take time: a resolver's side of RFC 1035.

Octets in, one awaited call, octets out. Answers over TCP are sent as they are ready (RFC 7766
section 6.2.1.1). How many questions are worked on at once is for whoever answers to limit.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from twisted.internet.defer import Deferred
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

SlowResponder: TypeAlias = Callable[[bytes, Peer], Awaitable[bytes | None]]
"""Returns the message to send; None is silence. It never raises."""

UDP_QUERY_LIMIT = 4096
# RFC 7766 section 6.2.3 asks for "of the order of seconds" before an idle connection is closed.
TCP_IDLE_S = 10.0
TCP_CONNECTIONS = 50
TCP_BACKLOG = 20
# Questions of one connection that wait for answers; reading stops there (RFC 7766 section 6.2.2).
TCP_PIPELINED = 16


class UdpStub(DatagramProtocol):
    """Answer datagrams, each when its answer is ready."""

    def __init__(self, respond: SlowResponder) -> None:
        """Answer with what *respond* returns."""
        self._respond = respond

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Begin to answer one datagram."""
        Deferred.fromCoroutine(self._answer(datagram, addr))

    async def _answer(self, datagram: bytes, addr: tuple[str, int]) -> None:
        answer = await self._respond(datagram, Peer(addr[0], addr[1], Transport.UDP))
        if answer is not None and self.transport is not None:
            self.transport.write(answer, addr)

    def connectionRefused(self) -> None:
        """Ignore that an asker has gone."""


class TcpStub(Int16StringReceiver, TimeoutMixin):
    """Answer messages with a length before them (RFC 1035 section 4.2.2)."""

    factory: "StubFactory"

    def __init__(self, reactor: IReactorTime, respond: SlowResponder, peer: Peer) -> None:
        """Answer *peer* with what *respond* returns; nothing closes the connection."""
        self._reactor, self._respond, self._peer = reactor, respond, peer
        self._waiting = 0
        self._open = False

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:
        """Let the idle clock run on the reactor that was passed in."""
        return self._reactor.callLater(period, func)

    def connectionMade(self) -> None:
        """Start the idle clock, or turn the connection away if there are too many."""
        self.factory.connected += 1
        self._open = True
        if self.factory.connected > TCP_CONNECTIONS:
            ITCPTransport(self.transport).abortConnection()
        self.setTimeout(TCP_IDLE_S)

    def stringReceived(self, string: bytes) -> None:
        """Begin to answer one message."""
        self.resetTimeout()
        self._waiting += 1
        if self._waiting >= TCP_PIPELINED:
            self.pauseProducing()
        Deferred.fromCoroutine(self._answer(string))

    async def _answer(self, string: bytes) -> None:
        answer = await self._respond(string, self._peer)
        self._waiting -= 1
        if not self._open:
            return
        self.resetTimeout()
        if answer is None:
            ITCPTransport(self.transport).loseConnection()
            return
        self.sendString(answer)
        if self.paused:
            self.resumeProducing()

    def timeoutConnection(self) -> None:
        """Cut off who is silent, unless it is we who are slow."""
        if self._waiting:
            self.setTimeout(TCP_IDLE_S)
        else:
            ITCPTransport(self.transport).abortConnection()

    def connectionLost(self, reason: object = None) -> None:
        """Forget the connection."""
        self._open = False
        self.factory.connected -= 1
        self.setTimeout(None)


class StubFactory(ServerFactory):
    """Make a `TcpStub` for each connection.

    Attributes:
        connected: how many connections there are now.
    """

    noisy = False

    def __init__(self, reactor: IReactorTime, respond: SlowResponder) -> None:
        """Let every connection answer with *respond*."""
        self._reactor, self._respond = reactor, respond
        self.connected = 0

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Return the protocol for a connection from *addr*."""
        peer = Peer(getattr(addr, "host", ""), getattr(addr, "port", 0), Transport.TCP)
        protocol = TcpStub(self._reactor, self._respond, peer)
        protocol.factory = self
        return protocol


def listen(
    reactor: Reactor, ports: PortSet, address: str, port: int, respond: SlowResponder
) -> int:
    """Serve UDP and TCP on *address* with one port number, and return it.

    Raises:
        BindError: one of the two could not be opened; *ports* still holds the other.
    """

    def tcp(port: int, *, interface: str) -> IListeningPort:
        return reactor.listenTCP(port, StubFactory(reactor, respond), TCP_BACKLOG, interface)

    def udp(port: int, *, interface: str) -> IListeningPort:
        return reactor.listenUDP(port, UdpStub(respond), interface, UDP_QUERY_LIMIT)

    number = ports.listen(udp, address, port)
    return ports.listen(tcp, address, number)
