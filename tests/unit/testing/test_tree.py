"""Zones of a test as one tree: delegated by what is above, signed, and mendable."""

import pytest
from dns.name import from_text, root
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.testing.keys import KeyMaker
from lab.testing.tree import bare, configured, planted, unsigned
from lab.world.build import World

TOP, SHOP = from_text("example."), from_text("shop.example.")


def grown(seed: str = "1", **settings: object) -> World:
    world, keys = bare(), KeyMaker(seed)
    for number, apex in enumerate((root, TOP, SHOP)):
        config = configured(apex, f"127.53.128.{number + 1}", settings if apex == SHOP else {})
        world = planted(world, config, keys.key_set(config) if config.signed else None)
    return world


def types(world: World, zone: str, owner: str) -> set[RdataType]:
    return set(world.served[from_text(zone)].zone.types(from_text(owner)))


def test_each_zone_is_delegated_with_ds_and_glue() -> None:
    world = grown()
    assert types(world, "example.", "shop.example.") == {RdataType.NS, RdataType.DS}
    assert types(world, "example.", "ns1.shop.example.") == {RdataType.A}
    assert types(world, ".", "example.") == {RdataType.NS, RdataType.DS}


def test_each_address_answers_for_its_own_zone_alone() -> None:
    servers = grown().name_servers
    assert [list(one.zones) for one in servers.values()] == [[root], [TOP], [SHOP]]


def test_an_unsigned_zone_has_no_ds() -> None:
    assert types(grown(signed=False), "example.", "shop.example.") == {RdataType.NS}


def test_a_zone_that_is_signed_no_more_has_neither_keys_nor_ds() -> None:
    world = unsigned(grown(), SHOP)
    assert types(world, "example.", "shop.example.") == {RdataType.NS}
    assert RdataType.DNSKEY not in types(world, "shop.example.", "shop.example.")


def test_a_zone_above_one_that_is_delegated_comes_too_late() -> None:
    world = planted(bare(), configured(root, "127.53.128.1", {}), None)
    world = planted(world, configured(SHOP, "127.53.128.2", {}), None)
    with pytest.raises(InputError, match=r"shop\.example\. is delegated already; make example\."):
        planted(world, configured(TOP, "127.53.128.3", {}), None)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"algorithm": "ROT13"}, r"zone\(algorithm=…\): unknown signing algorithm 'ROT13'"),
        ({"denial": "maybe"}, r"zone\(denial=…\): expected denial = "),
        ({"colour": "red"}, r"zone\(colour=…\): unknown key 'colour'"),
    ],
)
def test_a_setting_that_is_wrong_is_named_as_an_argument(
    settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        configured(SHOP, "127.53.128.1", settings)
