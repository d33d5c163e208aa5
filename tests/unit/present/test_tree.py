"""What every output says in the same words."""

import pytest

from lab.core.checks import Outcome, Report
from lab.present.tree import (
    Detail,
    Tone,
    left_out,
    paragraphs,
    shown_checks,
    shown_parts,
    tone_of_report,
    verdict,
)
from tests.unit.present.reports import BROKEN, FINE, REFUSAL, WALK


def test_a_good_verdict_is_title_and_conclusion() -> None:
    assert verdict(FINE) == "fr.: secure"


def test_a_bad_verdict_cites_the_rule() -> None:
    assert verdict(WALK) == (
        "walk: bogus, because it does not hold that it is in time (x.timely, RFC 1 section 2)"
    )


def test_a_bad_verdict_goes_down_to_its_cause() -> None:
    assert verdict(REFUSAL) == (
        "client: abort, because it does not hold that it is proven (x.proven, RFC 3)"
        "; in the end because of this: it is in time (x.timely, RFC 1 section 2)"
    )


def test_a_verdict_without_words_is_the_outcome() -> None:
    assert verdict(Report("it", Outcome.NOT_REACHED)) == "it: not reached"


@pytest.mark.parametrize(
    ("outcome", "conclusion", "tone"),
    [
        (Outcome.PASSED, "secure: positive", Tone.GOOD),
        (Outcome.PASSED, "insecure: positive", Tone.CAUTION),
        (Outcome.PASSED, "unauthenticated", Tone.CAUTION),
        (Outcome.FAILED, "bogus", Tone.BAD),
        (Outcome.FAILED, "indeterminate", Tone.BAD),
        (Outcome.NOT_APPLICABLE, "", Tone.QUIET),
    ],
)
def test_insecure_is_neither_good_nor_bad(outcome: Outcome, conclusion: str, tone: Tone) -> None:
    assert tone_of_report(Report("it", outcome, conclusion)) is tone


@pytest.mark.parametrize(
    ("report", "detail", "rules"),
    [
        (FINE, Detail.OUTLINE, []),
        (FINE, Detail.STORY, []),
        (FINE, Detail.EVERYTHING, ["x.signed", "x.proven"]),
        (BROKEN, Detail.OUTLINE, ["x.timely"]),
        (BROKEN, Detail.STORY, ["x.signed", "x.timely"]),
        (BROKEN, Detail.EVERYTHING, ["x.signed", "x.timely", "x.proven"]),
    ],
)
def test_each_detail_shows_its_checks(report: Report, detail: Detail, rules: list[str]) -> None:
    assert [one.rule.id for one in shown_checks(report, detail)] == rules


def test_a_story_counts_what_it_leaves_out() -> None:
    assert left_out(FINE, Detail.STORY) == "2 checks passed (RFC 2, RFC 3)"
    assert left_out(BROKEN, Detail.STORY) == "1 check not reached"
    assert left_out(FINE, Detail.OUTLINE) == ""


@pytest.mark.parametrize(
    ("detail", "depth", "parts"),
    [
        (Detail.OUTLINE, 1, (FINE, BROKEN)),
        (Detail.OUTLINE, 2, (BROKEN,)),
        (Detail.STORY, 2, (FINE, BROKEN)),
    ],
)
def test_an_outline_goes_further_down_to_failures_only(
    detail: Detail, depth: int, parts: tuple[Report, ...]
) -> None:
    expected_failure = Report("step", Outcome.PASSED, "refused", (), (FINE, BROKEN))
    assert shown_parts(expected_failure, detail, depth) == parts


def test_a_note_is_wrapped_anew() -> None:
    assert paragraphs("Look\nhere.\n\nNow.\n") == "Look here.\n\nNow."
