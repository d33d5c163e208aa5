"""DNS over UDP and TCP for one address: octets in, one call, octets out (RFC 1035, RFC 7766)."""

import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, cast

from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableProtocol,
    IListeningPort,
    IReactorTime,
    ITCPTransport,
)
from twisted.internet.protocol import DatagramProtocol, Protocol, ServerFactory
from zope.interface import implementer

from lab.nameserver.query import Peer, Transport
from lab.net.dns_stream import Answers, Crowd, DnsStream, Flow, Line, Wait
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.udp_batch import BatchPort, Quick, Turn, listen_in_batches

Responder: TypeAlias = Callable[[bytes, Peer], Iterable[bytes | Wait]]
"""Returns the messages to send: none is silence, more than one only over TCP (a transfer)."""

UDP_QUERY_LIMIT = 8192
# Datagrams that a slow zone keeps waiting; more are lost, as in the full queue of a busy server.
UDP_WAITING = 1000
TCP_BACKLOG = 50

# From <linux/in.h> (IP_MTU_DISCOVER, IP_PMTUDISC_PROBE: set DF, believe no ICMP) and <netinet/in.h>
# (IP_DONTFRAG); Python's socket module names neither.
_DONT_FRAGMENT = {"linux": (10, 3), "darwin": (28, 1), "freebsd": (67, 1)}


class UdpServer(DatagramProtocol):
    """Answer datagrams."""

    def __init__(self, reactor: IReactorTime, respond: Responder) -> None:
        """Answer with what *respond* returns."""
        self._reactor = reactor
        self._respond = respond
        self._waiting: set[IDelayedCall] = set()

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Answer one datagram."""
        self._send(iter(self._respond(datagram, Peer(addr[0], addr[1], Transport.UDP))), addr)

    def _send(self, answers: Iterator[bytes | Wait], addr: tuple[str, int]) -> None:
        for answer in answers:
            if isinstance(answer, Wait):
                self._wait(answer.seconds, answers, addr)
                return
            if self.transport is not None:
                self.transport.write(answer, addr)

    def _wait(self, seconds: float, answers: Iterator[bytes | Wait], addr: tuple[str, int]) -> None:
        def go_on() -> None:
            self._waiting.remove(call)
            self._send(answers, addr)

        if len(self._waiting) < UDP_WAITING:
            call = self._reactor.callLater(seconds, go_on)
            self._waiting.add(call)

    def stopProtocol(self) -> None:
        """Answer nobody who still waits: the port is closed."""
        for call in self._waiting:
            call.cancel()
        self._waiting.clear()

    def connectionRefused(self) -> None:
        """Ignore that an asker has gone."""


@implementer(IHalfCloseableProtocol)
class TcpServer(Protocol):
    """Answer messages with a length before them (RFC 1035 section 4.2.2)."""

    def __init__(self, reactor: IReactorTime, crowd: Crowd, answers: Answers) -> None:
        """Answer with what *answers* returns."""
        self._reactor, self._crowd, self._answers = reactor, crowd, answers
        self._stream: DnsStream | None = None

    def connectionMade(self) -> None:
        """Begin."""
        transport = ITCPTransport(self.transport)
        line = Line(transport.write, transport.loseConnection, cast("Flow", transport))
        self._stream = DnsStream(self._reactor, self._crowd, line, self._answers)

    def dataReceived(self, data: bytes) -> None:
        """Hand octets on."""
        if self._stream is not None:
            self._stream.received(data)

    def readConnectionLost(self) -> None:
        """Hand on that the peer sends no more."""
        if self._stream is not None:
            self._stream.ended()

    def writeConnectionLost(self) -> None:
        """Nothing is to be done: we never close only our side."""

    def connectionLost(self, reason: object = None) -> None:
        """Hand on that it is over."""
        if self._stream is not None:
            self._stream.lost()


class TcpFactory(ServerFactory):
    """Make a `TcpServer` for each connection.

    Attributes:
        crowd: the connections there are now.
    """

    noisy = False

    def __init__(self, reactor: IReactorTime, respond: Responder) -> None:
        """Let every connection answer with *respond*."""
        self._reactor = reactor
        self._respond = respond
        self.crowd = Crowd()

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Return the protocol for a connection from *addr*."""
        peer = Peer(getattr(addr, "host", ""), getattr(addr, "port", 0), Transport.TCP)
        return TcpServer(self._reactor, self.crowd, lambda wire: self._respond(wire, peer))


def forbid_fragments(port: IListeningPort) -> None:
    """Let the system set DF in what *port* sends, where it can (RFC 9715 section 3.1)."""
    opened = getattr(port, "socket", None)
    if opened is not None:
        do_not_fragment(opened)


def do_not_fragment(opened: socket.socket) -> None:
    """Let the system set DF in what a socket sends, where it can.

    Our answers fit into every path (`UDP_PAYLOAD`), so that no path has to be discovered.
    """
    option = _DONT_FRAGMENT.get(sys.platform)
    if option is not None:
        opened.setsockopt(socket.IPPROTO_IP, *option)


def nothing_at_once(_datagram: bytes, _sender: tuple[str, int]) -> bytes | None:
    """Have no answer to any datagram."""
    return None


def ask_each_time() -> Quick:
    """Let every datagram be answered by the responder."""
    return nothing_at_once


def listen(  # noqa: PLR0913, PLR0917 who answers, and where and how to listen
    reactor: Reactor,
    ports: PortSet,
    address: str,
    port: int,
    respond: Responder,
    turn: Turn = ask_each_time,
    kind: type[BatchPort] = BatchPort,
) -> int:
    """Serve UDP and TCP on *address* with one port number, and return it.

    What *turn* gives answers datagrams at once; *respond* sees only what that has no answer to. A
    *kind* of port may be one that other processes read from, too.

    Raises:
        BindError: one of the two could not be opened; *ports* still holds the other.
    """

    def tcp(port: int, *, interface: str) -> IListeningPort:
        return reactor.listenTCP(port, TcpFactory(reactor, respond), TCP_BACKLOG, interface)

    def udp(port: int, *, interface: str) -> IListeningPort:
        server = UdpServer(reactor, respond)
        opened = listen_in_batches(kind, reactor, (interface, port), server, UDP_QUERY_LIMIT, turn)
        forbid_fragments(opened)
        return opened

    number = ports.listen(udp, address, port)
    return ports.listen(tcp, address, number)
