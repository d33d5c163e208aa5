"""TLS connections of Twisted over the engine, with a gate before the application.

After the handshake the gate is asked what to do with the peer. Until it says so the application
neither reads nor writes; whatever goes wrong (an exception, no answer in time) refuses the peer.
"""

from collections.abc import Awaitable, Callable
from dataclasses import field
from typing import Protocol, TypeAlias, cast

from dns.name import Name
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IDelayedCall,
    IHalfCloseableProtocol,
    IPushProducer,
    IReactorTime,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure
from zope.interface import implementer

from lab.core.errors import LabError, PeerError
from lab.core.frozen import dataclass
from lab.dane.decision import Decision
from lab.tls.authentication import Presented, presented_by
from lab.tls.context import Context
from lab.tls.engine import Engine, State

log = Logger()

Gate: TypeAlias = Callable[[Presented], Awaitable[Decision]]


@dataclass(frozen=True, slots=True)
class TlsLimits:
    """Bound how long a peer may keep us waiting, in seconds.

    Attributes:
        handshake_s: from the connection to the end of the handshake.
        gate_s: for the gate, DNS included.
        open_s: from the gate to the end of the exchange; None: as long as the application likes.
        idle_s: between two exchanges.
        linger_s: for a refused peer to read its alert.
    """

    handshake_s: float = 5.0
    gate_s: float = 10.0
    open_s: float | None = 30.0
    idle_s: float = 30.0
    linger_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Guard:
    """Hold what guards all connections of one role.

    Attributes:
        context: identity and demands of the handshake.
        gate: decides about each peer after its handshake.
        limits: how long to wait.
    """

    context: Context
    gate: Gate
    limits: TlsLimits = field(default_factory=TlsLimits)


class Application(Protocol):
    """Use a connection that the gate has let pass."""

    def opened(self, connection: "TlsConnection", decision: Decision) -> None:
        """Begin: from now on the peer may be written to."""
        ...

    def received(self, data: bytes) -> None:
        """Take application data."""
        ...

    def closed(self, reason: str) -> None:
        """End; *reason* is the peer's alert or what went wrong, empty after a plain goodbye."""
        ...


