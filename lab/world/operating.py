"""How a signed zone comes to a second operator, and how its first one leaves (RFC 8901).

A second operator makes keys, exchanges them with the first one, takes over nameservers, and at last
is the only one. Nothing here forbids the wrong order: that is what stories are about.
"""

from dataclasses import replace

from dns.name import Name

from lab.core.errors import InputError
from lab.dnssec.keys import KeySet, generate
from lab.world.acting import find_server
from lab.world.build import World
from lab.world.co_signing import Acquaintance, CoSigner


def keys_of(world: World, zone: Name) -> KeySet:
    """Return the keys that the first operator of a signed *zone* publishes, whose ever they are."""
    first, second = world.signers[zone], world.co_signers.get(zone)
    return first.keys if second is None else second.beside(first)[0].keys


def joined(world: World, zone: Name) -> World:
    """Return the world in which a second operator has keys for *zone*; nobody asks him yet.

    Raises:
        InputError: the zone is not signed, or has a second operator.
    """
    if zone not in world.signers:
        raise InputError(f"the lab has no signed zone {zone}")
    if zone in world.co_signers:
        raise InputError(f"{zone} has two operators already")
    config = world.config(zone)
    planned = config.policy.keys
    # RFC 8901 section 4: both sign with the same algorithm. Section 5: they deny in the same way.
    keys = tuple(generate(zone, one.role, config.algorithm) for one in planned)
    own = KeySet(keys, tuple(one.duties for one in planned))
    return _with(world, zone, CoSigner(replace(world.signers[zone], keys=own)))


def exchanged(world: World, zone: Name) -> World:
    """Return the world in which both operators of *zone* publish what the other one signs with.

    Raises:
        InputError: the zone has no second operator.
    """
    return _with(world, zone, replace(_second(world, zone), knows=Acquaintance.EXCHANGED))


def moved(world: World, zone: Name, nameserver: Name) -> World:
    """Return the world in which the second operator of *zone* answers at *nameserver*.

    Raises:
        InputError: the zone has no second operator, or no such nameserver.
    """
    second = _second(world, zone)
    server = find_server(str(nameserver), world.config(zone).nameservers)
    return _with(world, zone, replace(second, addresses=second.addresses | {server.address}))


def left(world: World, zone: Name) -> World:
    """Return the world in which the second operator of *zone* is the only one.

    Raises:
        InputError: the zone has no second operator.
    """
    signers = {**world.signers, zone: _second(world, zone).signer}
    others = {apex: one for apex, one in world.co_signers.items() if apex != zone}
    lives = {apex: one for apex, one in world.lives.items() if apex != zone}
    return replace(world, signers=signers, co_signers=others, lives=lives)


def _second(world: World, zone: Name) -> CoSigner:
    if zone not in world.co_signers:
        raise InputError(f"{zone} has no second operator")
    return world.co_signers[zone]


def _with(world: World, zone: Name, second: CoSigner) -> World:
    return replace(world, co_signers={**world.co_signers, zone: second})
