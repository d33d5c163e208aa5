"""Change what operators have agreed on about LoRaWAN, in a world: who may visit whom."""

from dataclasses import replace

from lab.core.errors import InputError
from lab.core.parameters import Seconds
from lab.world.build import World
from lab.world.lorawan import AgreementConfig


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


def _others(world: World, one: str, other: str) -> dict[str, AgreementConfig]:
    return {
        name: agreement
        for name, agreement in world.materials.lorawan.agreements.items()
        if {agreement.one, agreement.other} != {one, other}
    }


def _agreed(world: World, agreements: dict[str, AgreementConfig]) -> World:
    lorawan = replace(world.materials.lorawan, agreements=agreements)
    return replace(world, materials=replace(world.materials, lorawan=lorawan))
