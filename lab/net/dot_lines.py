"""Connections to nameservers over TLS that stay for the next question (RFC 7858 section 3.4).

Decides nothing: whom to let in is the gate's business, and what to do without TLS the client's.
"""

from collections.abc import Callable

from dns.message import Message
from twisted.internet.defer import Deferred
from twisted.protocols.basic import Int16StringReceiver

from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.core.question import Server
from lab.dane.decision import Decision
from lab.nameserver.query import ALPN
from lab.net.dns_query import Sent
from lab.net.reactor import Reactor
from lab.net.tls import Guard, TlsConnection
from lab.net.tls_ports import TlsClientFactory
from lab.tls.authentication import Presented
from lab.tls.context import ClientRole, Context

Judge = Callable[[Presented], Decision]

# RFC 9539 section 4.3: a server without TLS is not tried again for a day.
DAMPING_S = 86400.0


class LineLostError(TransportError):
    """Report that a connection ended before the answer came."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Say to whom a connection leads.

    Attributes:
        server: the nameserver; its own port is that of DNS in clear.
        where: address and port at which it is reached to speak TLS.
        server_name: for SNI, without trailing dot; empty to send none.
    """

    server: Server
    where: tuple[str, int]
    server_name: str = ""


class DotLine:
    """One connection: several questions may be under way (RFC 7766 section 6.2.1.1)."""

    def __init__(self, gone: "Callable[[DotLine], None]") -> None:
        """Tell *gone* when it is of no more use."""
        self._gone = gone
        self._connection: TlsConnection | None = None
        self._waiting: list[tuple[Sent, Deferred[Message]]] = []
        self._frames = _Frames(self._take)

    async def ask(self, sent: Sent) -> Message:
        """Return the response to *sent*.

        Raises:
            TransportError: the connection ended, or never came to be.
        """
        entry = sent, Deferred[Message]()
        self._waiting.append(entry)
        if self._connection is not None:
            self._connection.write(_framed(sent))
        try:
            return await entry[1]
        finally:
            self._waiting.remove(entry)

    def lose(self, error: TransportError) -> None:
        """Fail what is under way; the line is used no more."""
        self._gone(self)
        for _, waiting in tuple(self._waiting):
            if not waiting.called:
                waiting.errback(error)

    def finish(self) -> None:
        """Say goodbye."""
        if self._connection is not None:
            self._connection.finish()

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Send what was waiting for the handshake."""
        del decision
        self._connection = connection
        for sent, _ in self._waiting:
            connection.write(_framed(sent))

    def received(self, data: bytes) -> None:
        """Take octets."""
        self._frames.dataReceived(data)

    def closed(self, reason: str) -> None:
        """Fail what is under way."""
        self.lose(LineLostError(reason or "the server closed the connection without an answer"))

    def _take(self, wire: bytes) -> None:
        # RFC 7766 section 7: answers come in any order.
        for sent, waiting in tuple(self._waiting):
            message = sent.in_stream(wire)
            if message is not None and not waiting.called:
                waiting.callback(message)
                return


def _framed(sent: Sent) -> bytes:
    return len(sent.wire).to_bytes(2, "big") + sent.wire


class _Frames(Int16StringReceiver):
    """Cut a stream into messages."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def stringReceived(self, string: bytes) -> None:
        self._take(string)


class DotLines:
    """Keep the connections, and who does not speak TLS."""

    def __init__(self, reactor: Reactor) -> None:
        """Open nothing yet."""
        self._reactor = reactor
        self._lines: dict[Peer, DotLine] = {}
        self._without: dict[Peer, float] = {}
        self._context: Context | None = None

    async def ask(self, peer: Peer, sent: Sent, judge: Judge, patience: float) -> Message:
        """Return the response of *peer* to *sent*, over a connection that *judge* let pass.

        Raises:
            TransportError: there is none after *patience* seconds, or sooner.
            UnsupportedError: there is no usable libssl.
        """
        known = self._lines.get(peer)
        if known is not None:
            try:
                return await self._ask(known, sent, patience)
            except LineLostError:
                # RFC 7766 section 6.2.4: servers close when they like; ask again on a new one.
                pass
        return await self._ask(self._opened(peer, judge), sent, patience)

    async def _ask(self, line: DotLine, sent: Sent, patience: float) -> Message:
        late = TransportError("none in time")
        timer = self._reactor.callLater(patience, line.lose, late)
        try:
            return await line.ask(sent)
        finally:
            if timer.active():
                timer.cancel()

    def avoid(self, peer: Peer) -> None:
        """Remember that *peer* does not speak TLS."""
        self._without[peer] = self._reactor.seconds() + DAMPING_S

    def avoided(self, peer: Peer) -> bool:
        """Tell whether *peer* is known not to speak TLS."""
        return self._without.get(peer, 0.0) > self._reactor.seconds()

    def close(self) -> None:
        """Say goodbye everywhere."""
        for line in tuple(self._lines.values()):
            line.finish()

    def _opened(self, peer: Peer, judge: Judge) -> DotLine:
        def forget(line: DotLine) -> None:
            if self._lines.get(peer) is line:
                del self._lines[peer]

        line = DotLine(forget)

        async def gate(presented: Presented) -> Decision:
            decision = judge(presented)
            if not decision.lets_in:
                # The alert may take its time to be read; the asker need not wait for that.
                line.lose(TransportError(f"refused: {decision.reason}"))
            return decision

        if self._context is None:
            self._context = Context(ClientRole(protocols=(ALPN,)))
        self._lines[peer] = line
        connection = TlsConnection(
            self._reactor, Guard(self._context, gate), line, peer.server_name
        )
        factory = TlsClientFactory(connection, line.closed)
        self._reactor.connectTCP(*peer.where, factory)
        return line
