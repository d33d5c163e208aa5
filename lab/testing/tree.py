"""Grow the tree of a test: a zone of its own, delegated by the closest zone above it."""

from collections.abc import Mapping
from dataclasses import replace

from dns.name import Name, root

from lab.core.errors import InputError
from lab.core.located import LocatedToml
from lab.core.question import Server
from lab.dnssec.keys import KeySet
from lab.nameserver.exchange import Service
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ds_rdatas, parent_of
from lab.nameserver.zone import load
from lab.world.build import World, assemble
from lab.world.config import ZoneConfig, zone_config
from lab.world.materials import Materials

# Short, so that what a test changes does not hide in the cache of a client.
TTL = 60


class _Keywords(LocatedToml):
    """Say of a setting which argument it came from."""

    def where(self, *path: str | int) -> str:
        """Return e.g. `zone(algorithm=…)`."""
        return f"zone({path[-1]}=…)"


def bare() -> World:
    """Return a world without zones."""
    return assemble(Materials((), {}, (), {}, {}, tls_port=0, service=Service()))


def configured(apex: Name, address: str, settings: Mapping[str, object]) -> ZoneConfig:
    """Return how zone *apex* is served at *address* and signed.

    Args:
        apex: its name.
        address: of its one nameserver.
        settings: keys of a zone's table in `hierarchy.toml`.

    Raises:
        ZoneError: names the argument that is wrong.
    """
    host = Name(((b"a", b"root") if apex == root else (b"ns1",)) + apex.labels)
    document = _Keywords({"zone": {str(apex): settings}}, "zone()", {})
    return zone_config(document, apex, (Server(host, address),), {"file": str(apex), **settings})


def planted(world: World, config: ZoneConfig, keys: KeySet | None) -> World:
    """Return *world* with one zone more; *keys* sign it, None: it is not signed.

    Raises:
        InputError: it would stand between a zone that is here and its parent.
    """
    apex, (server,) = config.apex, config.nameservers
    below = next((one for one in world.sources if one.is_subdomain(apex)), None)
    if below is not None:
        raise InputError(f"{below} is delegated already; make {apex} before it")
    delegation = f"$TTL {TTL}\n{apex} NS {server.name}\n{server.name} A {server.address}\n"
    soa = f"{apex} SOA {server.name} hostmaster.{server.name} 1 3600 600 86400 {TTL}\n"
    sources = {**world.sources, apex: load(delegation + soa, apex, f"zone {apex}")}
    parent = parent_of(apex, world.sources)
    if parent is not None:
        sources[parent] = sources[parent].with_records(delegation, f"delegation of {apex}")
    materials = replace(world.materials, configs=(*world.materials.configs, config))
    grown = replace(world, materials=materials, sources=sources)
    return grown if keys is None else signed(grown, config, keys)


def signed(world: World, config: ZoneConfig, keys: KeySet) -> World:
    """Return *world* in which *keys* sign a zone, and its parent says so."""
    policy = config.policy
    signer = Signer(config.apex, keys, policy.signing, policy.denial, policy.zonemd)
    rdatas = ds_rdatas(config.apex, keys, policy.ds_digests)
    return replace(
        world,
        signers={**world.signers, config.apex: signer},
        delegations={**world.delegations, config.apex: rdatas},
    )


def unsigned(world: World, apex: Name) -> World:
    """Return *world* in which zone *apex* is not signed, and its parent has no DS of it."""
    return replace(
        world,
        signers={name: one for name, one in world.signers.items() if name != apex},
        delegations={name: one for name, one in world.delegations.items() if name != apex},
    )
