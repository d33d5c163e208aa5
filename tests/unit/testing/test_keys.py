"""Keys of test zones: the same for the same seed, and never two alike in one lab."""

import pytest
from dns.name import Name, from_text

from lab.dnssec.keys import KeySet
from lab.testing.keys import KeyMaker
from lab.testing.tree import configured

SHOP, TOP = from_text("shop.example."), from_text("example.")
DERIVED = ("ECDSAP256SHA256", "ED25519", "MLDSA44")


def keys(maker: KeyMaker, algorithm: str = DERIVED[0], apex: Name = SHOP) -> KeySet:
    return maker.key_set(configured(apex, "127.53.128.1", {"algorithm": algorithm}))


@pytest.mark.parametrize("algorithm", DERIVED)
def test_one_seed_gives_the_same_keys_twice(algorithm: str) -> None:
    first, second = keys(KeyMaker("a"), algorithm), keys(KeyMaker("a"), algorithm)
    assert first.dnskeys == second.dnskeys


@pytest.mark.parametrize("algorithm", DERIVED)
def test_another_seed_gives_other_keys(algorithm: str) -> None:
    first, second = keys(KeyMaker("a"), algorithm), keys(KeyMaker("b"), algorithm)
    assert not set(first.dnskeys) & set(second.dnskeys)


def test_the_keys_of_a_zone_do_not_depend_on_which_zones_were_made_before() -> None:
    maker = KeyMaker("a")
    keys(maker, apex=TOP)
    assert keys(maker).dnskeys == keys(KeyMaker("a")).dnskeys


@pytest.mark.parametrize("algorithm", [*DERIVED, "RSASHA256"])
def test_no_two_keys_of_a_lab_are_alike(algorithm: str) -> None:
    maker = KeyMaker("a")
    made = [*keys(maker, algorithm).dnskeys, *keys(maker, algorithm).dnskeys]
    made += keys(maker, algorithm, TOP).dnskeys
    assert len(set(made)) == 6


def test_labs_of_one_process_share_keys_that_take_long() -> None:
    first, second = keys(KeyMaker("a"), "RSASHA256"), keys(KeyMaker("b"), "RSASHA256")
    assert first.dnskeys == second.dnskeys
