"""Put CDS and CDNSKEY into the zones: always, as operators of dnssec-policy do (RFC 7344)."""

from collections.abc import Iterable, Mapping

from dns.name import Name

from lab.dnssec.cds import cds_rrsets, delete_rrsets
from lab.dnssec.zonelife import ZoneLife
from lab.nameserver.signer import Signer
from lab.nameserver.tree import parent_of
from lab.nameserver.zone import Zone
from lab.world.config import ZoneConfig


def with_cds(
    sources: Mapping[Name, Zone],
    signers: Mapping[Name, Signer],
    lives: Mapping[Name, ZoneLife],
    configs: Iterable[ZoneConfig],
) -> dict[Name, Zone]:
    """Return *sources* in which each signed zone below another one says which DS it wants."""
    zones = dict(sources)
    for config in configs:
        signer = signers.get(config.apex)
        if signer is None or parent_of(config.apex, sources) is None:
            continue
        zone, digests = sources[config.apex], config.policy.ds_digests
        known = lives.get(config.apex)
        if known is not None and not known.life.secure:
            rrsets = delete_rrsets(config.apex, zone.soa.ttl)
        else:
            rrsets = cds_rrsets(config.apex, signer.keys, digests, zone.soa.ttl)
        zones[config.apex] = zone.with_rrsets(rrsets)
    return zones
