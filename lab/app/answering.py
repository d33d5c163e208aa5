"""What stands around each answer of a running server: limits, events, the last line of defence."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dns.name import Name
from dns.rcode import Rcode
from twisted.logger import Logger

from lab.app.preparing import TURN_S
from lab.app.querylog import OnQuery
from lab.core.rules import Ede
from lab.nameserver.counters import Counters, Tally
from lab.nameserver.event import QueryEvent
from lab.nameserver.exchange import NOT_YET
from lab.nameserver.query import Peer, Transport, push_failure
from lab.nameserver.rrl import RateLimit, RateLimiter
from lab.nameserver.tree import home_of
from lab.net.dns_server import Responder
from lab.net.dns_stream import Wait

if TYPE_CHECKING:
    from lab.app.server import RunningServer

log = Logger()

# How many ask something is counted; who they are is not.
_SOMEBODY = Peer("", 0, Transport.UDP)


class Answering:
    """Answer at every address of one lab, and tell of it.

    Attributes:
        counters: how many queries there were.
        limiter: bounds answers over UDP; None: nothing does.
        on_query: who is told of each query, beside the counters.
    """

    def __init__(self, lab: "RunningServer", per_second: int) -> None:
        """Answer with what the desk of *lab* says; *per_second* answers of a kind, 0: no limit."""
        self._lab = lab
        self.counters = Counters(self._zone_of, lab.reactor.seconds())
        self.limiter = RateLimiter(RateLimit.of(per_second), self._zone_of) if per_second else None
        self.on_query: list[OnQuery] = []

    def responder(self, address: str) -> Responder:
        """Return what answers at *address*."""

        def respond(wire: bytes, peer: Peer) -> Iterator[bytes | Wait]:
            first, messages, octets = None, 0, 0
            try:
                delay = self._lab.desk.delay(address, wire)
                if delay:
                    yield Wait(delay)
                answers = self._answers(address, wire, peer)
                for answer in self._limited(address, peer, wire, answers):
                    if answer == NOT_YET:
                        yield Wait(TURN_S)
                        continue
                    first = answer if first is None else first
                    messages, octets = messages + 1, octets + len(answer)
                    yield answer
            finally:
                # Also when a peer goes away in the middle of a transfer.
                self._tell(address, peer, wire, (first, messages, octets))

        return respond

    def _limited(
        self, address: str, peer: Peer, wire: bytes, answers: Iterable[bytes]
    ) -> Iterator[bytes]:
        for answer in answers:
            if answer == NOT_YET:
                yield answer
                continue
            passed = self._passed(self._event(address, peer, wire, (answer, 1, len(answer))))
            if passed is not None:
                yield passed

    def _passed(self, event: QueryEvent) -> bytes | None:
        if self.limiter is None:
            return event.answer
        secrets = self._lab.world.materials.service.secrets
        return self.limiter.passed(event, secrets, self._lab.clock.now())

    def _answers(self, address: str, wire: bytes, peer: Peer) -> Iterator[bytes]:
        try:
            yield from self._lab.desk.receive(address, wire, peer)
        except Exception:  # noqa: BLE001 the last line of defence: a defect answers SERVFAIL
            log.failure("defect while answering {wire}", wire=wire.hex())
            yield push_failure(wire, Rcode.SERVFAIL, Ede.OTHER)

    def account(self, address: str, wire: bytes, answer: bytes) -> Tally:
        """Return where those are counted who ask *wire* over UDP and are sent *answer*."""
        return self.counters.tally(self._event(address, _SOMEBODY, wire, (answer, 1, len(answer))))

    def let_out(self, address: str, peer: Peer, wire: bytes, answer: bytes, tally: Tally) -> bytes:
        """Return what is sent of an *answer* that was ready, and tell of it as of all others.

        Returns:
            The answer, less than it, or nothing, if there is a limit.
        """
        event = self._event(address, peer, wire, (answer, 1, len(answer)))
        passed = self._passed(event)
        if passed is answer:
            tally.answered(len(wire), len(answer))
        else:
            sent = (None, 0, 0) if passed is None else (passed, 1, len(passed))
            event = self._event(address, peer, wire, sent)
            self.counters(event)
        for listener in self.on_query:
            listener(event)
        return passed or b""

    def _tell(
        self, address: str, peer: Peer, wire: bytes, sent: tuple[bytes | None, int, int]
    ) -> None:
        event = self._event(address, peer, wire, sent)
        self.counters(event)
        for listener in self.on_query:
            listener(event)

    def _event(
        self, address: str, peer: Peer, wire: bytes, sent: tuple[bytes | None, int, int]
    ) -> QueryEvent:
        return QueryEvent(self._lab.reactor.seconds(), address, self._lab.port, peer, wire, *sent)

    def _zone_of(self, qname: Name) -> Name | None:
        home = home_of(qname, self._lab.world.sources)
        # In the asker's case it would be another zone for each way to write it.
        return None if home is None else home.canonicalize()
