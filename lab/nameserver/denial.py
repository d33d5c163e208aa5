"""Which NSEC records prove an outcome (RFC 4035 section 3.1.3), made when they are needed.

An NSEC is a fact about two neighbours in the zone, so none is stored: the record of any owner can
be told from the zone at once.
"""

from typing import assert_never

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.rrsets import RRset
from lab.dnssec.nsec import make_nsec
from lab.nameserver.lookup import Alias, Answer, LookupOutcome, NoData, NxDomain, Referral
from lab.nameserver.zone import Zone

# RFC 4035 section 2.3: at a cut only these are the parent's own, so only they are listed.
_PARENTS_AT_CUT = frozenset({RdataType.NS, RdataType.DS})


def nsec_of(zone: Zone, owner: Name) -> RRset:
    """Return the NSEC RRset of *owner*, which is an authoritative owner or a cut of *zone*.

    Its TTL is that of negative answers (RFC 9077 section 3).
    """
    rdtypes = {one.rdtype for one in zone.rrsets(owner)}
    if zone.is_cut(owner):
        rdtypes &= _PARENTS_AT_CUT
    rdtypes |= {RdataType.NSEC, RdataType.RRSIG}
    nsec = make_nsec(zone.next_owner(owner), rdtypes)
    return RRset(owner, RdataType.NSEC, zone.negative_ttl, (nsec,))


def prove(zone: Zone, outcome: LookupOutcome) -> tuple[RRset, ...]:
    """Return the NSEC RRsets, each once, that let a validator believe *outcome*."""
    owners = dict.fromkeys(_owners(zone, outcome))
    return tuple(nsec_of(zone, owner) for owner in owners)


def _owners(zone: Zone, outcome: LookupOutcome) -> tuple[Name, ...]:
    match outcome:
        case Answer(place=place, wildcard=wildcard) | Alias(place=place, wildcard=wildcard):
            # RFC 4035 section 3.1.3.3: a wildcard was used, so the qname itself must be denied.
            return () if wildcard is None else (place.before,)
        case Referral(ns=ns, ds=ds):
            # RFC 4035 section 3.1.4: no DS is proved by the NSEC of the cut.
            return (ns.owner,) if ds is None else ()
        case NoData(place=place, wildcard=None):
            # RFC 4035 section 3.1.3.1; at an empty non-terminal the NSEC before it covers it.
            return (place.before,)
        case NoData(place=place, wildcard=wildcard):
            # RFC 4035 section 3.1.3.4: the wildcard has no such type, and the qname is denied.
            assert wildcard is not None
            return (zone.place(wildcard).before, place.before)
        case NxDomain(place=place):
            # RFC 4035 section 3.1.3.2: neither the qname nor the wildcard that could have matched.
            wildcard = Name((b"*", *place.closest_encloser.labels))
            return (place.before, zone.place(wildcard).before)
        case _:
            assert_never(outcome)
