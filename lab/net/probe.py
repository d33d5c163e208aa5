"""Shake hands with a TLS server and go away: for those who only want to know what it shows.

Nothing is said to the server but what the handshake needs, and before it STARTTLS if asked for.
"""

from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall, ITCPTransport
from twisted.internet.protocol import ClientFactory
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure

from lab.core.errors import PeerError, TransportError
from lab.net.reactor import Reactor
from lab.tls.authentication import presented_by
from lab.tls.context import Context
from lab.tls.engine import Engine, State
from lab.tls.inspection import Probed

PROBE_S = 10.0


class Prelude(Protocol):
    """Speak in clear until TLS may begin."""

    @property
    def is_ready(self) -> bool:
        """Tell whether the next octets are those of TLS."""
        ...

    def feed(self, data: bytes) -> bytes:
        """Take octets and return what is to be sent; PeerError if it will not come to TLS."""
        ...


class _ProbeProtocol(TwistedProtocol):
    """Carry octets between a socket, a prelude and an engine, up to the end of the handshake."""

    def __init__(self, reactor: Reactor, engine: Engine, prelude: Prelude | None) -> None:
        self.result: Deferred[Probed] = Deferred()
        self._reactor, self._engine, self._prelude = reactor, engine, prelude
        self._timer: IDelayedCall | None = None

    def connectionMade(self) -> None:
        self._timer = self._reactor.callLater(PROBE_S, self._fail, "the handshake took too long")
        if self._prelude is None:
            self._flush()

    def dataReceived(self, data: bytes) -> None:
        if self.result.called:
            return
        try:
            if self._prelude is not None and not self._prelude.is_ready:
                self._send(self._prelude.feed(data))
                if self._prelude.is_ready:
                    self._flush()
                return
            self._engine.feed(data)
            self._flush()
            self._follow()
        except PeerError as error:
            self._fail(str(error))

    def connectionLost(self, reason: Failure | None = None) -> None:
        stage = "the handshake" if self._prelude is None or self._prelude.is_ready else "STARTTLS"
        self._fail(self._engine.alert or f"the server closed the connection during {stage}")

    def unreachable(self, reason: str) -> None:
        """Tell that nobody listens."""
        self._fail(reason)

    def _follow(self) -> None:
        if self._engine.state is State.VERIFY:
            probed = Probed(presented_by(self._engine), self._engine.version, self._engine.cipher)
            self._end().callback(probed)
        elif self._engine.state is State.CLOSED:
            self._fail(self._engine.alert or self._engine.failure)

    def _fail(self, reason: str) -> None:
        if not self.result.called:
            self._end().errback(TransportError(reason))

    def _end(self) -> "Deferred[Probed]":
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        if self.transport is not None:
            ITCPTransport(self.transport).loseConnection()
        return self.result

    def _flush(self) -> None:
        self._send(self._engine.out())

    def _send(self, data: bytes) -> None:
        if data and self.transport is not None:
            self.transport.write(data)


class _ProbeFactory(ClientFactory):
    noisy = False

    def __init__(self, protocol: _ProbeProtocol) -> None:
        self._protocol = protocol

    def buildProtocol(self, addr: IAddress | None) -> TwistedProtocol:
        return self._protocol

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        self._protocol.unreachable(reason.getErrorMessage())


async def probe(
    reactor: Reactor,
    where: tuple[str, int],
    context: Context,
    server_name: str,
    prelude: Prelude | None = None,
) -> Probed:
    """Return what the server at *where* (address, port) shows in a handshake.

    Args:
        reactor: for sockets and time.
        where: address and port.
        context: of a client.
        server_name: for SNI, without trailing dot.
        prelude: what is said before the handshake.

    Raises:
        TransportError: there was no handshake; says why.
    """
    protocol = _ProbeProtocol(reactor, Engine(context, server_name), prelude)
    reactor.connectTCP(*where, _ProbeFactory(protocol), PROBE_S)
    return await protocol.result