@implementer(IHalfCloseableProtocol)
class TlsConnection(TwistedProtocol):
    """Carry bytes between a socket, an engine and an application.

    Attributes:
        decision: of the gate; None before.
        presented: what the peer showed in its handshake; None before.
        ending: how it ended, in the way of Twisted; None before.
    """

    def __init__(
        self, reactor: IReactorTime, guard: Guard, application: Application, server_name: str = ""
    ) -> None:
        """Prepare a connection whose handshake starts when it is connected.

        Args:
            reactor: for time.
            guard: of our role.
            application: used after the gate has let the peer in, and told of the end.
            server_name: SNI of a client.
        """
        self.decision: Decision | None = None
        self.presented: Presented | None = None
        self.ending: Failure | None = None
        self._reactor, self._gate, self._limits = reactor, guard.gate, guard.limits
        self._engine = Engine(guard.context, server_name)
        self._application = application
        self._asking: Deferred[Decision] | None = None
        self._timer: IDelayedCall | None = None
        self._problem = ""
        self._refused, self._half_closed, self._held = False, False, False
        self._resting = False

    @property
    def is_dispensable(self) -> bool:
        """Tell whether nothing is lost with it.

        Nobody has proved anything yet, or was refused, or there is nothing to do just now.
        """
        return self._refused or self._resting or self._engine.state is State.HANDSHAKE

    @property
    def identity(self) -> Name | None:
        """Return under which name the peer was let in; None if it was not, or under no name."""
        return self.decision.identity if self.decision is not None else None

    def cut_off(self, problem: str) -> None:
        """Cut the connection at once, because of *problem*."""
        self._give_up(problem)

    @property
    def protocol(self) -> str:
        """Return the ALPN protocol that was agreed on; empty if there is none."""
        return self._engine.protocol

    def connectionMade(self) -> None:
        """Send a client's first flight, and start the clock."""
        self._wait(self._limits.handshake_s, "the handshake took too long")
        self._flush()

    def dataReceived(self, data: bytes) -> None:
        """Hand bytes to the engine, and see where that leads."""
        if self._refused:
            return
        try:
            self._engine.feed(data)
        except PeerError as error:
            self._give_up(str(error))
            return
        self._flush()
        self._follow()

    def readConnectionLost(self) -> None:
        """Close, but not before the gate has decided: an unread alert may be waiting there."""
        self._half_closed = True
        if self._engine.state is not State.VERIFY:
            ITCPTransport(self.transport).loseConnection()

    def writeConnectionLost(self) -> None:
        """Nothing is to be done: we have closed our side ourselves."""

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Tell the application why the connection has ended."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()
        why = self._problem or self._engine.alert or self._engine.failure
        self.ending = self._ending(why, reason)
        self._engine.close()
        self._application.closed(why)

    def _ending(self, why: str, reason: Failure | None) -> Failure:
        if why:
            alert = "the peer refuses us with the alert " if why == self._engine.alert else ""
            return Failure(PeerError(f"{alert}{why}"))
        if self._engine.state is State.CLOSED:
            return Failure(ConnectionDone())
        if reason is None or reason.check(ConnectionDone):
            # RFC 8446 section 6.1: without close_notify what was sent may have been cut short.
            return Failure(ConnectionLost("the connection ended without a goodbye of TLS"))
        return reason

    def write(self, data: bytes) -> None:
        """Send application data, if the peer is still there."""
        if self._engine.state is State.OPEN:
            self._engine.write(data)
            self._flush()

    def finish(self) -> None:
        """Say goodbye and close."""
        self._engine.close()
        self._flush()
        ITCPTransport(self.transport).loseConnection()

    def rest(self) -> None:
        """Wait for another exchange, but not for ever."""
        self._resting = True
        self._wait(self._limits.idle_s, "", lambda _: self.finish())

    def resume(self) -> None:
        """Begin another exchange."""
        self._resting = False
        self._wait(self._limits.open_s, "the exchange took too long")

    def _flush(self) -> None:
        data = self._engine.out()
        if data and self.transport is not None:
            self.transport.write(data)

    def _follow(self) -> None:
        state = self._engine.state
        if state is State.VERIFY:
            if self._asking is None:
                self._ask_gate()
            self._hold()
            return
        data = self._engine.read()
        if data:
            self._application.received(data)
        if state is State.CLOSED or self._half_closed:
            ITCPTransport(self.transport).loseConnection()

    def _hold(self) -> None:
        """Read no more of a peer who already sends, until the gate has decided."""
        if self._engine.state is State.VERIFY and self._engine.has_early and not self._held:
            self._held = True
            _producer(self.transport).pauseProducing()

    def _release(self) -> None:
        if self._held:
            self._held = False
            _producer(self.transport).resumeProducing()

    def _ask_gate(self) -> None:
        self._wait(self._limits.gate_s, "the decision took too long", self._refuse)
        asking = Deferred.fromCoroutine(self._decision())
        self._asking = asking
        # One pair of callbacks instead of `except Exception`: any failure at all refuses the peer.
        asking.addCallbacks(self._decided, self._undecided)
        asking.addErrback(self._broke_down)

    async def _decision(self) -> Decision:
        self.presented = presented_by(self._engine)
        return await self._gate(self.presented)

    def _decided(self, decision: Decision) -> None:
        if self._engine.state is not State.VERIFY:
            return
        self.decision = decision
        if not decision.lets_in:
            log.info("refused a peer: {reason}", reason=decision.reason)
            self._refuse(f"by us: {decision.reason}")
            return
        self._wait(self._limits.open_s, "the exchange took too long")
        self._engine.verified(ok=True)
        self._release()
        self._application.opened(self, decision)
        self._flush()
        self._follow()

    def _undecided(self, failure: Failure) -> None:
        if failure.check(CancelledError):
            return
        if failure.check(LabError):
            log.emit(LogLevel.warn, "refused a peer: {reason}", reason=failure.getErrorMessage())
        else:
            log.failure("refused a peer: the gate broke down", failure)
        self._refuse(f"no decision: {failure.getErrorMessage()}")

    def _broke_down(self, failure: Failure) -> None:
        log.failure("the application broke down", failure)
        self._give_up("the application broke down")

    def _refuse(self, problem: str) -> None:
        """Send the alert, stop writing, and wait shortly for the peer to read it.

        Closing at once could reset the connection before the alert is read.
        """
        if self._refused or self._engine.state is not State.VERIFY:
            return
        self._refused, self._problem = True, problem
        self._engine.verified(ok=False)
        self._release()
        self._flush()
        self._wait(self._limits.linger_s, problem)
        if self._asking is not None:
            self._asking.cancel()
        ITCPTransport(self.transport).loseWriteConnection()

    def _give_up(self, problem: str) -> None:
        self._problem = problem
        ITCPTransport(self.transport).abortConnection()

    def _wait(
        self, seconds: float | None, problem: str, act: Callable[[str], None] | None = None
    ) -> None:
        """Set the only timer: after *seconds* *act* with *problem*, or cut the connection."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        if seconds is not None:
            self._timer = self._reactor.callLater(seconds, act or self._give_up, problem)


def _producer(transport: object) -> IPushProducer:
    """Return *transport* as what it also is: every TCP transport can be paused."""
    return cast("IPushProducer", transport)
