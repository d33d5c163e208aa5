"""What the servers of a test say: the nameservers, and the validating resolver before them.

No socket is here: the resolver asks the nameservers by a call. A nameserver that says nothing is
therefore known at once to say nothing, and the verdict does not wait for it; nor for one that is
slow (the fault `server-slow`), which answers at once here.
"""

from collections import deque
from functools import partial
from threading import RLock
from time import time  # noqa: TID251 a query log tells the real time

from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from lab.api import Result
from lab.core.dialogue import answer_all
from lab.core.entropy import Entropy
from lab.core.errors import PeerError, TransportError
from lab.core.instant import Clock
from lab.core.question import Carrier, Question, Response, Server
from lab.nameserver.event import QueryEvent
from lab.nameserver.query import Peer, Transport, pull_query, push_refusal
from lab.nameserver.size import TCP_LIMIT, datagram_room
from lab.net.dns_exchange import Attempt, exchange, read_datagram
from lab.present.response import at_once, fitted, respond
from lab.validator.memory import Known, Memory
from lab.validator.resolve import resolve_with
from lab.validator.settings import Settings
from lab.world.build import World

EVENTS = 1000


class Answering:
    """Answer from one world, which a test changes between two questions.

    Attributes:
        resolver: address of the resolver, from which it asks.
        last: what the resolver found last; None if it was not asked.
    """

    def __init__(self, world: World, resolver: str, clock: Clock, entropy: Entropy) -> None:
        """Answer from *world* at the time of *clock*; *entropy* is for message IDs."""
        self.resolver = resolver
        self.last: Result | None = None
        self._world, self._clock, self._entropy = world, clock, entropy
        self._events: deque[QueryEvent] = deque(maxlen=EVENTS)
        # Which zone cuts hold is kept, verdicts are not: a test that asks again wants to know.
        self._known = Known()
        # A test asks from its own thread, clients are answered in that of the sockets.
        self._lock = RLock()

    @property
    def world(self) -> World:
        """Return what is answered from."""
        return self._world

    @world.setter
    def world(self, world: World) -> None:
        with self._lock:
            self._world = world
            self._known = Known()

    @property
    def events(self) -> tuple[QueryEvent, ...]:
        """Return the last queries that came to any server, oldest first."""
        with self._lock:
            return tuple(self._events)

    def serve(self, address: str, wire: bytes, peer: Peer) -> bytes | None:
        """Return what the nameserver at *address* answers; None for silence."""
        with self._lock:
            server = self.world.name_servers[address]
            return self._noted(address, peer, wire, server.respond(wire, peer, self._clock.now()))

    def recurse(self, wire: bytes, peer: Peer) -> bytes | None:
        """Return what the resolver answers."""
        with self._lock:
            return self._noted(self.resolver, peer, wire, self._recursed(wire, peer))

    def _recursed(self, wire: bytes, peer: Peer) -> bytes | None:
        try:
            query = pull_query(wire)
        except PeerError:
            return push_refusal(wire)
        response = at_once(query)
        if response is None:
            asked = query.question[0]
            response = respond(query, self.validate(asked.name, asked.rdtype).validation)
        limit = datagram_room(query) if peer.transport is Transport.UDP else TCP_LIMIT
        return fitted(query, response, limit)

    def validate(self, qname: Name, rdtype: RdataType) -> Result:
        """Return the verdict on one question, with its explanation."""
        with self._lock:
            now = self._clock.now()
            settings = Settings(self.world.hints, self.world.anchors)
            dialogue = resolve_with(Memory(settings, now, self._known), qname, rdtype)
            self.last = Result(answer_all(dialogue, self._ask).result, now)
            return self.last

    def _ask(self, question: Question) -> Response:
        perform = partial(self._perform, server=question.server)
        return answer_all(exchange(question, self._entropy), perform).result

    def _perform(self, attempt: Attempt, server: Server) -> Message:
        over_udp = attempt.carrier is Carrier.UDP
        if server.address not in self.world.name_servers:
            raise TransportError(f"there is no nameserver at {server.address}")
        peer = Peer(self.resolver, 0, Transport.UDP if over_udp else Transport.TCP)
        answer = self.serve(server.address, attempt.sent.wire, peer)
        read = partial(read_datagram, attempt.sent) if over_udp else attempt.sent.in_stream
        message = None if answer is None else read(answer)
        if message is None:
            raise TransportError(f"no answer from {server}")
        return message

    def _noted(self, address: str, peer: Peer, wire: bytes, answer: bytes | None) -> bytes | None:
        messages = 0 if answer is None else 1
        octets = len(answer or b"")
        self._events.append(QueryEvent(time(), address, 0, peer, wire, answer, messages, octets))
        return answer
