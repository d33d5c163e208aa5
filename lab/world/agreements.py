"""Change what operators do about LoRaWAN, in a world: who may visit whom, who gets which key."""

from dataclasses import replace

from lab.backend.join_server import AppSKeyWay
from lab.core.errors import InputError
from lab.core.parameters import Seconds
from lab.world.build import World
from lab.world.lorawan import AgreementConfig
from lab.world.lorawan_tables import LorawanConfig


def with_agreement(world: World, one: str, other: str, lifetime: Seconds) -> World:
    """Return the world in which *one* and *other* have agreed on passive roaming.

    A visited network may forward for *lifetime* seconds without asking again; 0: stateless.

    Raises:
        InputError: one of them has no network.
    """
    networks = world.materials.lorawan.networks
    for operator in (one, other):
        if operator not in networks:
            known = ", ".join(networks) or "none"
            raise InputError(f"there is no network of {operator!r}; there are {known}")
    kept = _others(world, one, other)
    return _agreed(world, {**kept, f"{one} and {other}": AgreementConfig(one, other, lifetime)})


def without_agreement(world: World, one: str, other: str) -> World:
    """Return the world in which they have no agreement any more.

    Raises:
        InputError: they have none.
    """
    kept = _others(world, one, other)
    if len(kept) == len(world.materials.lorawan.agreements):
        raise InputError(f"{one} and {other} have no agreement on roaming")
    return _agreed(world, kept)


def with_app_s_key_way(world: World, operator: str, way: AppSKeyWay) -> World:
    """Return the world in which the join server of *operator* hands AppSKeys out in that *way*.

    Raises:
        InputError: it has no join server.
    """
    config = world.materials.lorawan
    known = sorted({one.operator for one in config.join_euis.values()})
    if operator not in known:
        raise InputError(f"{operator!r} has no join server; {', '.join(known) or 'nobody'} has")
    ways = {**config.app_s_key_ways, operator: way}
    return _changed(world, replace(config, app_s_key_ways=ways))


def _others(world: World, one: str, other: str) -> dict[str, AgreementConfig]:
    return {
        name: agreement
        for name, agreement in world.materials.lorawan.agreements.items()
        if {agreement.one, agreement.other} != {one, other}
    }


def _agreed(world: World, agreements: dict[str, AgreementConfig]) -> World:
    return _changed(world, replace(world.materials.lorawan, agreements=agreements))


def _changed(world: World, lorawan: LorawanConfig) -> World:
    return replace(world, materials=replace(world.materials, lorawan=lorawan))
