"""The zones in which operators publish who their devices are, made from `lorawan.toml`.

Nobody writes master files for them: they hold delegations down the tree, and the TLSA records of
devices. They are served and signed as the zone above them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import ZoneError
from lab.core.rrsets import RRset
from lab.dane.tlsa import parse_parameters
from lab.nameserver.tree import parent_of
from lab.world.config import ZoneConfig
from lab.world.lorawan_tables import LorawanConfig
from lab.world.materials import Materials
from lab.world.tlsa import TLSA_TTL, tlsa_of

_FILE = "lorawan.toml"
_FORM = parse_parameters("3 1 1")
_MASTER_FILE = """\
$TTL {ttl}
$ORIGIN {apex}
@ IN SOA {primary} hostmaster.{domain} 1 10800 3600 604800 {ttl}
{servers}"""


def identity_configs(
    configs: tuple[ZoneConfig, ...], lorawan: LorawanConfig
) -> tuple[ZoneConfig, ...]:
    """Return the zones of all identity trees that hang from *configs*.

    Raises:
        ZoneError: a tree hangs from none of them.
    """
    by_apex = {one.apex: one for one in configs}
    found = []
    for operator, tree in lorawan.identities.items():
        parent = parent_of(tree.below, by_apex)
        if parent is None or tree.below in by_apex:
            what = f"[identities.{operator}]: {tree.below} is no new name in a zone of the lab"
            raise ZoneError(what, _FILE)
        owned = (one.dev_eui for one in lorawan.devices.values() if one.home == operator)
        found += [replace(by_apex[parent], apex=apex, file=_FILE) for apex in tree.apexes(owned)]
    return tuple(found)


def with_identity_zones(
    texts: Mapping[Name, str], configs: tuple[ZoneConfig, ...]
) -> dict[Name, str]:
    """Return the master files *texts* and those of *configs*, which hang from them."""
    grown = dict(texts)
    for config in configs:
        servers = _servers(config)
        parent = parent_of(config.apex, grown)
        assert parent is not None, "parents come before their children"
        grown[parent] = f"{grown[parent]}\n{servers}"
        primary = config.nameservers[0].name
        # RFC 1035 section 3.3.13: RNAME is a mailbox; `_device` is no host name for one.
        grown[config.apex] = _MASTER_FILE.format(
            ttl=TLSA_TTL,
            apex=config.apex,
            primary=primary,
            domain=primary.parent(),
            servers=servers,
        )
    return grown


def _servers(config: ZoneConfig) -> str:
    lines = (f"{config.apex} {TLSA_TTL} IN NS {one.name}\n" for one in config.nameservers)
    return "".join(lines)


def owners(lorawan: LorawanConfig) -> Iterator[tuple[str, Name]]:
    """Iterate over the devices that are in a tree: name in `lorawan.toml`, and in the DNS."""
    for name, device in lorawan.devices.items():
        tree = lorawan.identities.get(device.home)
        if tree is not None:
            yield name, tree.owner(device.dev_eui)


def identity_rrsets(materials: Materials) -> Iterator[RRset]:
    """Iterate over the TLSA RRsets of devices."""
    for owner, identity in materials.devices.items():
        yield RRset(owner, RdataType.TLSA, TLSA_TTL, (tlsa_of(_FORM, identity),))
