"""A whole zone as it is published: every RRset, signed, with the records that deny the rest.

This is what a transfer carries and what `lab export` writes. Decides: which RRsets belong to it,
and in which order. Not: how they travel, or how they are written down.
"""

from collections.abc import Iterable, Iterator

from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.core.rrsets import RRset, SignedRRset
from lab.dnssec.zonemd import zone_digest
from lab.nameserver.leaves import Leaf
from lab.nameserver.tree import ServedZone, zonemd_rrset


def publication(served: ServedZone, now: Instant) -> tuple[RRset, ...]:
    """Return every RRset of *served* as of *now*, the SOA first and each RRSIG RRset by itself.

    An RRSIG RRset holds the signatures over one other RRset: owners may have several of them.
    """
    return tuple(one for signed in published(served, now) for one in apart(signed))


def zonemd_of(served: ServedZone, now: Instant) -> RRset | None:
    """Return the digest of the zone as it is published *now*; None if it has none."""
    if served.signer is None or served.signer.zonemd is None:
        return None
    return _digest(served, _undigested(served, now), served.signer.zonemd)


def lasting_zonemd_of(served: ServedZone, now: Instant) -> RRset | None:
    """Return the digest for who asks for it: that of a moment, computed once a generation.

    A zone has as many signatures as records, so nobody shall make us look at them for each query.
    """
    if served.signer is None or served.signer.zonemd is None:
        return None
    at = served.signer.policy.settled(now)
    if at not in served.digests:
        served.digests.clear()
        rrset = zonemd_of(served, at)
        assert rrset is not None
        served.digests[at] = rrset
    return served.digests[at]


def published(served: ServedZone, now: Instant) -> Iterator[SignedRRset]:
    """Iterate over every RRset of *served* with its signatures, the SOA first."""
    if served.signer is None or served.signer.zonemd is None:
        yield from _undigested(served, now)
        return
    # The digest is over the very signatures that are published: ML-DSA makes no two alike.
    kept = tuple(_undigested(served, now))
    zonemd = _digest(served, kept, served.signer.zonemd)
    for signed in kept:
        if signed.rrset.rdtype == RdataType.ZONEMD:
            yield _signed(served, zonemd, now)
        else:
            yield signed


def _digest(served: ServedZone, every: Iterable[SignedRRset], algorithm: int) -> RRset:
    rrsets = (one for signed in every for one in apart(signed))
    return zonemd_rrset(served.zone, zone_digest(served.apex, rrsets, algorithm), algorithm)


def _undigested(served: ServedZone, now: Instant) -> Iterator[SignedRRset]:
    """Iterate over the zone with a placeholder for its digest."""
    zone = served.zone
    yield _signed(served, zone.soa, now)
    for _, leaf in zone.walk():
        for rrset in leaf.ordered:
            if rrset.rdtype == RdataType.SOA:
                continue
            ours = is_authoritative(leaf, rrset.rdtype)
            yield _signed(served, rrset, now) if ours else SignedRRset(rrset)
    if served.denial is not None:
        for rrset in served.denial.chain():
            yield _signed(served, rrset, now)


def is_authoritative(leaf: Leaf, rdtype: RdataType) -> bool:
    """Tell whether the zone signs the records of type *rdtype* at *leaf*."""
    # RFC 4035 section 2.2: what the child is authoritative for is not signed here.
    return not leaf.is_glue() and (rdtype == RdataType.DS or not leaf.is_delegation())


def _signed(served: ServedZone, rrset: RRset, now: Instant) -> SignedRRset:
    return SignedRRset(rrset) if served.signer is None else served.signer.signed(rrset, now)


def apart(signed: SignedRRset) -> tuple[RRset, ...]:
    """Return an RRset and, if it is signed, the RRset of its RRSIGs."""
    rrset = signed.rrset
    if not signed.rrsigs:
        return (rrset,)
    return (rrset, RRset(rrset.owner, RdataType.RRSIG, signed.rrsig_ttl, signed.rrsigs))
