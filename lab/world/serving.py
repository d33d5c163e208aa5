"""Which zones each address of the lab answers for, and what is wrong at that address only."""

from collections.abc import Mapping
from dataclasses import replace

from dns.name import Name

from lab.core.question import Server
from lab.core.seams import Hooks
from lab.nameserver.exchange import Service
from lab.nameserver.server import NameServer
from lab.nameserver.tree import ServedZone
from lab.world.acting import at_address
from lab.world.materials import Materials


def name_servers(
    materials: Materials,
    served: Mapping[Name, ServedZone],
    others: Mapping[tuple[str, Name], ServedZone],
    hooks: Hooks,
) -> dict[str, NameServer]:
    """Return address to server; each knows only the zones that it was given.

    Args:
        materials: says who serves what.
        served: apex to zone, as it is everywhere else.
        others: address and apex to zone, where a second operator serves it.
        hooks: the faults that act; here matter those of one server.
    """
    zones: dict[str, dict[Name, ServedZone]] = {}
    services: dict[str, Service] = {}
    for config in materials.configs:
        for server in config.nameservers:
            own = at_address(hooks, server.address)
            zone = others.get((server.address, config.apex), served[config.apex])
            zones.setdefault(server.address, {})[config.apex] = _with(own, zone)
            services.setdefault(server.address, _service(materials, server))
    hidden = materials.distribution
    if hidden is not None:
        zones[hidden.address] = dict(served)
    return {
        address: NameServer(own, services.get(address, materials.service))
        for address, own in zones.items()
    }


def renewed(
    servers: Mapping[str, NameServer], fresh: Mapping[Name, ServedZone], hooks: Hooks
) -> dict[str, NameServer]:
    """Return *servers* with the zones of *fresh* in the place of what they had."""
    found = dict(servers)
    for address, server in servers.items():
        own = at_address(hooks, address)
        zones = {apex: _with(own, one) for apex, one in fresh.items() if apex in server.zones}
        if zones:
            found[address] = replace(server, zones={**server.zones, **zones})
    return found


def _with(own: Hooks, served: ServedZone) -> ServedZone:
    """Return *served* as the one server has it where the faults *own* act."""
    acting = own.within(served.apex)
    if served.signer is None or not acting.faults:
        return served
    hooks = Hooks((*served.signer.hooks.faults, *acting.faults))
    return ServedZone(served.zone, replace(served.signer, hooks=hooks))


def _service(materials: Materials, server: Server) -> Service:
    host = server.name.to_text(omit_final_dot=True)
    return replace(materials.service, identity=host)
