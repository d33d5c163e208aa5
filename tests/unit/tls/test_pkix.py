"""A peer judged by a path to a trusted root, without the DNS."""

from dns.name import from_text

from lab.dane.decision import Verdict
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from lab.tls.authentication import Presented
from lab.tls.pkix import decide_by_path
from tests.unit.pki.chains import CA, LEAF, NOW

NAME = from_text("js.tsp.example")
EXPECTED = Expected(NAME, Purpose.SERVER, NOW, (CA.root.leaf,))


def test_a_chain_to_a_trusted_root_is_let_in_under_its_name() -> None:
    decision = decide_by_path(Presented(LEAF.chain[:2]), EXPECTED)
    assert decision.lets_in
    assert decision.identity == NAME
    assert decision.dns_lookup is None


def test_a_leaf_alone_is_refused_and_has_no_name() -> None:
    decision = decide_by_path(Presented(LEAF.chain[:1]), EXPECTED)
    assert decision.verdict is Verdict.ABORT
    assert decision.identity is None
    assert "a chain of issuers" in decision.reason


def test_whoever_shows_nothing_is_refused() -> None:
    decision = decide_by_path(Presented(()), EXPECTED)
    assert [one.rule.id for one in decision.report.reasons()] == ["path.complete"]


def test_without_roots_nobody_is_let_in() -> None:
    nobody = Expected(NAME, Purpose.SERVER, NOW)
    assert not decide_by_path(Presented(LEAF.chain), nobody).lets_in
