"""Operators agree on roaming, and end it; for the time of a story."""

from dataclasses import replace

import pytest

from lab.backend.join_server import AppSKeyWay
from lab.core.errors import InputError
from lab.core.parameters import Seconds
from lab.lorawan.identifiers import Eui64, NetId
from lab.world.agreements import with_agreement, with_app_s_key_way, without_agreement
from lab.world.build import World, build
from lab.world.lorawan import JoinEuiConfig, NetworkConfig
from lab.world.lorawan_tables import NOBODY
from tests.unit.world.small import materials

ONE, OTHER = NetId.from_text("00050a"), NetId.from_text("00050b")


@pytest.fixture
def world() -> World:
    networks = {"one": NetworkConfig(ONE), "other": NetworkConfig(OTHER)}
    return build(replace(materials(), lorawan=replace(NOBODY, networks=networks)))


def test_an_agreement_replaces_the_one_before(world: World) -> None:
    first = with_agreement(world, "one", "other", Seconds(0))
    second = with_agreement(first, "other", "one", Seconds(60))
    assert list(second.materials.lorawan.partners("one")) == [(OTHER, 60)]
    assert list(world.materials.lorawan.partners("one")) == []


def test_an_agreement_ends_once(world: World) -> None:
    ended = without_agreement(with_agreement(world, "one", "other", Seconds(0)), "other", "one")
    assert list(ended.materials.lorawan.partners("one")) == []
    with pytest.raises(InputError, match="no agreement"):
        without_agreement(ended, "one", "other")


def test_a_join_server_hands_keys_out_in_another_way(world: World) -> None:
    eui = Eui64.from_text("00005e100000002f")
    lorawan = replace(NOBODY, join_euis={"one": JoinEuiConfig(eui, "one")})
    before = replace(world, materials=replace(world.materials, lorawan=lorawan))
    after = with_app_s_key_way(before, "one", AppSKeyWay.CLEAR)
    assert after.materials.lorawan.app_s_key_ways == {"one": AppSKeyWay.CLEAR}
    with pytest.raises(InputError, match="'other' has no join server; one has"):
        with_app_s_key_way(before, "other", AppSKeyWay.CLEAR)


def test_who_has_no_network_cannot_agree(world: World) -> None:
    with pytest.raises(InputError, match="no network of 'nobody'"):
        with_agreement(world, "one", "nobody", Seconds(0))
