"""Two TLS connections joined in memory, with a clock that tests turn."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import directlyProvides

from lab.core.checks import Report
from lab.dane.decision import Decision, Verdict
from lab.net.tls import Application, Guard, TlsConnection, TlsLimits
from lab.tls.authentication import Presented
from lab.tls.context import ClientRole, Context, ServerRole
from tests.unit.tls.pair import CLIENT, SERVER

LIMITS = TlsLimits(handshake_s=5, gate_s=10, open_s=30, linger_s=2)
ACCEPTED = Decision(Verdict.ACCEPT, None, Report("accepted"))
ABORTED = Decision(Verdict.ABORT, None, Report("aborted"))


class Transport:
    """Stand for a TCP connection; remember how our side ended it."""

    def __init__(self) -> None:
        self.sent = b""
        self.half_closed = False
        self.disconnecting = False
        self.aborted = False
        self.paused = False
        self.producer: object = None
        directlyProvides(self, ITCPTransport)

    def write(self, data: bytes) -> None:
        self.sent += data

    def getPeer(self) -> IPv4Address:  # noqa: N802 Twisted's name
        return IPv4Address("TCP", "127.0.0.1", 40000)

    def registerProducer(self, producer: object, streaming: bool) -> None:  # noqa: FBT001, N802 Twisted's
        assert streaming
        self.producer = producer

    def unregisterProducer(self) -> None:  # noqa: N802 Twisted's name
        self.producer = None

    def pauseProducing(self) -> None:  # noqa: N802 Twisted's name
        self.paused = True

    def resumeProducing(self) -> None:  # noqa: N802 Twisted's name
        self.paused = False

    def loseConnection(self) -> None:  # noqa: N802 Twisted's name
        self.disconnecting = True

    def loseWriteConnection(self) -> None:  # noqa: N802 Twisted's name
        self.half_closed = True

    def abortConnection(self) -> None:  # noqa: N802 Twisted's name
        self.aborted = True


@dataclass
class Recorder:
    """Be an application that only remembers."""

    decisions: list[Decision] = field(default_factory=list)
    data: bytes = b""
    reasons: list[str] = field(default_factory=list)

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        del connection
        self.decisions.append(decision)

    def received(self, data: bytes) -> None:
        self.data += data

    def closed(self, reason: str) -> None:
        self.reasons.append(reason)


def at_once(decision: Decision) -> Callable[[Presented], Awaitable[Decision]]:
    """Return a gate that decides without waiting."""

    async def gate(_presented: Presented) -> Decision:
        return decision

    return gate


@dataclass
class Wire:
    """Join a server and a client; `pump` carries bytes until both are silent."""

    server_gate: Callable[[Presented], Awaitable[Decision]] = field(
        default_factory=lambda: at_once(ACCEPTED)
    )
    client_gate: Callable[[Presented], Awaitable[Decision]] = field(
        default_factory=lambda: at_once(ACCEPTED)
    )
    at_server: Application = field(default_factory=Recorder)
    at_client: Application = field(default_factory=Recorder)

    def __post_init__(self) -> None:
        self.clock = Clock()
        server = Guard(Context(ServerRole(SERVER)), self.server_gate, LIMITS)
        client = Guard(Context(ClientRole(CLIENT)), self.client_gate, LIMITS)
        self.server = TlsConnection(self.clock, server, self.at_server)
        self.client = TlsConnection(self.clock, client, self.at_client, "js.afnic.example")
        self.server_side, self.client_side = Transport(), Transport()
        for connection, side in self._ends():
            connection.transport = cast("ITCPTransport", side)
            connection.connectionMade()

    def _ends(self) -> tuple[tuple[TlsConnection, Transport], ...]:
        return (self.server, self.server_side), (self.client, self.client_side)

    def pump(self) -> "Wire":
        while self.server_side.sent or self.client_side.sent:
            for receiver, side in (
                (self.server, self.client_side),
                (self.client, self.server_side),
            ):
                data, side.sent = side.sent, b""
                if data:
                    receiver.dataReceived(data)
        return self

    def lose(self, connection: TlsConnection) -> None:
        connection.connectionLost(Failure(ConnectionDone()))


@dataclass
class SlowGate:
    """Decide when the test says so."""

    waiting: "Deferred[Decision]" = field(default_factory=Deferred)

    async def __call__(self, _presented: Presented) -> Decision:
        return await self.waiting
