"""The zones of the lab as one tree: each child's keys become DS records in its parent.

A zone file holds no DNSSEC. Here the DNSKEY RRset of every signed zone is put at its apex, with
NSEC3PARAM and ZONEMD if it has them, and its DS RRset at the cut in its parent, as ordinary
records; lookup and denial need not know them.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import TypeAlias, cast

from dns.dnssectypes import DSDigest
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.SOA import SOA

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import RRset
from lab.dnssec.canonical import name_octets
from lab.dnssec.delegation import make_ds
from lab.dnssec.keys import KeySet
from lab.dnssec.zonemd import PLACEHOLDERS, make_zonemd
from lab.nameserver.denial import Denial
from lab.nameserver.signer import Signer
from lab.nameserver.zone import Zone


@dataclass(frozen=True)
class ServedZone:
    """Hold a zone as it is served.

    Attributes:
        zone: with its DNSKEY and NSEC3PARAM, and its children's DS records.
        signer: None for an unsigned zone.
        digests: the ZONEMD RRset of this version that was asked for last, by its moment.
    """

    zone: Zone
    signer: Signer | None
    digests: dict[Instant, RRset] = field(default_factory=dict, repr=False, compare=False)

    @property
    def apex(self) -> Name:
        """Return the apex."""
        return self.zone.apex

    @cached_property
    def apex_octets(self) -> bytes:
        """Return the apex in wire form, in lower case."""
        return name_octets(self.apex)

    @cached_property
    def denial(self) -> Denial | None:
        """Return how this version of the zone says no; None if nobody could believe it."""
        return None if self.signer is None else self.signer.denial.of(self.zone)


def ds_rdatas(
    apex: Name, keys: KeySet, digests: Iterable[DSDigest] = (DSDigest.SHA256,)
) -> tuple[DS, ...]:
    """Return what the parent of *apex* ought to publish: *digests* of each delegated key."""
    return tuple(
        make_ds(apex, key.dnskey, int(digest)) for key in keys.delegated for digest in digests
    )


def home_of(owner: Name, apexes: Container[Name]) -> Name | None:
    """Return which of *apexes* is authoritative for *owner*: the closest one at or above it."""
    while owner not in apexes:
        if len(owner) <= 1:
            return None
        owner = owner.parent()
    return owner


def parent_of(apex: Name, apexes: Container[Name]) -> Name | None:
    """Return the closest of *apexes* above *apex*; None for the top of the tree."""
    return home_of(apex.parent(), apexes) if len(apex) > 1 else None


Children: TypeAlias = Mapping[Name, tuple[Name, ...]]
"""Apex to the apexes of the zones that are delegated from it."""


def children_of(children: Iterable[Name], apexes: Container[Name]) -> Children:
    """Return which of *children* hang from which of *apexes*."""
    found: dict[Name, list[Name]] = {}
    for child in children:
        parent = parent_of(child, apexes)
        if parent is not None:
            found.setdefault(parent, []).append(child)
    return {parent: tuple(names) for parent, names in found.items()}


def plant(
    zones: Mapping[Name, Zone],
    signers: Mapping[Name, Signer],
    delegations: Mapping[Name, tuple[DS, ...]] | None = None,
) -> dict[Name, ServedZone]:
    """Return the tree that *zones* form, linked by DS records.

    Args:
        zones: apex to zone, without DNSSEC.
        signers: apex to signer, for the signed zones.
        delegations: apex of a child to the DS RRset that its parent publishes, empty for none;
            None: for each signed child what its keys ask for.
    """
    if delegations is None:
        delegations = {apex: ds_rdatas(apex, signer.keys) for apex, signer in signers.items()}
    children = children_of(delegations, zones)
    return {
        apex: grow(zone, signers.get(apex), children.get(apex, ()), delegations)
        for apex, zone in zones.items()
    }


def grow(
    zone: Zone,
    signer: Signer | None,
    children: Iterable[Name],
    delegations: Mapping[Name, tuple[DS, ...]],
    more: Iterable[RRset] = (),
) -> ServedZone:
    """Return *zone* with its keys, with the DS records of its *children*, and with *more*."""
    rrsets = [*more, *([] if signer is None else _apex_rrsets(zone, signer))]
    rrsets += [_ds_rrset(zone, one, delegations[one]) for one in children if delegations[one]]
    return ServedZone(zone.with_rrsets(rrsets) if rrsets else zone, signer)


def _apex_rrsets(zone: Zone, signer: Signer) -> Iterator[RRset]:
    yield RRset(zone.apex, RdataType.DNSKEY, zone.soa.ttl, signer.keys.dnskeys)
    parameters = signer.denial.parameters(zone)
    if parameters is not None:
        yield parameters
    if signer.zonemd is not None:
        yield zonemd_rrset(zone, PLACEHOLDERS[signer.zonemd], signer.zonemd)


def zonemd_rrset(zone: Zone, digest: bytes, hash_algorithm: int) -> RRset:
    """Return the ZONEMD RRset of *zone*; its TTL is that of the SOA (RFC 8976 section 2.1)."""
    serial = cast("SOA", zone.soa.rdatas[0]).serial
    rdata = make_zonemd(serial, digest, hash_algorithm)
    return RRset(zone.apex, RdataType.ZONEMD, zone.soa.ttl, (rdata,))


def _ds_rrset(parent: Zone, apex: Name, rdatas: tuple[DS, ...]) -> RRset:
    ns = parent.rrset(apex, RdataType.NS)
    ttl = parent.soa.ttl if ns is None else ns.ttl
    return RRset(apex, RdataType.DS, ttl, rdatas)
