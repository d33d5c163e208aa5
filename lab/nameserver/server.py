"""The pure server: octets of a query in, octets of the answer out.

Decides: which zone answers, and which kinds of query are answered at all. `respond` never raises:
what cannot be understood is answered as RFC 1035 section 4.1.1 says, or dropped.
"""

from collections.abc import Mapping
from dataclasses import field

import dns.flags
from dns.message import QueryMessage
from dns.name import Name
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType, is_metatype
from dns.rrset import RRset

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rules import Ede
from lab.core.seams import Hooks, Seam
from lab.nameserver.chaos import answer_chaos
from lab.nameserver.cookies import Standing
from lab.nameserver.draft import Draft
from lab.nameserver.edns import begin, finish
from lab.nameserver.exchange import CookiePolicy, Exchange, Service
from lab.nameserver.query import Peer, Transport, pull_query, push_refusal
from lab.nameserver.size import fitted, room
from lab.nameserver.tree import ServedZone


@dataclass(frozen=True, slots=True)
class Filled:
    """Hold a response as one zone has written it.

    Attributes:
        response: to be changed in place, if at all.
        peer: who has asked, and over which transport.
        room: how many octets may be sent; what is longer will be cut.
    """

    response: QueryMessage
    peer: Peer
    room: int


FILLED_RESPONSE: Seam[Filled | None] = Seam("filled-response")
"""A response before it is sent; a fault changes it, or lets nothing be sent."""

ANSWER_DELAY: Seam[float] = Seam("answer-delay")
"""How many seconds a query waits for its answer; none without a fault."""


@dataclass(frozen=True, slots=True)
class NameServer:
    """Answer for the zones of one address.

    Attributes:
        zones: apex to zone; names below none of them are refused.
        service: what this address tells about itself.
        may_delay: a fault makes one of the zones slow: each query has to be looked at for that.
    """

    zones: Mapping[Name, ServedZone]
    service: Service = field(default_factory=Service)
    may_delay: bool = field(init=False)

    def __post_init__(self) -> None:
        """Look once at all zones, as there may be thousands."""
        signers = (served.signer for served in self.zones.values())
        slow = any(one is not None and one.hooks.act_at(ANSWER_DELAY) for one in signers)
        object.__setattr__(self, "may_delay", slow)

    def respond(self, wire: bytes, peer: Peer, now: Instant) -> bytes | None:
        """Return the answer to *wire*, or None if nothing may be sent (RFC 1035 section 4.1.1).

        Args:
            wire: one DNS message, without the length octets of TCP.
            peer: who asks and over which transport.
            now: the lab's present; decides the signatures' window.
        """
        try:
            query = pull_query(wire)
        except PeerError:
            return push_refusal(wire)
        exchange = Exchange(query, peer, now, self.service)
        response = self.response(exchange)
        return None if response is None else fitted(response, room(exchange))

    def response(self, exchange: Exchange) -> QueryMessage | None:
        """Return all that is to be said to a query, whether it fits or not; None for silence."""
        response = begin(exchange)
        assert isinstance(response, QueryMessage)
        errors = self._answer(exchange, response)
        if errors is None:
            return None
        finish(exchange, response, *errors)
        return response

    def delay(self, wire: bytes, now: Instant) -> float:
        """Return how many seconds the edge has to wait before it lets *wire* be answered.

        Only a fault makes a zone slow. What no zone answers, or has a TSIG, never waits.
        """
        if not self.may_delay:
            return 0.0
        try:
            question = pull_query(wire).question
        except PeerError:
            return 0.0
        served = self.closest(question[0]) if question else None
        if served is None or served.signer is None:
            return 0.0
        return served.signer.hooks.at(ANSWER_DELAY, 0.0, now)

    def _answer(self, exchange: Exchange, response: QueryMessage) -> tuple[Ede, ...] | None:
        """Fill *response* and return the Extended DNS Errors to go with it; None: send nothing."""
        if exchange.query.edns > 0:
            # RFC 6891 section 6.1.3.
            response.set_rcode(Rcode.BADVERS)
        elif _is_badly_known(exchange):
            # RFC 7873 section 5.2.4: the response brings the cookie to come back with.
            response.set_rcode(Rcode.BADCOOKIE)
        elif exchange.query.question:
            return self._answer_question(exchange, response)
        # Else it came for a cookie only, which `finish` adds (RFC 7873 section 5.4).
        return ()

    def _answer_question(
        self, exchange: Exchange, response: QueryMessage
    ) -> tuple[Ede, ...] | None:
        question = response.question[0]
        if question.rdclass == RdataClass.CH:
            answer_chaos(response, self.service)
            return ()
        objection = _objection(question.rdtype)
        if objection is not None:
            rcode, error = objection
            response.set_rcode(rcode)
            return (error,)
        served = self.closest(question)
        if served is None:
            response.set_rcode(Rcode.REFUSED)
            return (Ede.NOT_AUTHORITATIVE,)
        Draft(response, served, exchange.now).fill(question.name, question.rdtype)
        hooks = Hooks() if served.signer is None else served.signer.hooks
        filled = Filled(response, exchange.peer, room(exchange))
        if hooks.at(FILLED_RESPONSE, filled, exchange.now) is None:
            return None
        if question.rdclass == RdataClass.ANY:
            # RFC 1035 section 6.2: nobody is authoritative for all classes.
            response.flags &= ~dns.flags.AA
        return ()

    def closest(self, question: RRset) -> ServedZone | None:
        """Return the zone to answer from: the longest matching apex (RFC 1034 section 4.3.2)."""
        if question.rdclass not in {RdataClass.IN, RdataClass.ANY}:
            return None
        name = question.name
        if question.rdtype == RdataType.DS and name in self.zones and len(name) > 1:
            # RFC 4035 section 3.1.4.1: DS is answered by the parent if it is here, too.
            return self._above(name.parent()) or self.zones[name]
        return self._above(name)

    def _above(self, name: Name) -> ServedZone | None:
        while name not in self.zones:
            if len(name) == 1:
                return None
            name = name.parent()
        return self.zones[name]


def _is_badly_known(exchange: Exchange) -> bool:
    """Return whether the cookie of a query is not good enough for it to be answered."""
    standing = exchange.standing
    if not exchange.query.question:
        return standing is Standing.INVALID
    # TCP proves the address of a client as well as a cookie does (RFC 7873 section 5.2).
    is_strict = exchange.service.cookies is CookiePolicy.REQUIRED
    return (
        is_strict
        and exchange.peer.transport is Transport.UDP
        and standing in {Standing.CLIENT_ONLY, Standing.INVALID}
    )


def _objection(rdtype: RdataType) -> tuple[Rcode, Ede] | None:
    """Return why a QTYPE that is no data type is not answered (RFC 1035 section 4.1.1)."""
    if rdtype in {RdataType.AXFR, RdataType.IXFR}:
        return Rcode.REFUSED, Ede.PROHIBITED
    if rdtype == RdataType.NXNAME:
        # RFC 9824 section 3.5: it stands in the bitmap of an NSEC and nowhere else.
        return Rcode.FORMERR, Ede.INVALID_QUERY_TYPE
    if is_metatype(rdtype) and rdtype != RdataType.ANY:
        return Rcode.NOTIMP, Ede.NOT_SUPPORTED
    return None
