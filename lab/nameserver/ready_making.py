"""Make an answer of one nameserver that may be kept: who it is right for, and for how long.

Decides: what of an answer depends on anything but the question. A fault may do anything, so a zone
in which one acts has no such answers; a signature gives way to the next one at its time; some names
are made from the asker's, in its case; and what was made to fit may lack something.
"""

from enum import Enum

from dns.message import QueryMessage
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.instant import Instant, serial_to_instant
from lab.nameserver.denying import DenialMode
from lab.nameserver.exchange import Exchange
from lab.nameserver.query import ANYBODY, UDP_PAYLOAD, pull_query
from lab.nameserver.ready_answer import FOREVER
from lab.nameserver.ready_question import ReadyQuestion
from lab.nameserver.server import NameServer
from lab.nameserver.size import fitted, room
from lab.nameserver.tree import ServedZone

# NSEC records of these are made from the name that was asked for.
_FROM_QNAME = frozenset({DenialMode.COMPACT, DenialMode.NSEC_MINIMAL})


class Use(Enum):
    """Tell for whom an answer is right, and how likely it is to be wanted again."""

    ABSENT = "for the same octets; it is about a name that does not exist, and those are many"
    EXACT = "for the same octets"
    ALIKE = "for whoever asks the same, in any case of letters"


@dataclass(frozen=True, slots=True)
class Made:
    """Hold an answer that was made in full.

    Attributes:
        octets: the whole message.
        served: the zone that it is from; None: from none.
        use: for whom it is right.
        until: the first moment at which it may be another one.
        owner: whose records are all that it is made of; None: it depends on more of its zone.
    """

    octets: bytes
    served: ServedZone | None
    use: Use
    until: Instant
    owner: bytes | None = None


def make(names: NameServer, question: ReadyQuestion, wire: bytes, now: Instant) -> Made | None:
    """Return what *names* says to *wire*, which asks *question*; None if it may not be kept."""
    try:
        exchange = Exchange(pull_query(wire), ANYBODY, now, names.service)
    except PeerError:
        return None
    served = names.closest(exchange.query.question[0])
    if not _is_steady(served, question.rdtype):
        return None
    response = names.response(exchange)
    assert response is not None
    octets = fitted(response, room(exchange))
    use, until = _use(question, response, served), _until(response, served, now)
    return Made(octets, served, use, until)


def _is_steady(served: ServedZone | None, rdtype: int) -> bool:
    """Tell whether answers from *served* change with nothing but signatures."""
    if served is None or served.signer is None:
        return True
    # The digest of the whole zone changes with any signature of it.
    return not served.signer.hooks.faults and rdtype != RdataType.ZONEMD


def _until(response: QueryMessage, served: ServedZone | None, now: Instant) -> Instant:
    """Return when the first signature in *response* gives way to the next one."""
    if served is None or served.signer is None:
        return FOREVER
    sections = (response.answer, response.authority, response.additional)
    expirations = [
        serial_to_instant(rdata.expiration, now)
        for section in sections
        for rrset in section
        for rdata in rrset
        if isinstance(rdata, RRSIG)
    ]
    return served.signer.policy.replaced_at(min(expirations)) if expirations else FOREVER


def _use(question: ReadyQuestion, response: QueryMessage, served: ServedZone | None) -> Use:
    keeps_case = _keeps_case(response, served)
    if response.rcode() == Rcode.NXDOMAIN or (keeps_case and not response.answer):
        return Use.ABSENT
    # What was made for less room may lack something that fits into more.
    is_whole = question.room == UDP_PAYLOAD or not question.has_edns
    return Use.ALIKE if is_whole and not keeps_case else Use.EXACT


def _keeps_case(response: QueryMessage, served: ServedZone | None) -> bool:
    """Tell whether a name in *response* was made from the qname, and is no pointer to it."""
    # RFC 6672 section 3.1: the CNAME of a DNAME begins with labels of the qname.
    if any(one.rdtype == RdataType.DNAME for one in response.answer):
        return True
    if served is None or served.signer is None:
        return False
    return served.signer.denial.mode in _FROM_QNAME and any(
        one.rdtype == RdataType.NSEC for one in (*response.answer, *response.authority)
    )
