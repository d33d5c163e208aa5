"""The pure server: octets of a query in, octets of the answer out.

Decides: which zone answers, and how much of the answer fits. `respond` never raises:
what cannot be understood is answered as RFC 1035 section 4.1.1 says, or dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import dns.flags
from dns.edns import EDECode, EDEOption
from dns.exception import TooBig
from dns.message import QueryMessage, make_response
from dns.name import Name
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType, is_metatype

from lab.core.errors import PeerError
from lab.core.instant import Instant
from lab.core.rules import Ede
from lab.nameserver.draft import Draft
from lab.nameserver.query import Peer, Transport, pull_query, push_refusal
from lab.nameserver.tree import ServedZone

# RFC 6891 section 6.2.3 leaves the size to the operator; 1232 octets never fragment.
UDP_PAYLOAD = 1232
UDP_WITHOUT_EDNS = 512
TCP_LIMIT = 65535

_NOT_AUTHORITATIVE = EDEOption(EDECode(Ede.NOT_AUTHORITATIVE))


@dataclass(frozen=True, slots=True)
class NameServer:
    """Answer for the zones of one address.

    Attributes:
        zones: apex to zone; names below none of them are refused.
    """

    zones: Mapping[Name, ServedZone]

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
        response = self._answer(query, now)
        return _fitting(response, _room(query, peer.transport))

    def _answer(self, query: QueryMessage, now: Instant) -> QueryMessage:
        response = make_response(query)
        assert isinstance(response, QueryMessage)
        if query.edns >= 0:
            # RFC 3225 section 3: the DO bit of the query is copied into the response.
            response.use_edns(0, query.ednsflags & dns.flags.DO, UDP_PAYLOAD)
        if query.edns > 0:
            # RFC 6891 section 6.1.3.
            response.set_rcode(Rcode.BADVERS)
            return response
        question = query.question[0]
        objection = _objection(question.rdtype)
        if objection is not None:
            response.set_rcode(objection)
            return response
        served = self._closest(query)
        if served is None:
            return _refused(response)
        Draft(response, served, now).fill(question.name, question.rdtype)
        if question.rdclass == RdataClass.ANY:
            # RFC 1035 section 6.2: nobody is authoritative for all classes.
            response.flags &= ~dns.flags.AA
        return response

    def _closest(self, query: QueryMessage) -> ServedZone | None:
        """Return the zone to answer from: the longest matching apex (RFC 1034 section 4.3.2)."""
        question = query.question[0]
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


def _objection(rdtype: RdataType) -> Rcode | None:
    """Return why a QTYPE that is no data type is not answered (RFC 1035 section 4.1.1)."""
    if rdtype in {RdataType.AXFR, RdataType.IXFR}:
        return Rcode.REFUSED
    return Rcode.NOTIMP if is_metatype(rdtype) and rdtype != RdataType.ANY else None


def _refused(response: QueryMessage) -> QueryMessage:
    response.set_rcode(Rcode.REFUSED)
    if response.edns >= 0:
        response.use_edns(0, response.ednsflags, UDP_PAYLOAD, options=[_NOT_AUTHORITATIVE])
    return response


def _room(query: QueryMessage, transport: Transport) -> int:
    """Return how many octets the answer may have (RFC 6891 section 6.2.5)."""
    if transport is Transport.TCP:
        return TCP_LIMIT
    if query.edns < 0:
        return UDP_WITHOUT_EDNS
    return min(max(query.payload, UDP_WITHOUT_EDNS), UDP_PAYLOAD)


def _fitting(response: QueryMessage, room: int) -> bytes:
    """Return *response* as octets; what does not fit is left to TCP (RFC 2181 section 9)."""
    try:
        return response.to_wire(max_size=room)
    except TooBig:
        if response.additional and not _is_referral(response):
            # Addresses beside an answer are a favour, glue is not (RFC 9471).
            response.additional = []
            return _fitting(response, room)
        response.answer, response.authority, response.additional = [], [], []
        response.flags |= dns.flags.TC
        return response.to_wire(max_size=room)


def _is_referral(response: QueryMessage) -> bool:
    return any(one.rdtype == RdataType.NS for one in response.authority)
