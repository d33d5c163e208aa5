"""Listen for TLS connections, and open one: the factories that Twisted wants."""

from collections import Counter
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
# Those who wait until we accept them: a crowd must not keep others from being heard at all.
BACKLOG = 1024


class TlsServerFactory(ServerFactory):
    """Make a `TlsConnection` for each client, up to a number of them at a time.

    Where there is no room, the oldest connection goes that may still be anybody's: strangers can
    open many and say nothing, but those who shake hands are soon through. Then whoever was let in
    and holds more than half of the room gives back some of it.

    Attributes:
        turned_away: clients for whom no room was left.
        cut_off: connections that had to make room.
        most: connections that there were at the same time.
    """

    noisy = False

    def __init__(
        self,
        reactor: Reactor,
        guard: Callable[[], Guard],
        application: Callable[[], Application],
        connections: int = CONNECTIONS,
    ) -> None:
        """Give each connection a new *application*, behind the *guard* of its moment."""
        self._reactor, self._guard, self._application = reactor, guard, application
        self._connections = connections
        self._present: dict[TlsConnection, None] = {}
        self.turned_away = self.cut_off = self.most = 0

    def buildProtocol(self, addr: IAddress | None) -> TwistedProtocol | None:
        """Return the protocol of a new connection, or None to turn it away."""
        if len(self._present) >= self._connections and not self._make_room():
            self.turned_away += 1
            return None
        application = Leaving(self._application(), self._forget)
        connection = TlsConnection(self._reactor, self._guard(), application)
        application.connection = connection
        self._present[connection] = None
        self.most = max(self.most, len(self._present))
        return connection

    def _make_room(self) -> bool:
        oldest = next((one for one in self._present if one.is_dispensable), self._crowding())
        if oldest is None:
            return False
        self.cut_off += 1
        self._forget(oldest)
        oldest.cut_off("others need the room")
        return True

    def _crowding(self) -> TlsConnection | None:
        """Return the oldest connection of the one peer who holds more than half of the room."""
        holders = Counter(one.identity for one in self._present if one.identity is not None)
        for identity, count in holders.most_common(1):
            if count > self._connections // 2:
                return next(one for one in self._present if one.identity == identity)
        return None

    def _forget(self, connection: TlsConnection) -> None:
        self._present.pop(connection, None)


class Leaving:
    """Pass everything on to an application, and say when its connection is gone.

    Attributes:
        connection: that of the application.
    """

    def __init__(self, application: Application, gone: Callable[[TlsConnection], None]) -> None:
        """Wrap *application*."""
        self._application, self._gone = application, gone
        self.connection: TlsConnection | None = None

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Pass it on."""
        self._application.opened(connection, decision)

    def received(self, data: bytes) -> None:
        """Pass it on."""
        self._application.received(data)

    def closed(self, reason: str) -> None:
        """Pass it on, and say so."""
        assert self.connection is not None
        self._gone(self.connection)
        self.connection = None
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
