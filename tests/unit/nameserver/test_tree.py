import pytest
from dns.rdatatype import RdataType

from lab.nameserver.signer import Signer
from lab.nameserver.tree import ds_rdatas, home_of, parent_of, plant
from lab.nameserver.zone import load
from tests.fakes import keys_of, name

HEAD = "@ 60 SOA ns.test. h.test. 1 2 3 4 5\n@ 60 NS ns.test.\n"
TEXTS = {
    ".": "example. 99 NS ns.test.\nbare. 60 NS ns.test.\n",
    "example.": "x.sub 60 NS ns.test.\n",
    "bare.": "",
    "x.sub.example.": "",
}
ZONES = {name(apex): load(HEAD + text, name(apex), apex) for apex, text in TEXTS.items()}
SIGNERS = {apex: Signer(apex, keys_of(apex)) for apex in ZONES if apex != name("bare.")}
TREE = plant(ZONES, SIGNERS)


@pytest.mark.parametrize("apex", TEXTS)
def test_a_signed_zone_publishes_its_keys_and_no_other_does(apex: str) -> None:
    served = TREE[name(apex)]
    dnskey = served.zone.rrset(name(apex), RdataType.DNSKEY)
    assert (dnskey is None) == (served.signer is None)
    if dnskey is not None:
        assert dnskey.rdatas == keys_of(name(apex)).dnskeys


CUTS = {("example.", "."): True, ("bare.", "."): False, ("x.sub.example.", "example."): True}


@pytest.mark.parametrize(("child", "parent"), CUTS)
def test_the_parent_publishes_the_ds_of_a_signed_child(child: str, parent: str) -> None:
    ds = TREE[name(parent)].zone.rrset(name(child), RdataType.DS)
    assert (ds is not None) == CUTS[child, parent]
    if ds is not None:
        assert ds.rdatas == ds_rdatas(name(child), keys_of(name(child)))


def test_a_ds_lives_as_long_as_the_delegation() -> None:
    ds = TREE[name(".")].zone.rrset(name("example."), RdataType.DS)
    assert ds is not None
    assert ds.ttl == 99


def test_the_zones_that_were_planted_stay_as_they_were() -> None:
    assert ZONES[name(".")].rrset(name("."), RdataType.DNSKEY) is None


RELATIVES = {
    # name: parent, home
    ".": (None, "."),
    "example.": (".", "example."),
    "sub.example.": ("example.", "example."),
    "x.sub.example.": ("example.", "x.sub.example."),
    "y.x.sub.example.": ("x.sub.example.", "x.sub.example."),
}


@pytest.mark.parametrize("owner", RELATIVES)
def test_parent_and_home_are_the_closest_zones(owner: str) -> None:
    parent, home = RELATIVES[owner]
    assert parent_of(name(owner), ZONES) == (None if parent is None else name(parent))
    assert home_of(name(owner), ZONES) == name(home)
    assert home_of(name(owner), []) is None
