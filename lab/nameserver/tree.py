"""The zones of the lab as one tree: each child's keys become DS records in its parent.

A zone file holds no DNSSEC. Here the DNSKEY RRset of every signed zone is put at its apex, and its
DS RRset at the cut in its parent, as ordinary records; lookup and denial need not know them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dns.dnssectypes import DSDigest
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from lab.core.rrsets import RRset
from lab.dnssec.delegation import make_ds
from lab.dnssec.keys import KeySet
from lab.nameserver.signer import Signer
from lab.nameserver.zone import Zone


@dataclass(frozen=True, slots=True)
class ServedZone:
    """Hold a zone as it is served.

    Attributes:
        zone: with its DNSKEY and its children's DS records.
        signer: None for an unsigned zone.
    """

    zone: Zone
    signer: Signer | None

    @property
    def apex(self) -> Name:
        """Return the apex."""
        return self.zone.apex


def ds_rdatas(apex: Name, keys: KeySet, digest: DSDigest = DSDigest.SHA256) -> tuple[DS, ...]:
    """Return what the parent of *apex* ought to publish: one DS for each delegated key."""
    return tuple(make_ds(apex, key.dnskey, int(digest)) for key in keys.delegated)


def home_of(owner: Name, apexes: Iterable[Name]) -> Name | None:
    """Return which of *apexes* is authoritative for *owner*: the closest one at or above it."""
    return max((one for one in apexes if owner.is_subdomain(one)), key=len, default=None)


def parent_of(apex: Name, apexes: Iterable[Name]) -> Name | None:
    """Return the closest of *apexes* above *apex*; None for the top of the tree."""
    return home_of(apex, (one for one in apexes if one != apex))


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
    grown = dict(zones)
    for apex, signer in signers.items():
        grown[apex] = grown[apex].with_rrsets([_dnskey_rrset(zones[apex], signer.keys)])
    for apex, rdatas in delegations.items():
        parent = parent_of(apex, zones)
        if parent is not None and rdatas:
            grown[parent] = grown[parent].with_rrsets([_ds_rrset(zones[parent], apex, rdatas)])
    return {apex: ServedZone(zone, signers.get(apex)) for apex, zone in grown.items()}


def _dnskey_rrset(zone: Zone, keys: KeySet) -> RRset:
    return RRset(zone.apex, RdataType.DNSKEY, zone.soa.ttl, keys.dnskeys)


def _ds_rrset(parent: Zone, apex: Name, rdatas: tuple[DS, ...]) -> RRset:
    ns = parent.rrset(apex, RdataType.NS)
    ttl = parent.soa.ttl if ns is None else ns.ttl
    return RRset(apex, RdataType.DS, ttl, rdatas)
