"""Listen for TLS connections, and open one: the factories that Twisted wants."""

from collections.abc import Callable

from twisted.internet.interfaces import IAddress, IListeningPort
from twisted.internet.protocol import ClientFactory, ServerFactory
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure

from lab.dane.decision import Decision
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.tls import Application, Guard, TlsConnection

CONNECTIONS = 150
BACKLOG = 50


class TlsServerFactory(ServerFactory):
    """Make a `TlsConnection` for each client, up to CONNECTIONS at a time."""

    noisy = False

    def __init__(
        self,
        reactor: Reactor,
        guard: Callable[[], Guard],
        application: Callable[[], Application],
    ) -> None:
        """Give each connection a new *application*, behind the *guard* of its moment."""
        self._reactor, self._guard, self._application = reactor, guard, application
        self._connected = 0

    def buildProtocol(self, addr: IAddress | None) -> TwistedProtocol | None:
        """Return the protocol of a new connection, or None to turn it away."""
        if self._connected >= CONNECTIONS:
            return None
        self._connected += 1
        application = Counted(self._application(), self._forget)
        return TlsConnection(self._reactor, self._guard(), application)

    def _forget(self) -> None:
        self._connected -= 1


class Counted:
    """Pass everything on to an application, and say when its connection is gone."""

    def __init__(self, application: Application, gone: Callable[[], None]) -> None:
        """Wrap *application*."""
        self._application, self._gone = application, gone

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Pass it on."""
        self._application.opened(connection, decision)

    def received(self, data: bytes) -> None:
        """Pass it on."""
        self._application.received(data)

    def closed(self, reason: str) -> None:
        """Pass it on, and say so."""
        self._gone()
        self._application.closed(reason)


def listen_tls(
    reactor: Reactor, ports: PortSet, where: tuple[str, int], factory: TlsServerFactory
) -> int:
    """Serve *factory* at *where* (address, port) and return the port number.

    Raises:
        BindError: the port could not be opened.
    """

    def bind(port: int, *, interface: str) -> IListeningPort:
        return reactor.listenTCP(port, factory, BACKLOG, interface)

    address, port = where
    return ports.listen(bind, address, port)


class TlsClientFactory(ClientFactory):
    """Make the one `TlsConnection` of a client."""

    noisy = False

    def __init__(self, connection: TlsConnection, unreachable: Callable[[str], None]) -> None:
        """Use *connection*; *unreachable* is told if there is nobody to connect to."""
        self._connection, self._unreachable = connection, unreachable

    def buildProtocol(self, addr: IAddress | None) -> TwistedProtocol:
        """Return the connection."""
        return self._connection

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        """Tell that nobody listens."""
        self._unreachable(reason.getErrorMessage())
