"""A TLS connection as Twisted's transport, for protocols that know nothing of TLS and DANE.

The protocol is built when the gate has let the peer in, so it cannot do anything before.
"""

from collections.abc import Callable, Iterable
from typing import cast

from cryptography import x509
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    INegotiated,
    IProducer,
    IProtocol,
    IPushProducer,
    ITCPTransport,
)
from zope.interface import implementer

from lab.dane.decision import Decision
from lab.net.tls import TlsConnection


@implementer(INegotiated, IConsumer, IPushProducer)
class DaneTransport:
    """Be what a protocol writes to.

    Attributes:
        decision: who the peer is, by `decision.identity`, and the whole report.
        presented: the chain and the name that the peer showed.
        disconnecting: the protocol has closed the connection.
    """

    def __init__(
        self, connection: TlsConnection, decision: Decision, deliver: Callable[[bytes], None]
    ) -> None:
        """Write to *connection*; what it brings goes to *deliver*, unless reading is paused."""
        assert connection.presented is not None
        self.decision, self.presented = decision, connection.presented
        self.disconnecting = False
        self._connection, self._deliver = connection, deliver
        self._socket = ITCPTransport(connection.transport)
        self._paused, self._kept, self._has_producer = False, b"", False

    @property
    def negotiatedProtocol(self) -> bytes | None:
        """Return the protocol agreed on by ALPN; None if there is none."""
        return self._connection.protocol.encode("ascii") or None

    def getPeerCertificate(self) -> x509.Certificate | None:
        """Return the certificate of the peer itself; None if it showed none."""
        return next(iter(self.presented.chain), None)

    def getPeer(self) -> IPv4Address | IPv6Address:
        """Return the address of the peer."""
        return self._socket.getPeer()

    def getHost(self) -> IPv4Address | IPv6Address:
        """Return our address."""
        return self._socket.getHost()

    def write(self, data: bytes) -> None:
        """Send *data*, encrypted."""
        if not self.disconnecting or self._has_producer:
            self._connection.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send all of *data*."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Say goodbye and close, when the producer is done and everything is written."""
        self.disconnecting = True
        if not self._has_producer:
            self._connection.finish()

    def loseWriteConnection(self) -> None:
        """Close: half a connection is not kept."""
        self.loseConnection()

    def abortConnection(self) -> None:
        """Cut the connection."""
        self.disconnecting = True
        self._socket.abortConnection()

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:  # noqa: FBT001 Twisted's
        """Let *producer* be paused while the peer reads too slowly.

        Raises:
            RuntimeError: there is one already.
        """
        cast("IConsumer", self._socket).registerProducer(producer, streaming)
        self._has_producer = True

    def unregisterProducer(self) -> None:
        """Forget the producer; close if that is what was waited for."""
        cast("IConsumer", self._socket).unregisterProducer()
        self._has_producer = False
        if self.disconnecting:
            self._connection.finish()

    def pauseProducing(self) -> None:
        """Read no more."""
        self._paused = True
        self._reading.pauseProducing()

    def resumeProducing(self) -> None:
        """Read again, beginning with what was read before the pause."""
        self._paused = False
        kept, self._kept = self._kept, b""
        if kept:
            self._deliver(kept)
        if not self._paused:
            self._reading.resumeProducing()

    def stopProducing(self) -> None:
        """Close."""
        self.loseConnection()

    def received(self, data: bytes) -> None:
        """Hand on what came, or keep it: one read of the socket may come after a pause."""
        if self._paused:
            self._kept += data
        else:
            self._deliver(data)

    @property
    def _reading(self) -> IPushProducer:
        return cast("IPushProducer", self._socket)

    def getTcpNoDelay(self) -> bool:
        """Return whether small segments are sent at once."""
        return bool(self._socket.getTcpNoDelay())

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001 Twisted's
        """Say whether small segments are sent at once."""
        self._socket.setTcpNoDelay(enabled)

    def getTcpKeepAlive(self) -> bool:
        """Return whether the system looks after idle connections."""
        return bool(self._socket.getTcpKeepAlive())

    def setTcpKeepAlive(self, enabled: bool) -> None:  # noqa: FBT001 Twisted's
        """Say whether the system looks after idle connections."""
        self._socket.setTcpKeepAlive(enabled)


class ProtocolApplication:
    """Be the application of a `TlsConnection` by a protocol of Twisted."""

    def __init__(
        self,
        build: Callable[[IAddress], IProtocol | None],
        ready: Callable[[IProtocol | None], None] = lambda _: None,
        over: Callable[[], None] = lambda: None,
    ) -> None:
        """Use what *build* makes for the address of the peer.

        Args:
            build: of a factory.
            ready: is told of the protocol once it is connected, or that *build* wants none.
            over: is told of the end, also of a connection that was never opened.
        """
        self._build, self._ready, self._over = build, ready, over
        self._connection: TlsConnection | None = None
        self._protocol: IProtocol | None = None
        self._transport: DaneTransport | None = None

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Build the protocol and connect it."""
        self._connection = connection
        self._protocol = protocol = self._build(ITCPTransport(connection.transport).getPeer())
        if protocol is None:
            connection.finish()
        else:
            self._transport = DaneTransport(connection, decision, protocol.dataReceived)
            protocol.makeConnection(self._transport)
        self._ready(protocol)

    def received(self, data: bytes) -> None:
        """Hand data on."""
        if self._transport is not None:
            self._transport.received(data)

    def closed(self, reason: str) -> None:
        """Hand on that it is over, and why."""
        if self._protocol is not None and self._connection is not None:
            assert self._connection.ending is not None
            self._protocol.connectionLost(self._connection.ending)
        self._over()
