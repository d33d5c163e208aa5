"""A reactor whose sockets are lists: nothing is opened, and time passes when a test says so."""

from dataclasses import dataclass, field
from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import ClientFactory, DatagramProtocol, ServerFactory
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from lab.net.reactor import Reactor


@dataclass
class FakePort:
    """Be a listening port."""

    interface: str
    number: int
    open: bool = True

    def getHost(self) -> IPv4Address:  # noqa: N802 Twisted's name
        return IPv4Address("UDP", self.interface, self.number)

    def stopListening(self) -> "Deferred[None] | None":  # noqa: N802 Twisted's name
        self.open = False
        waiting: Deferred[None] = Deferred()
        waiting.callback(None)
        return waiting


@dataclass
class UdpTransport:
    """Remember the datagrams that were sent."""

    sent: list[tuple[bytes, tuple[str, int] | None]] = field(default_factory=list)
    peer: tuple[str, int] | None = None

    def connect(self, host: str, port: int) -> None:
        self.peer = (host, port)

    def write(self, data: bytes, addr: tuple[str, int] | None = None) -> None:
        self.sent.append((data, addr))


@dataclass
class Connector:
    """Be an attempt to connect."""

    host: str
    port: int
    factory: ClientFactory
    closed: bool = False

    def disconnect(self) -> None:
        self.closed = True

    def establish(self) -> tuple[StringTransport, object]:
        """Let the connection come up; return transport and protocol."""
        protocol = self.factory.buildProtocol(IPv4Address("TCP", self.host, self.port))
        assert protocol is not None
        transport = StringTransport()
        protocol.makeConnection(transport)
        return transport, protocol

    def fail(self, error: Exception) -> None:
        self.factory.clientConnectionFailed(cast("object", self), Failure(error))  # type: ignore[arg-type]  # a stand-in for IConnector


class FakeReactor(Clock):
    """Open nothing, remember everything.

    Attributes:
        udp: every UDP port with its protocol.
        tcp: every listening TCP port with its factory.
        connectors: every attempt to connect.
        taken: (protocol, interface, port) that cannot be opened, with the errno to report.
    """

    def __init__(self) -> None:
        super().__init__()
        self.udp: list[tuple[FakePort, DatagramProtocol]] = []
        self.tcp: list[tuple[FakePort, ServerFactory]] = []
        self.connectors: list[Connector] = []
        self.taken: dict[tuple[str, str, int], int] = {}
        self._next_free = 40000

    def _open(self, kind: str, interface: str, port: int) -> FakePort:
        if port == 0:
            self._next_free += 1
            port = self._next_free
        number = self.taken.get((kind, interface, port))
        if number is not None:
            raise CannotListenError(interface, port, OSError(number, "refused"))
        return FakePort(interface, port)

    def listenUDP(  # noqa: N802 Twisted's name
        self,
        port: int,
        protocol: DatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,  # noqa: N803
    ) -> IListeningPort:
        del maxPacketSize
        opened = self._open("UDP", interface, port)
        self.udp.append((opened, protocol))
        protocol.transport = UdpTransport()  # type: ignore[assignment]  # a stand-in
        protocol.startProtocol()
        return cast("IListeningPort", opened)

    def listenTCP(  # noqa: N802 Twisted's name
        self, port: int, factory: ServerFactory, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        del backlog
        opened = self._open("TCP", interface, port)
        self.tcp.append((opened, factory))
        return cast("IListeningPort", opened)

    def connectTCP(  # noqa: N802 Twisted's name
        self, host: str, port: int, factory: ClientFactory, timeout: float = 30
    ) -> Connector:
        del timeout
        self.connectors.append(Connector(host, port, factory))
        return self.connectors[-1]

    @property
    def reactor(self) -> Reactor:
        """Return this with the type that the lab asks for."""
        return cast("Reactor", self)

    def datagrams(self, at: int = -1) -> list[tuple[bytes, tuple[str, int] | None]]:
        """Return what was sent from one of the UDP ports."""
        return cast("UdpTransport", self.udp[at][1].transport).sent
