import pytest

from lab.core.errors import ZoneError
from lab.core.question import Server
from lab.dnssec.keys import KeyRole
from lab.nameserver.denying import DenialPolicy
from lab.world.config import absolute_name, loopback_address, read_hierarchy
from tests.fakes import name
from tests.unit.world.small import HIERARCHY

GOOD = '[zone."."]\nfile = "root.zone"\nnameservers = { "ns." = "127.0.0.1" }\n'


def test_a_zone_has_the_defaults_of_the_lab() -> None:
    (config,) = read_hierarchy(GOOD, "h.toml")
    assert config.apex == name(".")
    assert config.file == "root.zone"
    assert config.nameservers == (Server(name("ns."), "127.0.0.1"),)
    assert config.signed
    assert config.algorithm.mnemonic == "ECDSAP256SHA256"
    assert config.policy.denial == DenialPolicy()
    assert config.key_roles == (KeyRole.KSK, KeyRole.ZSK)
    assert config.where == "h.toml:1"


def test_a_zone_and_the_file_can_choose_otherwise() -> None:
    defaults = '[defaults]\nalgorithm = "ED448"\n'
    assert [one.algorithm.mnemonic for one in read_hierarchy(defaults + HIERARCHY, "h.toml")] == [
        "ED448",
        "ED25519",
        "ED448",
    ]
    assert [one.signed for one in read_hierarchy(HIERARCHY, "h.toml")] == [True, True, False]


MISTAKES = {
    "": ("h.toml:1", 'expected at least one table such as [zone."example."]'),
    "a = [": ("h.toml:1", "this is not valid TOML"),
    "zone = 5": ("h.toml:1", "expected tables such as [zone.NAME]"),
    "[[zone]]\nfile = 1": ("h.toml:1", "expected tables such as [zone.NAME]"),
    '[zone]\n"." = 5': ("h.toml:2", "expected a table [zone..]"),
    '[zones."."]': ("h.toml:1", "unknown key 'zones'; known are defaults, zone"),
    "defaults = 5": ("h.toml:1", "expected a table [defaults]"),
    f'[defaults]\nfile = "x"\n{GOOD}': ("h.toml:2", "unknown key 'file'; known are signed"),
    f"{GOOD}colour = 1": ("h.toml:4", "unknown key 'colour'; known are file, nameservers"),
    '[zone."."]\nfile = 5': ("h.toml:2", "expected the name of the master file"),
    '[zone."."]\nnameservers = {}': ("h.toml:1", "expected the name of the master file"),
    '[zone."."]\nfile = "x"': ("h.toml:1", "expected nameservers"),
    '[zone."."]\nfile = "x"\nnameservers = {}': ("h.toml:3", "expected nameservers"),
    '[zone."."]\nfile = "x"\nnameservers = { "ns." = 5 }': ("h.toml:3", "expected an IPv4 address"),
    '[zone."."]\nfile = "x"\nnameservers = { "ns." = "192.0.2.1" }': (
        "h.toml:3",
        "expected a loopback address (127.0.0.0/8), not 192.0.2.1",
    ),
    '[zone."."]\nfile = "x"\nnameservers = { "ns" = "127.0.0.1" }': (
        "h.toml:3",
        "expected an absolute name with a dot at the end: 'ns.'",
    ),
    '[zone."a..b."]': ("h.toml:1", "'a..b.' is not a domain name"),
    f'{GOOD}signed = "no"': ("h.toml:4", "expected signed = true or false"),
    f'{GOOD}algorithm = "ECCGOST"': ("h.toml:4", "unknown signing algorithm 'ECCGOST'"),
    f'[defaults]\nkeys = "none"\n{GOOD}': ("h.toml:2", 'expected keys = "ksk+zsk", "csk", or'),
    GOOD + GOOD.replace('"."', '"fr."').replace("ns.", "a."): (
        "h.toml:4",
        "127.0.0.1 is already the address of ns.",
    ),
    GOOD
    + "".join(
        f'[zone."{apex}"]\nfile = "x"\nnameservers = {{ "ns." = "127.0.0.1" }}\n'
        for apex in ("fr.", "FR.")
    ): ("h.toml:7", "FR. has a table already, at h.toml:4"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_place(text: str) -> None:
    where, what = MISTAKES[text]
    with pytest.raises(ZoneError) as caught:
        read_hierarchy(text, "h.toml")
    assert caught.value.where == where
    assert what in caught.value.what


def test_a_server_may_serve_several_zones() -> None:
    text = GOOD + GOOD.replace('"."', '"fr."', 1)
    assert len({one.nameservers for one in read_hierarchy(text, "h.toml")}) == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "127.53.0.1", "127.255.255.254"])
def test_every_loopback_address_will_do(address: str) -> None:
    assert loopback_address(address, "here") == address


@pytest.mark.parametrize("text", ["", "www", 5, None, "x" * 64 + "."])
def test_what_is_no_absolute_name_is_refused(text: object) -> None:
    with pytest.raises(ZoneError):
        absolute_name(text, "here")
