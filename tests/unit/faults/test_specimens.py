"""Every zone that is broken on purpose, walked without a socket: verdict, EDE, and the manual."""

import re
from functools import cache
from pathlib import Path

import pytest
from dns.name import Name

from lab.app.folders import read_tree
from lab.core.status import SecurityStatus
from lab.dnssec.keys import KeySet, generate
from lab.scenario.reference import description
from lab.validator.resolve import Validation
from lab.world.build import World, build
from lab.world.config import ZoneConfig, read_hierarchy
from lab.world.materials import Materials
from lab.world.specimens import Expectation
from tests.fakes import Internet, name

ZONES = Path(__file__).parents[3] / "zones"
TREE = read_tree(ZONES)
SPECIMENS = {one.name: one for one in TREE.specimens}
ABOVE = """
[zone."."]
file = "root"
nameservers = { "ns.root." = "127.53.0.1" }
[zone."fr."]
file = "fr"
nameservers = { "ns.fr." = "127.53.1.1" }
"""
TEXTS = {
    ".": "@ 60 SOA ns.root. h 1 2 3 4 60\n@ 60 NS ns.root.\nns.root. 60 A 127.53.0.1\n"
    "fr. 60 NS ns.fr.\nns.fr. 60 A 127.53.1.1\n",
    "fr.": "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A 127.53.1.1\n",
}


def keys_of(config: ZoneConfig) -> KeySet:
    planned = config.policy.keys
    keys = tuple(generate(config.apex, one.role, config.algorithm) for one in planned)
    return KeySet(keys, tuple(one.duties for one in planned))


@cache
def world() -> World:
    configs = (*read_hierarchy(ABOVE, "hierarchy.toml"), *TREE.configs)
    texts = {name(apex): text for apex, text in TEXTS.items()}
    texts |= {one.apex: (ZONES / one.file).read_text() for one in TREE.configs}
    materials = Materials(
        configs=configs,
        texts=TREE.planted(texts),
        operators=(),
        keys={one.apex: keys_of(one) for one in configs if one.signed},
        identities={},
        tls_port=8003,
        tree=TREE,
    )
    return build(materials)


@cache
def found(specimen: str) -> Validation:
    made = world()
    internet = Internet(made.name_servers, made.served[name(".")], made.hints)
    about = SPECIMENS[specimen]
    return internet.resolve(about.qname, about.rdtype)


@pytest.mark.parametrize("specimen", SPECIMENS)
def test_our_validator_tells_what_the_table_says(specimen: str) -> None:
    told = found(specimen)
    assert str(Expectation(told.status, told.ede)) == str(SPECIMENS[specimen].expected)


@pytest.mark.parametrize(
    "specimen", [one.name for one in TREE.specimens if one.faults and one.expected.ede]
)
def test_the_manual_of_a_fault_names_the_rule_that_finds_it(specimen: str) -> None:
    manual = " ".join(description(type(fault)) for fault in SPECIMENS[specimen].faults)
    rules = re.findall(r"rule ([a-z0-9-]+\.[a-z0-9-]+)", manual)
    statuses = re.findall(r"status (\w+)", manual)
    told = found(specimen)
    decisive = told.report.first_failure()
    assert told.status.value in statuses or told.status is SecurityStatus.INDETERMINATE
    assert decisive is None or decisive.rule.id in rules


def test_the_faults_of_a_specimen_touch_no_other_zone() -> None:
    made = world()
    for one in TREE.specimens:
        acting = made.served[one.apex].signer if one.apex in made.served else None
        others = set() if acting is None else set(acting.hooks.faults) - set(one.faults)
        assert {type(fault).__name__ for fault in others} == set(), one.name


def test_the_zone_above_and_the_honest_ones_are_told_apart() -> None:
    honest: list[Name] = [one.apex for one in world().honest]
    assert honest == [name("."), name("fr."), name("faults.fr.")]
