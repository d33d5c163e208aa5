from lab.core.checks import Check, Outcome, Report, broken, check, not_reached, outcome_of
from lab.core.rules import Rule

RULE = Rule("test.rule", "it holds", "RFC 1034 section 1")
OTHER = Rule("test.other", "it holds, too", "RFC 1034 section 2")


PASSED = check(RULE, bool(RULE.sentence), "yes")


def failing(title: str, *checks: Check) -> Report:
    return Report(title, Outcome.FAILED, checks=checks)


def test_a_check_keeps_what_was_compared_as_text() -> None:
    made = check(RULE, bool(RULE.id), "one", now=7, then=None)
    assert made.outcome is Outcome.PASSED
    assert made.facts == {"now": "7", "then": "None"}
    assert not made.failed


def test_a_broken_rule_is_a_failed_check() -> None:
    assert broken(RULE, "one", found=0) == check(RULE, not RULE.id, "one", found=0)


def test_what_was_not_reached_did_not_fail() -> None:
    assert outcome_of((PASSED, not_reached(RULE, "b"))) is Outcome.PASSED
    assert outcome_of((broken(RULE, "a"), not_reached(RULE, "b"))) is Outcome.FAILED


def test_every_check_is_read_from_the_top() -> None:
    inner = Report("inner", checks=(broken(OTHER, "b"),))
    outer = Report("outer", checks=(PASSED,), parts=(inner,))
    assert [one.subject for one in outer.every_check()] == ["yes", "b"]


def test_a_passed_report_has_no_first_failure_though_a_branch_failed() -> None:
    assert Report("whole", parts=(failing("branch", broken(RULE, "a")),)).first_failure() is None


def test_the_first_failure_skips_branches_that_passed() -> None:
    passed = Report("a", parts=(failing("deep", broken(RULE, "no")),))
    decisive = failing("b", PASSED, broken(OTHER, "decisive"))
    whole = Report("whole", Outcome.FAILED, parts=(passed, decisive))
    found = whole.first_failure()
    assert found is not None
    assert found.subject == "decisive"


def test_a_failed_report_without_failed_checks_has_no_first_failure() -> None:
    assert failing("whole", PASSED).first_failure() is None
