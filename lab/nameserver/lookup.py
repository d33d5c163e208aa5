"""What a zone has to say about a question: the algorithm of RFC 1034 section 4.3.2, one step.

Decides: which RRsets answer, or that and why there is none. Not: which signatures and proofs go
with it (signer, denial), nor how a chain of aliases goes on (server).
"""

from dataclasses import replace
from typing import TypeAlias

from dns.name import Name, NameTooLong
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME

from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.core.seams import Seam
from lab.nameserver.zone import Place, Zone


@dataclass(frozen=True, slots=True)
class Answer:
    """Give the records that were asked for.

    Attributes:
        rrsets: owned by the qname; several only for QTYPE ANY.
        place: where the qname falls.
        wildcard: the owner they were synthesised from; None if they stand at the qname itself.
    """

    rrsets: tuple[RRset, ...]
    place: Place
    wildcard: Name | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """Send the reader on to another name (RFC 1034 section 3.6.2).

    Attributes:
        rrset: the CNAME, owned by the qname.
        target: where it points.
        place: where the qname falls.
        wildcard: as in `Answer`.
    """

    rrset: RRset
    target: Name
    place: Place
    wildcard: Name | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the reader on to the same name in another subtree (RFC 6672).

    Attributes:
        dname: the DNAME above the qname.
        cname: made from it, owned by the qname; it cannot be signed (RFC 6672 section 5.3.1).
        target: where it points.
    """

    dname: RRset
    cname: RRset
    target: Name


@dataclass(frozen=True, slots=True)
class TooLong:
    """Say that the name to go on with would have more than 255 octets (RFC 6672 section 2.2).

    Attributes:
        dname: the DNAME above the qname.
    """

    dname: RRset


@dataclass(frozen=True, slots=True)
class Referral:
    """Send the reader down to the child zone.

    Attributes:
        ns: the NS RRset of the cut.
        ds: the DS RRset of the cut; None for an insecure delegation.
        glue: addresses of the nameservers, as far as this zone knows them.
    """

    ns: RRset
    ds: RRset | None
    glue: tuple[RRset, ...]


@dataclass(frozen=True, slots=True)
class NoData:
    """Say that the name exists (or a wildcard covers it) without this type (RFC 2308 section 2.2).

    Attributes:
        place: where the qname falls.
        wildcard: the wildcard that would have been used; None if the name itself exists.
    """

    place: Place
    wildcard: Name | None = None


@dataclass(frozen=True, slots=True)
class NxDomain:
    """Say that the name does not exist, nor anything below it (RFC 2308 section 2.1, RFC 8020).

    Attributes:
        place: where the qname falls.
    """

    place: Place


# RFC 4035 section 2.5: a CNAME is signed and has a next name like any other RRset.
_BESIDE_CNAME = frozenset({RdataType.RRSIG, RdataType.NSEC})

LookupOutcome: TypeAlias = Answer | Alias | Redirect | TooLong | Referral | NoData | NxDomain

OUTCOME: Seam[LookupOutcome] = Seam("lookup-outcome")


def look_up(zone: Zone, qname: Name, rdtype: RdataType) -> LookupOutcome:
    """Return what *zone*, which is the closest one to *qname* on this server, says."""
    place = zone.place(qname)
    if place.cut is not None and not _answers_at_cut(zone, place, rdtype):
        return refer(zone, place.cut)
    if place.exists:
        return _at(zone, place, qname, rdtype)
    dname = zone.rrset(place.closest_encloser, RdataType.DNAME)
    if dname is not None:
        return redirect(dname, qname)
    wildcard = Name((b"*", *place.closest_encloser.labels))
    if zone.place(wildcard).exists and not zone.is_cut(wildcard):
        return _at(zone, place, wildcard, rdtype)
    return NxDomain(place)


def redirect(dname: RRset, qname: Name) -> Redirect | TooLong:
    """Return where *dname* sends *qname*, which is below it (RFC 6672 section 2.2)."""
    target = dname.rdatas[0].target  # type: ignore[attr-defined]  # rdata of a DNAME RRset
    try:
        renamed = qname.relativize(dname.owner).concatenate(target)
    except NameTooLong:
        return TooLong(dname)
    # RFC 6672 section 3.1: the CNAME has the TTL of the DNAME.
    made = CNAME(RdataClass.IN, RdataType.CNAME, renamed)
    return Redirect(dname, RRset(qname, RdataType.CNAME, dname.ttl, (made,)), renamed)


def _answers_at_cut(zone: Zone, place: Place, rdtype: RdataType) -> bool:
    # RFC 4035 sections 2.3 and 3.1.4.1: DS and the cut's NSEC are the parent's to answer.
    if place.cut != place.name:
        return False
    return rdtype == RdataType.DS or (rdtype == RdataType.NSEC and not zone.is_hashed)


def _at(zone: Zone, place: Place, source: Name, rdtype: RdataType) -> LookupOutcome:
    """Return what the records of *source* (the qname, or the wildcard for it) say."""
    wildcard = source if source != place.name else None
    if rdtype == RdataType.ANY:
        # RFC 8482 section 4.1: one RRset of those there are is answer enough.
        rrsets = zone.rrsets(source)[:1]
    else:
        rrset = zone.rrset(source, rdtype)
        rrsets = () if rrset is None else (rrset,)
    if rrsets:
        return Answer(tuple(replace(one, owner=place.name) for one in rrsets), place, wildcard)
    alias = zone.rrset(source, RdataType.CNAME)
    if alias is not None and rdtype not in _BESIDE_CNAME:
        target = alias.rdatas[0].target  # type: ignore[attr-defined]  # rdata of a CNAME RRset
        return Alias(replace(alias, owner=place.name), target, place, wildcard)
    return NoData(place, wildcard)


def refer(zone: Zone, cut: Name) -> Referral:
    """Return the delegation at *cut*, with all the glue this zone holds (RFC 9471)."""
    ns = zone.rrset(cut, RdataType.NS)
    assert ns is not None
    return Referral(ns, zone.rrset(cut, RdataType.DS), addresses(zone, ns))


def addresses(zone: Zone, ns: RRset) -> tuple[RRset, ...]:
    """Return the address RRsets that *zone* holds for the hosts of an NS RRset, glue included."""
    found = []
    for rdata in ns.rdatas:
        host = rdata.target  # type: ignore[attr-defined]  # rdata of an NS RRset
        if host.is_subdomain(zone.apex):
            found += [zone.rrset(host, one) for one in (RdataType.A, RdataType.AAAA)]
    return tuple(rrset for rrset in found if rrset is not None)
