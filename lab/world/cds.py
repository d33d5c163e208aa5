"""CDS and CDNSKEY of the zones: always there, as operators of dnssec-policy do it (RFC 7344)."""

from collections.abc import Container, Mapping

from dns.name import Name

from lab.core.rrsets import RRset
from lab.dnssec.cds import cds_rrsets, delete_rrsets
from lab.dnssec.zonelife import ZoneLife
from lab.nameserver.signer import Signer
from lab.nameserver.tree import parent_of
from lab.nameserver.zone import Zone
from lab.world.config import ZoneConfig


def wishes(
    zone: Zone,
    config: ZoneConfig,
    signer: Signer,
    lives: Mapping[Name, ZoneLife],
    apexes: Container[Name],
) -> tuple[RRset, ...]:
    """Return what *zone* publishes about the DS that it wants; nothing if it is below no zone."""
    if parent_of(zone.apex, apexes) is None:
        return ()
    known = lives.get(zone.apex)
    if known is not None and not known.life.secure:
        return tuple(delete_rrsets(zone.apex, zone.soa.ttl))
    digests = config.policy.ds_digests
    return tuple(cds_rrsets(zone.apex, signer.keys, digests, zone.soa.ttl))
