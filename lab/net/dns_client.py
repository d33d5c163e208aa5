"""Ask one server one question, from a reactor.

A response counts only if its sender, port, ID and question are those of the query (RFC 5452 section
9); anything else is ignored and the wait goes on.
"""

from dataclasses import replace
from math import inf

from dns.message import Message
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConnector, IDelayedCall
from twisted.internet.protocol import ClientFactory, DatagramProtocol
from twisted.protocols.basic import Int16StringReceiver
from twisted.python.failure import Failure

from lab.core.entropy import Entropy
from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.core.question import Carrier, Question, Response, Server
from lab.net.dns_exchange import Attempt, CaseLostError, exchange, read_datagram
from lab.net.dns_query import Sent
from lab.net.drive import drive
from lab.net.reactor import Reactor
from lab.net.way import Way, straight

UDP_ANSWER_LIMIT = 65535
TIMEOUT_S = 1.0


@dataclass(frozen=True)
class DnsClient:
    """Ask questions over real sockets.

    Attributes:
        reactor: provides UDP, TCP and time.
        port: where the servers listen; referrals and glue carry no port.
        entropy: for message IDs and the case of letters.
        timeout_s: seconds to wait for one answer.
        deadline: no question is asked after it, in the seconds of the reactor.
        way: address and port of a server to those at which it is reached.
    """

    reactor: Reactor
    port: int
    entropy: Entropy
    timeout_s: float = TIMEOUT_S
    deadline: float = inf
    way: Way = straight

    def within(self, seconds: float) -> "DnsClient":
        """Return a client for one resolution, which has to end in *seconds*."""
        return replace(self, deadline=self.reactor.seconds() + seconds)

    async def ask(self, question: Question) -> Response:
        """Return what the server of *question* answers.

        Raises:
            TransportError: no answer came in time, or the server is not there.
        """

        async def perform(attempt: Attempt) -> Message:
            if attempt.carrier is Carrier.UDP:
                return await _UdpExchange(self, attempt.sent, question.server).run()
            return await self._over_tcp(attempt.sent, question.server)

        return await drive(exchange(question, self.entropy), perform)

    def way_to(self, server: Server) -> tuple[str, int]:
        """Return address and port by which *server* is reached."""
        return self.way(server.address, self.port if server.port is None else server.port)

    def patience(self) -> float:
        """Return how many seconds to wait for the next answer.

        Raises:
            TransportError: none; the resolution has taken too long.
        """
        left = self.deadline - self.reactor.seconds()
        if left <= 0:
            raise TransportError("not asked: the time for this resolution is over")
        return min(self.timeout_s, left)

    async def _over_tcp(self, sent: Sent, server: Server) -> Message:
        patience = self.patience()
        waiting: Deferred[Message] = Deferred()
        factory = _TcpFactory(sent, waiting)
        connector = self.reactor.connectTCP(*self.way_to(server), factory, timeout=patience)
        timer = self.reactor.callLater(
            patience, _fail, waiting, f"no answer over TCP from {server}"
        )
        try:
            return await waiting
        finally:
            _cancel(timer)
            connector.disconnect()


def _fail(waiting: "Deferred[Message]", why: str) -> None:
    if not waiting.called:
        waiting.errback(TransportError(why))


def _cancel(timer: IDelayedCall) -> None:
    if timer.active():
        timer.cancel()


class _UdpExchange(DatagramProtocol):
    """Send one datagram from a fresh port and wait for its answer."""

    def __init__(self, client: DnsClient, sent: Sent, server: Server) -> None:
        self._client = client
        self._sent = sent
        self._server = server
        self._waiting: Deferred[Message] = Deferred()

    async def run(self) -> Message:
        patience = self._client.patience()
        reactor = self._client.reactor
        interface = "::" if ":" in self._server.address else ""
        try:
            port = reactor.listenUDP(0, self, interface, UDP_ANSWER_LIMIT)
        except OSError as error:
            # A system without IPv6, or an address that no route leads to.
            raise TransportError(f"{self._server} cannot be reached: {error.strerror}") from error
        timer = reactor.callLater(patience, _fail, self._waiting, f"no answer from {self._server}")
        try:
            return await self._waiting
        finally:
            _cancel(timer)
            port.stopListening()

    def startProtocol(self) -> None:
        assert self.transport is not None
        self.transport.connect(*self._client.way_to(self._server))
        self.transport.write(self._sent.wire, None)

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        if self._waiting.called:
            return
        try:
            message = read_datagram(self._sent, datagram)
        except CaseLostError as error:
            self._waiting.errback(error)
            return
        if message is not None:
            self._waiting.callback(message)

    def connectionRefused(self) -> None:
        _fail(self._waiting, f"{self._server} does not listen")


class _TcpExchange(Int16StringReceiver):
    """Send the query and wait for its answer."""

    def __init__(self, sent: Sent, waiting: "Deferred[Message]") -> None:
        self._sent = sent
        self._waiting = waiting

    def connectionMade(self) -> None:
        self.sendString(self._sent.wire)

    def stringReceived(self, string: bytes) -> None:
        message = self._sent.in_stream(string)
        if message is not None and not self._waiting.called:
            self._waiting.callback(message)

    def connectionLost(self, reason: object = None) -> None:
        _fail(self._waiting, "the server closed the connection without an answer")


class _TcpFactory(ClientFactory):
    """Make one `_TcpExchange`, or report that there was no connection."""

    noisy = False

    def __init__(self, sent: Sent, waiting: "Deferred[Message]") -> None:
        self._sent = sent
        self._waiting = waiting

    def buildProtocol(self, addr: object) -> _TcpExchange:
        return _TcpExchange(self._sent, self._waiting)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        _fail(self._waiting, f"no connection over TCP: {reason.getErrorMessage()}")
