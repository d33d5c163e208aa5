"""A hostile relay: real sockets between those who ask and the nameservers, with a plot.

For each nameserver it has an address of its own, to which askers are led as a router on the way
would lead them. It asks the nameserver what it is asked, and lets the plot decide what goes back.
"""

from collections.abc import Callable

import dns.message
from dns.exception import DNSException
from dns.message import Message
from twisted.internet.interfaces import IConnector, IDelayedCall
from twisted.internet.protocol import ClientFactory, DatagramProtocol, ServerFactory
from twisted.protocols.basic import Int16StringReceiver

from lab.attacks.plot import Asked, Delivery, Plot, Rule, Seen
from lab.core.frozen import dataclass
from lab.core.instant import Clock
from lab.core.question import Carrier
from lab.net.ports import PortSet
from lab.net.reactor import Reactor

HOST = "127.0.0.1"
LIMIT = 65535
PATIENCE_S = 5.0

Send = Callable[[Delivery], None]
Answer = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """Count what a relay has seen and done.

    Attributes:
        seen: responses that came by.
        changed: those of them with which a rule did something.
    """

    seen: int
    changed: int


class Relay:
    """Stand between askers and the nameservers of a lab.

    Attributes:
        plot: what it does now.
        recorded: the first response to each question.
    """

    def __init__(self, reactor: Reactor, port: int, clock: Clock) -> None:
        """Prepare to stand before nameservers that listen on *port*; nothing is opened yet."""
        self._reactor = reactor
        self._port = port
        self._clock = clock
        self._ports = PortSet()
        self._ways: dict[str, tuple[str, int]] = {}
        self._waiting: set[IDelayedCall] = set()
        self._seen = 0
        self.plot = Plot()
        self.recorded: dict[Asked, Message] = {}

    def add(self, rules: tuple[Rule, ...]) -> None:
        """Do more from now on."""
        self.plot = self.plot.plus(rules)

    @property
    def watched(self) -> Watched:
        """Return what it has seen and done."""
        return Watched(self._seen, self.plot.deeds)

    def way(self, address: str) -> tuple[str, int]:
        """Return where to ask instead of *address*; opened when it is first asked for.

        Raises:
            BindError: there is no room for it.
        """
        if address not in self._ways:
            asker = (self, address)
            udp = self._ports.listen(
                lambda port, *, interface: self._reactor.listenUDP(
                    port, _UdpSide(*asker), interface, LIMIT
                ),
                HOST,
                0,
            )
            self._ports.listen(
                lambda port, *, interface: self._reactor.listenTCP(
                    port, _TcpSide(*asker), interface=interface
                ),
                HOST,
                udp,
            )
            self._ways[address] = (HOST, udp)
        return self._ways[address]

    async def close(self) -> None:
        """Go away."""
        for call in self._waiting:
            if call.active():
                call.cancel()
        self._ways.clear()
        await self._ports.close()

    def ask_by_udp(self, address: str, query: bytes, send: Send) -> None:
        """Ask the nameserver at *address*, and *send* back what the plot makes of its answer."""
        _UdpQuery(
            self._reactor, (address, self._port), query, self._answering(query, send, Carrier.UDP)
        )

    def ask_by_tcp(self, address: str, query: bytes, send: Send) -> None:
        """Do the same over TCP."""
        factory = _TcpQuery(query, self._answering(query, send, Carrier.TCP))
        self._reactor.connectTCP(address, self._port, factory, timeout=PATIENCE_S)

    def _answering(self, query: bytes, send: Send, carrier: Carrier) -> Answer:
        def answer(response: bytes) -> None:
            for one in self.deliveries(query, response, carrier):
                self._deliver(one, send)

        return answer

    def deliveries(self, query: bytes, response: bytes, carrier: Carrier) -> tuple[Delivery, ...]:
        """Return what the plot makes of the *response* to a *query*."""
        self._seen += 1
        try:
            asked, answered = dns.message.from_wire(query), dns.message.from_wire(response)
            seen = Seen(asked, answered, self.recorded, self._clock.now(), carrier)
            deliveries, self.plot = self.plot.play(seen)
            self.recorded.setdefault(seen.asked, answered)
        except (DNSException, IndexError, ValueError):
            # What it cannot read it lets pass.
            return (Delivery(response),)
        return (Delivery(response),) if deliveries is None else deliveries

    def _deliver(self, delivery: Delivery, send: Send) -> None:
        if not delivery.after:
            send(delivery)
            return
        call = self._reactor.callLater(delivery.after, send, delivery)
        self._waiting = {one for one in self._waiting if one.active()} | {call}


class _UdpSide(DatagramProtocol):
    """Take the datagrams of askers."""

    def __init__(self, relay: Relay, address: str) -> None:
        self._relay, self._address = relay, address

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        def send(delivery: Delivery) -> None:
            host, port = addr
            if self.transport is not None:
                self.transport.write(delivery.wire, (host, delivery.port or port))

        self._relay.ask_by_udp(self._address, datagram, send)

    def connectionRefused(self) -> None:
        """Ignore that an asker has gone."""


class _UdpQuery(DatagramProtocol):
    """Ask a nameserver once, and wait for its answer for a while."""

    def __init__(
        self, reactor: Reactor, server: tuple[str, int], query: bytes, answer: Answer
    ) -> None:
        self._server, self._query, self._answer = server, query, answer
        self._port = reactor.listenUDP(0, self, "", LIMIT)
        self._timer = reactor.callLater(PATIENCE_S, self._stop)

    def startProtocol(self) -> None:
        assert self.transport is not None
        self.transport.connect(*self._server)
        self.transport.write(self._query, None)

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        del addr
        self._stop()
        self._answer(datagram)

    def connectionRefused(self) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._timer.active():
            self._timer.cancel()
        self._port.stopListening()


class _TcpSide(ServerFactory):
    """Take the connections of askers."""

    noisy = False

    def __init__(self, relay: Relay, address: str) -> None:
        self._relay, self._address = relay, address

    def buildProtocol(self, addr: object) -> "_TcpAsker":
        del addr
        return _TcpAsker(self._relay, self._address)


class _TcpAsker(Int16StringReceiver):
    """Take the queries of one connection."""

    def __init__(self, relay: Relay, address: str) -> None:
        self._relay, self._address = relay, address

    def stringReceived(self, string: bytes) -> None:
        self._relay.ask_by_tcp(self._address, string, self._send)

    def _send(self, delivery: Delivery) -> None:
        if self.connected:
            self.sendString(delivery.wire)


class _TcpQuery(ClientFactory):
    """Ask a nameserver once over TCP."""

    noisy = False

    def __init__(self, query: bytes, answer: Answer) -> None:
        self._query, self._answer = query, answer

    def buildProtocol(self, addr: object) -> "_TcpConversation":
        del addr
        return _TcpConversation(self._query, self._answer)

    def clientConnectionFailed(self, connector: IConnector, reason: object) -> None:
        """Say nothing, as a lost packet would."""


class _TcpConversation(Int16StringReceiver):
    """Send the query, hand the answer on."""

    def __init__(self, query: bytes, answer: Answer) -> None:
        self._query, self._answer = query, answer

    def connectionMade(self) -> None:
        self.sendString(self._query)

    def stringReceived(self, string: bytes) -> None:
        assert self.transport is not None
        self.transport.loseConnection()
        self._answer(string)
