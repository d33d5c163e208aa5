"""Deny by NSEC records made for one question, which show nobody's neighbours.

Two ways: minimally covering NSEC (RFC 4470), true and as small as can be; and compact denial (RFC
9824), where the name itself says that it does not exist. Both need the keys when the question
comes, so a secondary without them gets the ordinary NSEC chain.
"""

import dns.flags
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.dnssec.nsec import make_nsec
from lab.nameserver.denial import Absent, Claim, Encloser, claims, own_types
from lab.nameserver.denial_nsec import BESIDE_NSEC, NsecDenial
from lab.nameserver.lookup import LookupOutcome, NoData, NxDomain
from lab.nameserver.query import COMPACT_OK
from lab.nameserver.zone import Zone

# RFC 9824 section 3.1: exactly these three types.
NO_NAME = BESIDE_NSEC | {RdataType.NXNAME}


@dataclass(frozen=True)
class MinimalNsecDenial(NsecDenial):
    """Cover nothing but the name in question (RFC 4470 section 4)."""

    def prove(self, outcome: LookupOutcome) -> tuple[RRset, ...]:
        """Return one NSEC RRset for each claim."""
        needed = (one for one in claims(outcome) if not isinstance(one, Encloser))
        return tuple(dict.fromkeys(self._proof(one) for one in needed))

    def _proof(self, claim: Claim) -> RRset:
        if not isinstance(claim, Absent):
            return self._at(claim.name, claim.name)
        owner = max(before(self.zone, claim.name), self.zone.place(claim.name).before)
        following = behind(self.zone, claim.name)
        nsec = make_nsec(following, own_types(self.zone, owner) | BESIDE_NSEC)
        return RRset(owner, RdataType.NSEC, self.ttl, (nsec,))

    def _at(self, owner: Name, source: Name) -> RRset:
        """Return the NSEC of *owner* with the types of *source* and the next name possible.

        RFC 4470 section 2: an empty non-terminal may own one, too.
        """
        nsec = make_nsec(successor(self.zone, owner), own_types(self.zone, source) | BESIDE_NSEC)
        return RRset(owner, RdataType.NSEC, self.ttl, (nsec,))

    def asked(self, outcome: NoData | NxDomain) -> RRset | None:
        """Return the NSEC of the name, of which only those that exist have one."""
        if isinstance(outcome, NxDomain):
            return None
        return self._at(outcome.place.name, outcome.wildcard or outcome.place.name)


@dataclass(frozen=True)
class CompactDenial(MinimalNsecDenial):
    """Let every name exist, and say by the type NXNAME that it does not (RFC 9824)."""

    def prove(self, outcome: LookupOutcome) -> tuple[RRset, ...]:
        """Return the one NSEC of the qname, or of the cut; a wildcard answer needs none."""
        match outcome:
            case NxDomain(place=place):
                nsec = make_nsec(successor(self.zone, place.name), NO_NAME)
                return (RRset(place.name, RdataType.NSEC, self.ttl, (nsec,)),)
            case NoData(place=place, wildcard=wildcard):
                return (self._at(place.name, wildcard or place.name),)
            case _:
                needed = (one for one in claims(outcome) if not isinstance(one, Absent))
                return tuple(self._proof(one) for one in needed)

    def asked(self, outcome: NoData | NxDomain) -> RRset | None:
        """Return the one NSEC that denies: its bitmap promises itself, so it has to be there."""
        return self.prove(outcome)[0]

    def signed_as(self, wildcard: Name | None) -> Name | None:
        """Return None: what a wildcard makes is signed as if it were there (RFC 9824 3.3)."""
        del wildcard
        return None

    def no_name(self, ednsflags: int) -> Rcode:
        """Return NOERROR to who validates and does not know better (RFC 9824 section 5)."""
        if ednsflags & dns.flags.DO and not ednsflags & COMPACT_OK:
            return Rcode.NOERROR
        return Rcode.NXDOMAIN


def successor(zone: Zone, name: Name) -> Name:
    """Return the next name that can exist after *name*: mostly the label of one NUL below it."""
    return _within(zone, name, name.successor(zone.apex, prefix_ok=True))


def before(zone: Zone, name: Name) -> Name:
    """Return a name just before *name*, with none of the zone's names between them.

    It is the greatest one with the same parent (RFC 4471 section 3.1.2, without prefixed labels),
    which what exists may be closer than.
    """
    return name.predecessor(zone.apex, prefix_ok=False)


def behind(zone: Zone, name: Name) -> Name:
    """Return a name just behind *name* and everything below it, with the same parent if it can."""
    return _within(zone, name, name.successor(zone.apex, prefix_ok=False))


def _within(zone: Zone, name: Name, following: Name) -> Name:
    """Return *following*, unless the zone has a name before it or ends before it."""
    real = zone.next_owner(name)
    if following <= name:
        return real
    return following if real <= name else min(real, following)
