"""A hostile relay before one TLS server: octets of both sides pass, change or stop, by records.

It holds no key and decides nothing: what becomes of a record the attack says.
"""

from collections.abc import Callable
from typing import TypeAlias

from twisted.internet.interfaces import IAddress, IConnector, ITCPTransport
from twisted.internet.protocol import ClientFactory, Protocol, ServerFactory
from twisted.python.failure import Failure

from lab.attacks.records import Sender, TlsRecord, split
from lab.core.frozen import dataclass
from lab.net.ports import PortSet
from lab.net.reactor import Reactor

CONNECT_TIMEOUT_S = 5.0

Passed: TypeAlias = Callable[[TlsRecord], bytes | None]
"""Returns what goes on instead of a record; None cuts the connection."""


@dataclass
class Traffic:
    """Count what relays have seen and done.

    Attributes:
        connections: that clients have opened.
        records: that came by.
        changed: those of them that did not go on as they were.
        answered: requests that somebody else than the server has answered.
    """

    connections: int = 0
    records: int = 0
    changed: int = 0
    answered: int = 0

    def __str__(self) -> str:
        """Return it as a part of a sentence; empty if there was nothing."""
        told = []
        if self.connections:
            told.append(
                f"{self.connections} TLS connections with {self.records} records, "
                f"{self.changed} did not go on as they were"
            )
        if self.answered:
            told.append(f"{self.answered} requests were answered in the place of a server")
        return "; ".join(told)


def stand_before(
    reactor: Reactor, ports: PortSet, host: str, server: tuple[str, int], way: "Way"
) -> int:
    """Listen at *host* for those who want to reach *server* (address, port); return the port.

    Raises:
        BindError: there is no room for it.
    """
    factory = _ClientSide(reactor, server, way)
    return ports.listen(
        lambda port, *, interface: reactor.listenTCP(port, factory, interface=interface), host, 0
    )


@dataclass(frozen=True, slots=True)
class Way:
    """Say what becomes of the records on a way.

    Attributes:
        passed: decides.
        traffic: counts.
    """

    passed: Passed
    traffic: Traffic


class _Half(Protocol):
    """Take the records of one side, and hand on to the other what is left of them."""

    def __init__(self, sender: Sender, way: Way) -> None:
        self._sender, self._way = sender, way
        self._number, self._rest = 0, b""
        self.other: _Half | None = None

    @property
    def tcp(self) -> ITCPTransport:
        return ITCPTransport(self.transport)

    def meet(self, other: "_Half") -> None:
        """Let *other* read as fast as we can write."""
        self.other = other
        self.transport.registerProducer(other.transport, streaming=True)  # type: ignore[union-attr] # every TCP transport is a consumer

    def dataReceived(self, data: bytes) -> None:
        records, self._rest = split(self._rest + data)
        for octets in records:
            self._number += 1
            if not self._hand_on(TlsRecord(self._sender, self._number, octets)):
                return

    def _hand_on(self, record: TlsRecord) -> bool:
        passed = self._way.passed(record)
        self._way.traffic.records += 1
        self._way.traffic.changed += passed != record.octets
        assert self.other is not None
        if passed is None:
            self.tcp.abortConnection()
            self.other.tcp.abortConnection()
            return False
        self.other.tcp.write(passed)
        return True

    def connectionLost(self, reason: Failure | None = None) -> None:
        del reason
        if self.other is not None:
            other, self.other = self.other, None
            other.other = None
            other.tcp.loseConnection()


class _ClientSide(ServerFactory):
    """Take clients, and open a connection to the server for each."""

    noisy = False

    def __init__(self, reactor: Reactor, server: tuple[str, int], way: Way) -> None:
        self._reactor, self._server, self._way = reactor, server, way

    def buildProtocol(self, addr: IAddress | None) -> "_FromClient":
        del addr
        self._way.traffic.connections += 1
        return _FromClient(self._reactor, self._server, self._way)


class _FromClient(_Half):
    """Wait for the server before anything is read."""

    def __init__(self, reactor: Reactor, server: tuple[str, int], way: Way) -> None:
        super().__init__(Sender.CLIENT, way)
        self._reactor, self._server = reactor, server

    def connectionMade(self) -> None:
        self.transport.pauseProducing()  # type: ignore[union-attr] # as above, and a producer
        factory = _ServerSide(self, self._way)
        self._reactor.connectTCP(*self._server, factory, timeout=CONNECT_TIMEOUT_S)


class _ServerSide(ClientFactory):
    """Make the other half of a client."""

    noisy = False

    def __init__(self, client: _FromClient, way: Way) -> None:
        self._client, self._way = client, way

    def buildProtocol(self, addr: IAddress | None) -> "_FromServer":
        del addr
        return _FromServer(self._client, self._way)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        del connector, reason
        self._client.tcp.loseConnection()


class _FromServer(_Half):
    """Bring both halves together."""

    def __init__(self, client: _FromClient, way: Way) -> None:
        super().__init__(Sender.SERVER, way)
        self._client = client

    def connectionMade(self) -> None:
        self.meet(self._client)
        self._client.meet(self)
        self._client.transport.resumeProducing()  # type: ignore[union-attr] # as above
