"""Does what `hierarchy.toml` says agree with the master files? All mistakes at once.

A nameserver that listens elsewhere than its glue says, or a zone that its parent does not delegate,
would be a puzzle for every resolver; here it is a sentence.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.IN.A import A

from lab.core.errors import ZoneError
from lab.core.question import Server
from lab.core.rrsets import RRset
from lab.nameserver.tree import home_of, parent_of
from lab.nameserver.zone import Zone
from lab.world.config import ZoneConfig

if TYPE_CHECKING:
    from lab.world.operators import OperatorConfig


def check_world(
    configs: tuple[ZoneConfig, ...],
    operators: "tuple[OperatorConfig, ...]",
    zones: Mapping[Name, Zone],
) -> None:
    """Compare the configuration with the *zones* that were loaded.

    Raises:
        ZoneError: lists every disagreement, one a line.
    """
    mistakes = [
        *(mistake for config in configs for mistake in _nameservers(config, zones)),
        *(mistake for config in configs for mistake in _delegation(config, configs, zones)),
        *(mistake for operator in operators for mistake in _operator(operator, zones)),
    ]
    if mistakes:
        raise ZoneError("\n".join(str(mistake) for mistake in mistakes))


def _nameservers(config: ZoneConfig, zones: Mapping[Name, Zone]) -> Iterator[ZoneError]:
    """Compare the NS records at the apex, and the addresses in the zones that hold them."""
    expected = {server.name for server in config.nameservers}
    found = _hosts(zones[config.apex].rrset(config.apex, RdataType.NS))
    if found != expected:
        yield ZoneError(
            f"the NS records of {config.apex} name {_listed(found)}, "
            f"but {config.where} says {_listed(expected)}",
            config.file,
        )
    for server in config.nameservers:
        yield from _address(server, zones, config.where)


def _delegation(
    config: ZoneConfig, configs: tuple[ZoneConfig, ...], zones: Mapping[Name, Zone]
) -> Iterator[ZoneError]:
    """Compare the NS records that the parent has for the zone, and the glue."""
    parent = parent_of(config.apex, zones)
    if parent is None:
        return
    file = next(one.file for one in configs if one.apex == parent)
    expected = {server.name for server in config.nameservers}
    found = _hosts(zones[parent].rrset(config.apex, RdataType.NS))
    if found != expected:
        yield ZoneError(
            f"expected NS records that delegate {config.apex} to {_listed(expected)}, "
            f"as {config.where} says; found {_listed(found)}",
            file,
        )
    for server in config.nameservers:
        # RFC 1034 section 4.2.1: glue is needed for names below the cut, and may be nowhere else.
        if not server.name.is_subdomain(config.apex):
            continue
        glue = _addresses(zones[parent].rrset(server.name, RdataType.A))
        if glue != {server.address}:
            yield ZoneError(
                f"expected glue '{server.name} IN A {server.address}' for {config.apex}, "
                f"as {config.where} says; found {_listed(glue)}",
                file,
            )


def _operator(operator: "OperatorConfig", zones: Mapping[Name, Zone]) -> Iterator[ZoneError]:
    for identity in operator.identities:
        if identity.address is None:
            continue
        if operator.zone is None or operator.zone not in zones:
            yield ZoneError("its operator has no zone of the lab to publish it in", identity.where)
        elif not identity.host.is_subdomain(operator.zone):
            yield ZoneError(f"{identity.host} is not in {operator.zone}", identity.where)
        else:
            server = Server(identity.host, identity.address)
            yield from _address(server, zones, identity.where)


def _address(server: Server, zones: Mapping[Name, Zone], where: str) -> Iterator[ZoneError]:
    """Compare the A record of *server* in the zone that is authoritative for it."""
    home = home_of(server.name, zones)
    found = set() if home is None else _addresses(zones[home].rrset(server.name, RdataType.A))
    if found != {server.address}:
        yield ZoneError(
            f"expected '{server.name} IN A {server.address}' in the zone {home}; "
            f"found {_listed(found)}",
            where,
        )


def _hosts(ns: RRset | None) -> set[Name]:
    return set() if ns is None else {rdata.target for rdata in ns.rdatas}  # type: ignore[attr-defined]  # rdata of an NS RRset


def _addresses(rrset: RRset | None) -> set[str]:
    if rrset is None:
        return set()
    return {rdata.address for rdata in rrset.rdatas if isinstance(rdata, A)}


def _listed(things: set[Name] | set[str]) -> str:
    return ", ".join(sorted(str(thing) for thing in things)) or "none"
