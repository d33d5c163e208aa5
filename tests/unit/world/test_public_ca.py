"""The public CA asks the zones of the repository, through the validator."""

import pytest
from dns.name import from_text

from lab.core.checks import Outcome, Report
from lab.core.dialogue import answer_all
from lab.core.status import SecurityStatus
from lab.pki.issuance import Order, proof
from lab.world.public_ca import PUBLIC_CA, consider, find_caa
from tests.unit.scenario.stage import Stage

JOIN_EUI = ".".join("f0d0c0b0a0908070") + ".joineuis.lora-alliance.org"


@pytest.fixture(name="stage")
def _stage() -> Stage:
    return Stage()


def add(stage: Stage, zone: str, records: str) -> None:
    stage.world = stage.world.with_records(from_text(zone), records)


def prove(stage: Stage, zone: str, name: str, account: str = "afnic") -> None:
    add(stage, zone, f'_acme-challenge.{name}. 60 TXT "{proof(account, name)}"\n')


def ordered(stage: Stage, *names: str) -> Report:
    order = Order("afnic", names)
    dialogue = consider(order, PUBLIC_CA, stage.settings, stage.now)
    return answer_all(dialogue, stage.ask).result


def reasons(report: Report) -> list[str]:
    return [one.rule.id for one in report.reasons()]


def test_whoever_has_the_zone_gets_a_certificate(stage: Stage) -> None:
    assert reasons(ordered(stage, "js.afnic.fr")) == ["issuance.control"]
    prove(stage, "afnic.fr", "js.afnic.fr")
    assert ordered(stage, "js.afnic.fr").outcome is Outcome.PASSED


def test_no_joineui_gets_one_and_the_dns_is_not_even_asked(stage: Stage) -> None:
    dialogue = consider(Order("afnic", (JOIN_EUI,)), PUBLIC_CA, stage.settings, stage.now)
    told = answer_all(dialogue, stage.ask)
    assert reasons(told.result) == ["issuance.labels"]
    assert told.exchanges == ()


def test_caa_of_an_ancestor_counts_until_one_is_closer(stage: Stage) -> None:
    prove(stage, "afnic.fr", "js.afnic.fr")
    add(stage, "afnic.fr", '@ 60 CAA 0 issue ";"\n')
    assert reasons(ordered(stage, "js.afnic.fr")) == ["issuance.caa"]
    add(stage, "afnic.fr", f'js 60 CAA 0 issue "{PUBLIC_CA.domain}"\n')
    assert ordered(stage, "js.afnic.fr").outcome is Outcome.PASSED


def test_the_climb_ends_below_the_root(stage: Stage) -> None:
    dialogue = find_caa(from_text("js.afnic.fr."), stage.settings, stage.now)
    told = answer_all(dialogue, stage.ask)
    assert told.result.caa == ()
    assert told.result.status is SecurityStatus.SECURE
    assert told.result.report is not None
    assert told.result.report.conclusion == "ended at fr."
    assert len(told.result.report.parts) == len(("js.afnic.fr", "afnic.fr", "fr"))


def test_one_refused_name_refuses_the_order(stage: Stage) -> None:
    prove(stage, "afnic.fr", "js.afnic.fr")
    assert reasons(ordered(stage, "js.afnic.fr", "as.afnic.fr")) == ["issuance.control"]
