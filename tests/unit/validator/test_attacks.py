"""Attack zones cost at most ten times an honest walk, and the verdict says what was too much."""

import pytest
from dns.rdatatype import RdataType

from lab.validator.resolve import Limits
from tests.unit.validator.attacks import (
    Cost,
    deep,
    digest_trap,
    endless_alias,
    fan_out,
    hash_trap,
    keytrap,
    many_keys,
    measure,
)
from tests.unit.validator.scenes import BOGUS, INDETERMINATE, SECURE, WORLD
from tests.unit.validator.world import World

HONEST = "www.example.fr."
TIMES = 10


@pytest.fixture(scope="module")
def honest() -> Cost:
    return measure(WORLD, HONEST)


ALL = frozenset({RdataType.A, RdataType.NSEC, RdataType.SOA, RdataType.DS})
ATTACKS = [
    ("KeyTrap by RSA", keytrap("RSASHA256", ALL), HONEST, "rrsig.effort"),
    ("KeyTrap by Ed25519", keytrap("ED25519", ALL), HONEST, "rrsig.effort"),
    ("KeyTrap in a denial", keytrap("RSASHA256", ALL), f"nope.{HONEST}", "effort.bounded"),
    ("KeyTrap in the keys", keytrap("ED25519", frozenset({RdataType.DNSKEY})), HONEST, None),
    ("hashes of a deep name", hash_trap(), deep(100, "nope.h.fr."), "nsec3.effort"),
    ("digests of keys", digest_trap(), HONEST, "effort.bounded"),
    ("many keys", many_keys(), HONEST, "effort.bounded"),
]


@pytest.mark.parametrize(
    ("made", "qname", "rule_id"), [one[1:] for one in ATTACKS], ids=[one[0] for one in ATTACKS]
)
def test_an_attack_costs_at_most_ten_honest_walks(
    made: World, qname: str, rule_id: str | None, honest: Cost
) -> None:
    cost = measure(made, qname)
    assert honest.found.status is SECURE
    assert cost.found.status is BOGUS
    if rule_id is not None:
        assert rule_id in {one.rule.id for one in cost.found.report.every_check() if one.failed}
    assert cost.questions <= TIMES * honest.questions
    assert cost.milliseconds <= TIMES * honest.milliseconds


def test_names_of_nameservers_are_looked_up_up_to_a_limit(honest: Cost) -> None:
    cost = measure(fan_out(100), HONEST)
    assert cost.found.status is not SECURE
    assert cost.questions <= 2 * Limits().nameserver_names + 2 * honest.questions
    assert "nameserver_names" in limits_hit(cost)


def test_aliases_end() -> None:
    cost = measure(endless_alias(), "n1.example.fr.")
    assert cost.found.status is INDETERMINATE
    assert cost.questions <= 3 * Limits().aliases


def limits_hit(cost: Cost) -> set[str]:
    checks = cost.found.report.every_check()
    return {one.facts["limit"] for one in checks if one.failed and "limit" in one.facts}
