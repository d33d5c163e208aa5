"""Whom one answer about absence fits: which other questions, and how the zone says no.

Decides: who is asked in vain for the same reason. Not: where the gap ends (ready_denial).
"""

from enum import Enum

from dns.name import Name, from_wire
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.nameserver.denial import own_types
from lab.nameserver.denial_minimal import NO_NAME
from lab.nameserver.denial_nsec import BESIDE_NSEC
from lab.nameserver.denying import DenialMode
from lab.nameserver.lookup import Answer, LookupOutcome, NoData, NxDomain, Referral, look_up
from lab.nameserver.ready_question import ReadyQuestion
from lab.nameserver.server import NameServer
from lab.nameserver.tree import ServedZone
from lab.nameserver.zone import Place, Zone

_CHAINS = frozenset({DenialMode.NSEC, DenialMode.NSEC3})


@dataclass(frozen=True, slots=True)
class Scope:
    """Say whom one answer fits.

    Attributes:
        place: of the qname: it fits others in the same gap, or the same name if that exists.
        outcome: what the zone says.
        by_type: only questions for the same type.
        compact: the types that the NSEC record of the qname would have, if the zone denies
            compactly; None: that would not be all.
    """

    place: Place
    outcome: LookupOutcome
    by_type: bool = False
    compact: frozenset[RdataType] | None = None

    @property
    def is_denied(self) -> bool:
        """Return whether nothing but a "no" is said."""
        return isinstance(self.outcome, NoData | NxDomain)

    @property
    def rcode(self) -> Rcode:
        """Return the RCODE."""
        return Rcode.NXDOMAIN if isinstance(self.outcome, NxDomain) else Rcode.NOERROR


def scope_of(names: NameServer, zone: Zone, question: ReadyQuestion) -> Scope | None:
    """Return whom the answer to a question fits; None: nobody else, or it is not about absence."""
    qname, rdtype = from_wire(question.name, 0)[0], RdataType.make(question.rdtype)
    found, outcome = None, look_up(zone, qname, rdtype)
    match outcome:
        case _ if rdtype == RdataType.DS and qname in names.zones:
            # RFC 4035 section 3.1.4.1: that is for the parent to say.
            pass
        case NxDomain(place=place):
            found = Scope(place, outcome, compact=NO_NAME)
        case NoData(place=place, wildcard=None) if not zone.is_cut(qname):
            found = Scope(place, outcome, compact=own_types(zone, place.name) | BESIDE_NSEC)
        case NoData(place=place, wildcard=Name()):
            found = Scope(place, outcome, by_type=True)
        case Answer(place=place, wildcard=Name()) if rdtype != RdataType.NS:
            # NS would bring addresses, which are left out where they do not fit.
            found = Scope(place, outcome, by_type=True)
        case Referral() if not zone.place(qname).exists:
            found = Scope(zone.place(qname), outcome)
        case _:
            pass
    return found


class Way(Enum):
    """Name how a zone says no."""

    SAME = "the same to all who ask within one gap"
    SIGNED = "with one record for each name, which has to be signed"
    OTHER = "in any other way"


def way_of(served: ServedZone, question: ReadyQuestion) -> Way:
    """Return how *served* says no to *question*."""
    signer = served.signer
    if signer is None:
        return Way.SAME
    denial = signer.denial
    # Faults may do anything; a chain with Opt-Out says nothing of insecure delegations.
    if signer.hooks.faults or (denial.opt_out and question.wants_dnssec):
        return Way.OTHER
    if denial.mode in _CHAINS or not question.wants_dnssec:
        return Way.SAME
    return Way.SIGNED if denial.mode is DenialMode.COMPACT else Way.OTHER


def proof_of(
    served: ServedZone, question: ReadyQuestion, outcome: LookupOutcome
) -> tuple[RRset, ...]:
    """Return the records of a proof, if they are the same for all whom it fits."""
    denial = served.denial
    if denial is None or way_of(served, question) is Way.SIGNED or not question.wants_dnssec:
        return ()
    return denial.prove(outcome)
