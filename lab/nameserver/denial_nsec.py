"""Deny by NSEC: each owner names the next one (RFC 4035 section 3.1.3).

An NSEC is a fact about two neighbours in the zone, so none is stored: the record of any owner can
be told from the zone at once.
"""

from collections.abc import Iterator
from dataclasses import replace

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.dnssec.nsec import make_nsec
from lab.nameserver.denial import Claim, Denial, Encloser, claims, own_types, types_of
from lab.nameserver.lookup import LookupOutcome, NoData, NxDomain
from lab.nameserver.zone import Zone

BESIDE_NSEC = frozenset({RdataType.NSEC, RdataType.RRSIG})


def nsec_of(zone: Zone, owner: Name) -> RRset:
    """Return the NSEC RRset of *owner*, which is an authoritative owner or a cut of *zone*."""
    return _nsec(zone.negative_ttl, owner, own_types(zone, owner), zone.next_owner(owner))


def _nsec(ttl: int, owner: Name, rdtypes: frozenset[RdataType], following: Name) -> RRset:
    return RRset(owner, RdataType.NSEC, ttl, (make_nsec(following, rdtypes | BESIDE_NSEC),))


@dataclass(frozen=True)
class NsecDenial(Denial):
    """Show the two neighbours of what does not exist; whoever asks often enough sees them all."""

    def prove(self, outcome: LookupOutcome) -> tuple[RRset, ...]:
        """Return the NSEC RRsets of the owners at or before what is claimed."""
        # The gap that holds a name or shows an empty non-terminal begins at the owner before it.
        needed = (one for one in claims(outcome) if not isinstance(one, Encloser))
        owners = dict.fromkeys(self._owner(one) for one in needed)
        return tuple(nsec_of(self.zone, owner) for owner in owners)

    def _owner(self, claim: Claim) -> Name:
        return self.zone.place(claim.name).before

    def chain(self) -> Iterator[RRset]:
        """Iterate over the NSEC RRsets of all owners."""
        owners = ((owner, node) for owner, node in self.zone.walk() if not node.is_glue())
        owner, node = next(owners)
        for following, next_node in owners:
            yield _nsec(self.ttl, owner, types_of(node), following)
            owner, node = following, next_node
        # RFC 4034 section 4.1.1: the last one leads back to the apex.
        yield _nsec(self.ttl, owner, types_of(node), self.zone.apex)

    def asked(self, outcome: NoData | NxDomain) -> RRset | None:
        """Return the NSEC of the name or of its wildcard; an empty non-terminal has none."""
        if isinstance(outcome, NxDomain):
            return None
        source = outcome.wildcard or outcome.place.name
        if self.zone.place(source).before != source:
            return None
        return replace(nsec_of(self.zone, source), owner=outcome.place.name)
