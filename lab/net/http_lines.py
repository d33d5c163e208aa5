"""Connections to operators' servers that stay for the next request (RFC 9112 section 9.3).

Which connection carries a request is decided by `net.pool`, whether one may still be used by its
`Term`. A request that an idle connection took to its grave is sent once more on a new one.
"""

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as LateError

from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.net.http import Exchange, HttpRequest, Term
from lab.net.http_client import ClientLine, connect
from lab.net.pool import Pool, Todo
from lab.net.reactor import Reactor
from lab.net.tls import Guard

# To one server, as one client. Of those that a server has room for it is a small part.
MOST = 8
WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Peer:
    """Say between whom a connection is.

    Attributes:
        client: whose certificate we show, e.g. "tsp.ns".
        where: address and port of the server.
        server_name: for SNI and the Host header, without trailing dot.
    """

    client: str
    where: tuple[str, int]
    server_name: str


class HttpLines:
    """Keep connections."""

    def __init__(self, reactor: Reactor, most: int = MOST) -> None:
        """Open nothing yet."""
        self._reactor = reactor
        self._pool: Pool[Peer, ClientLine, Deferred[ClientLine | Todo]] = Pool(most)
        self._terms: dict[ClientLine, Term] = {}
        self._closed = False

    async def ask(self, peer: Peer, guard: Guard, term: Term, request: HttpRequest) -> Exchange:
        """Send *request* to *peer* and return what came of it.

        Args:
            peer: between whom.
            guard: of a new connection.
            term: of a new connection, from this moment on.
            request: what to send.

        Raises:
            TransportError: nobody listens there, or all connections are busy for too long.
            InputError: the request is no HTTP request.
        """
        if self._closed:
            raise TransportError(f"{peer.server_name} is not asked: the lab is being stopped")
        for one in self._pool.retire(self._holds):
            one.finish()
        granted = await self._granted(peer)
        line: ClientLine | None = None
        try:
            if isinstance(granted, ClientLine):
                line = granted
                exchange = await line.ask(request)
                # RFC 9112 section 9.3.1: servers close when they like, also just now. What they may
                # have read all the same they know again by its TransactionID.
                if not line.was_left:
                    return exchange
            line = self._opened(peer, guard, term)
            return await line.ask(request)
        finally:
            self._give_back(peer, line)

    def close(self) -> None:
        """Say goodbye everywhere; who waits for an answer is told that none comes."""
        self._closed = True
        for line in tuple(self._terms):
            line.give_up("the lab is being stopped")

    def _holds(self, line: ClientLine) -> bool:
        return line.decision is not None and self._terms[line].holds(line.decision)

    async def _granted(self, peer: Peer) -> ClientLine | Todo:
        turn: Deferred[ClientLine | Todo] = Deferred()
        granted = self._pool.want(peer, turn)
        if granted is not Todo.WAIT:
            return granted
        turn.addTimeout(WAIT_S, self._reactor)
        try:
            return await turn
        except CancelledError:
            self._pool.withdraw(peer, turn)
            raise
        except LateError as error:
            self._pool.withdraw(peer, turn)
            problem = f"{peer.server_name}: all connections were busy for {WAIT_S:.0f} s"
            raise TransportError(problem) from error

    def _opened(self, peer: Peer, guard: Guard, term: Term) -> ClientLine:
        def ended(line: ClientLine) -> None:
            del self._terms[line]
            self._pool.forget(peer, line)

        line = ClientLine(peer.server_name, ended)
        self._terms[line] = term
        connect(self._reactor, peer.where, peer.server_name, guard, line)
        return line

    def _give_back(self, peer: Peer, line: ClientLine | None) -> None:
        useful = line if line is not None and line in self._terms and line.is_free else None
        if useful is not None and not self._holds(useful):
            useful.finish()
            useful = None
        given = self._pool.give_back(peer, useful)
        if given is not None:
            turn, granted = given
            turn.callback(granted)
