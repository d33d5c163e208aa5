"""A whole zone as it is published: every RRset, signed, with the records that deny the rest.

This is what a transfer carries and what `lab export` writes. Decides: which RRsets belong to it,
and in which order. Not: how they travel, or how they are written down.
"""

from collections.abc import Iterator

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.core.rrsets import RRset, SignedRRset
from lab.nameserver.tree import ServedZone
from lab.nameserver.zone import Zone


def publication(served: ServedZone, now: Instant) -> tuple[RRset, ...]:
    """Return every RRset of *served* as of *now*, the SOA first and each RRSIG RRset by itself.

    An RRSIG RRset holds the signatures over one other RRset: owners may have several of them.
    """
    return tuple(one for signed in published(served, now) for one in apart(signed))


def published(served: ServedZone, now: Instant) -> Iterator[SignedRRset]:
    """Iterate over every RRset of *served* with its signatures, the SOA first."""
    zone = served.zone
    yield _signed(served, zone.soa, now)
    for owner in zone.version.nodes:
        glue = zone.place(owner).cut not in {None, owner}
        for rrset in zone.rrsets(owner):
            if rrset.rdtype == RdataType.SOA:
                continue
            # RFC 4035 section 2.2: what the child is authoritative for is not signed here.
            ours = not glue and _is_authoritative(zone, owner, rrset.rdtype)
            yield _signed(served, rrset, now) if ours else SignedRRset(rrset)
    if served.denial is not None:
        for rrset in served.denial.chain():
            yield _signed(served, rrset, now)


def _is_authoritative(zone: Zone, owner: Name, rdtype: RdataType) -> bool:
    return rdtype == RdataType.DS or not zone.is_cut(owner)


def _signed(served: ServedZone, rrset: RRset, now: Instant) -> SignedRRset:
    return SignedRRset(rrset) if served.signer is None else served.signer.signed(rrset, now)


def apart(signed: SignedRRset) -> tuple[RRset, ...]:
    """Return an RRset and, if it is signed, the RRset of its RRSIGs."""
    rrset = signed.rrset
    if not signed.rrsigs:
        return (rrset,)
    return (rrset, RRset(rrset.owner, RdataType.RRSIG, signed.rrsig_ttl, signed.rrsigs))
