"""Attack zones end at a limit, and the verdict says at which.

What they cost beside an honest walk, as paired figures: `python -m tests.unit.validator.attacks`.
"""

import pytest

from lab.validator.resolve import Limits
from tests.unit.validator.attacks import (
    ATTACKS,
    HONEST,
    Cost,
    endless_alias,
    fan_out,
    measure,
)
from tests.unit.validator.scenes import BOGUS, INDETERMINATE, SECURE, WORLD
from tests.unit.validator.world import World


@pytest.fixture(scope="module")
def honest() -> Cost:
    return measure(WORLD, HONEST)


@pytest.mark.parametrize(
    ("made", "qname", "rule_id"), [one[1:] for one in ATTACKS], ids=[one[0] for one in ATTACKS]
)
def test_an_attack_ends_at_a_limit(
    made: World, qname: str, rule_id: str | None, honest: Cost
) -> None:
    cost = measure(made, qname)
    assert honest.found.status is SECURE
    assert cost.found.status is BOGUS
    if rule_id is not None:
        assert rule_id in {one.rule.id for one in cost.found.report.every_check() if one.failed}
    assert cost.questions <= honest.questions + Limits().attempts * honest.questions
    # What an honest walk needs, and as many more as may fail.
    assert cost.verifications <= honest.verifications + Limits().failures_in_all


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
