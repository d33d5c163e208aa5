"""A validating resolver on loopback for other programs: `lab up --stub`, `lab stub`.

Takes queries as any resolver does, has each validated, and answers as `present.response` says. The
same question by several askers is worked on once; more than QUESTIONS at a time are refused. What
was validated is kept in a cache, if there is one, and asked for again when its time is over.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from dns.message import QueryMessage
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from lab.app.plan import Plan, Planner
from lab.core.errors import LabError, PeerError
from lab.core.question import Question, Response
from lab.core.rules import Ede
from lab.nameserver.query import Peer, Transport, pull_query, push_failure, push_refusal
from lab.nameserver.size import TCP_LIMIT, datagram_room
from lab.net.dot_lines import DotLines
from lab.net.drive import drive
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.stub_server import listen
from lab.present.response import at_once, failure, fitted, respond
from lab.validator.cache import Cache, resolve_cached
from lab.validator.resolve import Validation
from lab.validator.settings import Caching

log = Logger()

# Unbound's outgoing-range and BIND's recursive-clients are larger; a lab on one machine needs less.
QUESTIONS = 64

_Key: TypeAlias = tuple[Name, RdataType]
_Ask: TypeAlias = Callable[[Question], Awaitable[Response]]


class Forwarder:
    """Answer queries by validating.

    Attributes:
        reactor: provides sockets and time.
    """

    def __init__(self, reactor: Reactor, planner: Planner, cache: Cache | None = None) -> None:
        """Start each validation where *planner* says, with *cache* or without."""
        self.reactor, self._planner, self._cache = reactor, planner, cache
        self._lines = DotLines(reactor)
        self._running: dict[_Key, list[Deferred[Validation]]] = {}

    async def receive(self, wire: bytes, peer: Peer) -> bytes | None:
        """Return the answer to *wire*; None for silence."""
        try:
            query = pull_query(wire)
        except PeerError:
            return push_refusal(wire)
        try:
            return await self._answer(query, peer)
        except Exception:  # noqa: BLE001 the last line of defence: a defect answers SERVFAIL
            log.failure("defect while resolving {wire}", wire=wire.hex())
            return push_failure(wire, Rcode.SERVFAIL)

    async def _answer(self, query: QueryMessage, peer: Peer) -> bytes:
        limit = datagram_room(query) if peer.transport is Transport.UDP else TCP_LIMIT
        response = at_once(query)
        if response is not None:
            return fitted(query, response, limit)
        qname, rdtype = query.question[0].name, query.question[0].rdtype
        if (qname, rdtype) not in self._running and len(self._running) >= QUESTIONS:
            full = failure(query, f"{QUESTIONS} questions are being answered", Ede.NOT_READY)
            return fitted(query, full, limit)
        try:
            validation = await self._validate(qname, rdtype)
        except LabError as error:
            return fitted(query, failure(query, str(error)), limit)
        return fitted(query, respond(query, validation), limit)

    async def _validate(self, qname: Name, rdtype: RdataType) -> Validation:
        """Return the verdict, together with all who ask the same at this time."""
        key = (qname, rdtype)
        if key in self._running:
            waiting: Deferred[Validation] = Deferred()
            self._running[key].append(waiting)
            return await waiting
        self._running[key] = []
        try:
            plan = self._planner()
            client = plan.client(self.reactor, self._lines)
            validation = await _walk(plan, key, client.ask, self._cache)
        except BaseException as error:
            for one in self._running.pop(key):
                one.errback(error)
            raise
        for one in self._running.pop(key):
            one.callback(validation)
        return validation


async def _walk(plan: Plan, key: _Key, ask: _Ask, cache: Cache | None) -> Validation:
    dialogue = resolve_cached(*key, plan.settings, plan.now, cache)
    return await drive(dialogue, ask)


def open_forwarder(ports: PortSet, where: tuple[str, int], forwarder: Forwarder) -> tuple[str, int]:
    """Listen as a resolver *where* it is wanted; return the address and the port that it became.

    Raises:
        BindError: it could not be opened; *ports* has what to close.
    """
    address, wanted = where
    return address, listen(forwarder.reactor, ports, address, wanted, forwarder.receive)


def serve(
    planner: Planner,
    where: tuple[str, int],
    caching: Caching,
    tell: Callable[[str, int], None],
) -> Callable[[Reactor], Coroutine[Any, Any, None]]:
    """Return the coroutine function that is a resolver until it is cancelled.

    Args:
        planner: says where each validation starts.
        where: address and port; port 0 for any free one.
        caching: how long it keeps what it has judged.
        tell: is told where it listens.
    """
    cache = Cache() if caching is Caching.UNTIL_EXPIRY else None

    async def main(reactor: Reactor) -> None:
        ports = PortSet()
        try:
            tell(*open_forwarder(ports, where, Forwarder(reactor, planner, cache)))
            await Deferred[None]()
        finally:
            await ports.close()

    return main
