"""Ask one server one question, iteratively: UDP first, TCP if the answer was truncated.

A response counts only if its sender, ID and question are those of the query (RFC 5452 section 9);
anything else is ignored and the wait goes on.
"""

from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
from dns.message import Message
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConnector, IDelayedCall
from twisted.internet.protocol import ClientFactory, DatagramProtocol
from twisted.protocols.basic import Int16StringReceiver
from twisted.python.failure import Failure

from lab.core.entropy import Entropy
from lab.core.errors import TransportError
from lab.core.question import Question, Response, Role, Server
from lab.net.reactor import Reactor

UDP_PAYLOAD = 1232
UDP_ANSWER_LIMIT = 65535
TIMEOUT_S = 1.0
TRIES = 2


@dataclass(frozen=True)
class DnsClient:
    """Ask questions over real sockets.

    Attributes:
        reactor: provides UDP, TCP and time.
        port: where the servers listen; referrals and glue carry no port.
        entropy: for message IDs.
        timeout_s: seconds to wait for one answer.
        tries: how often a datagram is sent.
    """

    reactor: Reactor
    port: int
    entropy: Entropy
    timeout_s: float = TIMEOUT_S
    tries: int = TRIES

    async def ask(self, question: Question) -> Response:
        """Return what the server of *question* answers.

        Raises:
            TransportError: no answer came in time, or the server is not there.
        """
        query = self._query(question)
        message = await self._over_udp(query, question)
        if message.flags & dns.flags.TC:
            message = await self.over_tcp(query, question)
        return Response(message, question.server)

    def port_of(self, server: Server) -> int:
        """Return where *server* listens."""
        return self.port if server.port is None else server.port

    def _query(self, question: Question) -> Message:
        query = dns.message.make_query(
            question.qname,
            question.rdtype,
            use_edns=0,
            want_dnssec=True,
            payload=UDP_PAYLOAD,
            id=int.from_bytes(self.entropy.bytes(2), "big"),
        )
        # RFC 6840 section 5.9: a validator that forwards sets CD, to be given bogus data, too.
        recursive = question.server.role is Role.RECURSIVE
        query.flags = dns.flags.Flag(dns.flags.RD | dns.flags.CD if recursive else 0)
        return query

    async def _over_udp(self, query: Message, question: Question) -> Message:
        error = TransportError("it was not asked")
        for _ in range(self.tries):
            exchange = _UdpExchange(self, query, question)
            try:
                return await exchange.run()
            except TransportError as failed:
                error = failed
        raise error

    async def over_tcp(self, query: Message, question: Question) -> Message:
        """Return the answer to *query* over TCP."""
        waiting: Deferred[Message] = Deferred()
        factory = _TcpFactory(query, waiting)
        connector = self.reactor.connectTCP(
            question.server.address, self.port_of(question.server), factory, timeout=self.timeout_s
        )
        timer = self.reactor.callLater(
            self.timeout_s, _fail, waiting, f"no answer over TCP from {question.server}"
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


def _matching(wire: bytes, query: Message) -> Message | None:
    """Return the message if it is a readable response to *query*, else None.

    A record that cannot be read is left out; that it is missing is for the validator to judge.
    """
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True, continue_on_error=True)
    except (dns.exception.DNSException, ValueError):
        return None
    return message if query.is_response(message) else None


class _UdpExchange(DatagramProtocol):
    """Send one datagram from a fresh port and wait for its answer."""

    def __init__(self, client: DnsClient, query: Message, question: Question) -> None:
        self._client = client
        self._query = query
        self._question = question
        self._waiting: Deferred[Message] = Deferred()

    async def run(self) -> Message:
        reactor = self._client.reactor
        port = reactor.listenUDP(0, self, "", UDP_ANSWER_LIMIT)
        timer = reactor.callLater(
            self._client.timeout_s, _fail, self._waiting, f"no answer from {self._question.server}"
        )
        try:
            return await self._waiting
        finally:
            _cancel(timer)
            port.stopListening()

    def startProtocol(self) -> None:
        assert self.transport is not None
        server = self._question.server
        self.transport.connect(server.address, self._client.port_of(server))
        self.transport.write(self._query.to_wire(), None)

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        message = _matching(datagram, self._query)
        if message is not None and not self._waiting.called:
            self._waiting.callback(message)

    def connectionRefused(self) -> None:
        _fail(self._waiting, f"{self._question.server} does not listen")


class _TcpExchange(Int16StringReceiver):
    """Send the query and wait for its answer."""

    def __init__(self, query: Message, waiting: "Deferred[Message]") -> None:
        self._query = query
        self._waiting = waiting

    def connectionMade(self) -> None:
        self.sendString(self._query.to_wire())

    def stringReceived(self, string: bytes) -> None:
        message = _matching(string, self._query)
        if message is not None and not self._waiting.called:
            self._waiting.callback(message)

    def connectionLost(self, reason: object = None) -> None:
        _fail(self._waiting, "the server closed the connection without an answer")


class _TcpFactory(ClientFactory):
    """Make one `_TcpExchange`, or report that there was no connection."""

    noisy = False

    def __init__(self, query: Message, waiting: "Deferred[Message]") -> None:
        self._query = query
        self._waiting = waiting

    def buildProtocol(self, addr: object) -> _TcpExchange:
        return _TcpExchange(self._query, self._waiting)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        _fail(self._waiting, f"no connection over TCP: {reason.getErrorMessage()}")
