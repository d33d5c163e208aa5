"""What every way of showing a report shares: its tones, its marks, and the verdict in one sentence.

A reader wants the verdict first, then the rule that decided it, and the rest on demand.
"""

from enum import Enum

from lab.core.checks import Check, Outcome, Report
from lab.core.frozen import dataclass

OUTLINE_DEPTH = 2

_CAUTION_WORDS = ("insecure", "indeterminate", "unauthenticated", "general policy")


class Detail(Enum):
    """Say how much of a report is shown.

    OUTLINE has two levels of titles, and goes further down to the failures only. STORY has every
    title, counts the checks where all went well, and lists them where one failed. EVERYTHING lists
    them all, with what was compared.
    """

    OUTLINE = "outline"
    STORY = "story"
    EVERYTHING = "everything"


class Tone(Enum):
    """Tell how something is meant, for whoever chooses colours."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Marks:
    """Hold the sign that stands before a line, for each tone.

    Attributes:
        good: before what passed.
        caution: before what passed without proof.
        bad: before what failed.
        quiet: before what was not looked at.
        hint: before advice.
    """

    good: str
    caution: str
    bad: str
    quiet: str
    hint: str

    def of(self, tone: Tone) -> str:
        """Return the sign of *tone*."""
        signs = {Tone.GOOD: self.good, Tone.CAUTION: self.caution, Tone.BAD: self.bad}
        return signs.get(tone, self.quiet)


UNICODE = Marks("✓", "!", "✗", "·", "→")
ASCII = Marks("+", "!", "x", ".", ">")

_TONES = {
    Outcome.PASSED: Tone.GOOD,
    Outcome.FAILED: Tone.BAD,
    Outcome.NOT_APPLICABLE: Tone.QUIET,
    Outcome.NOT_REACHED: Tone.QUIET,
}


def tone_of_check(check: Check) -> Tone:
    """Return how *check* is meant."""
    return _TONES[check.outcome]


def tone_of_report(report: Report) -> Tone:
    """Return how *report* is meant: "insecure" is no failure, but nothing to lean on either."""
    tone = _TONES[report.outcome]
    if tone is Tone.GOOD and report.conclusion.startswith(_CAUTION_WORDS):
        return Tone.CAUTION
    return tone


def verdict(report: Report) -> str:
    """Return the verdict in one sentence, with the rule that decided a failure and its cause."""
    said = f"{report.title}: {report.conclusion or report.outcome.value}"
    reasons = report.reasons()
    if not reasons:
        return said
    said += f", because it does not hold that {_cited(reasons[0])}"
    if reasons[-1].rule is not reasons[0].rule:
        said += f"; in the end because of this: {_cited(reasons[-1])}"
    return said


def _cited(check: Check) -> str:
    return f"{check.rule.sentence} ({check.rule.id}, {check.rule.section})"


def paragraphs(note: str) -> str:
    """Return *note* with the line breaks of its file taken out, blank lines kept."""
    return "\n\n".join(" ".join(block.split()) for block in note.strip().split("\n\n"))


def facts(check: Check) -> tuple[str, ...]:
    """Return what *check* compared, each as `now 2026-11-23 08:30:00Z`."""
    return tuple(f"{name.replace('_', ' ')} {value}" for name, value in check.facts.items())


def shown_checks(report: Report, detail: Detail) -> tuple[Check, ...]:
    """Return those checks of *report* that *detail* asks for, in order."""
    if detail is Detail.EVERYTHING:
        return report.checks
    failed = tuple(one for one in report.checks if one.failed)
    if detail is Detail.OUTLINE or not failed:
        return failed
    return tuple(one for one in report.checks if one.outcome in {Outcome.PASSED, Outcome.FAILED})


def left_out(report: Report, detail: Detail) -> str:
    """Return what STORY says instead of checks: `13 checks passed (RFC 4034, RFC 4035)`."""
    if detail is not Detail.STORY:
        return ""
    rest = [one for one in report.checks if one not in shown_checks(report, detail)]
    passed = [one for one in rest if one.outcome is Outcome.PASSED]
    unreached = sum(1 for one in rest if one.outcome is Outcome.NOT_REACHED)
    documents = sorted({one.rule.section.partition(" section")[0] for one in passed})
    told = _count(len(passed), f"passed ({', '.join(documents)})")
    return ", ".join(filter(None, (told, _count(unreached, "not reached"))))


def _count(number: int, what: str) -> str:
    return f"{number} check{'' if number == 1 else 's'} {what}" if number else ""


def shown_parts(report: Report, detail: Detail, depth: int) -> tuple[Report, ...]:
    """Return those parts of *report* that *detail* asks for, in order.

    Args:
        report: of which tree or branch.
        detail: how much is wanted.
        depth: how far *report* is below the top of the tree.
    """
    if detail is not Detail.OUTLINE or depth < OUTLINE_DEPTH:
        return report.parts
    return tuple(one for one in report.parts if _hides_failure(one))


def _hides_failure(report: Report) -> bool:
    return report.outcome is Outcome.FAILED or any(_hides_failure(one) for one in report.parts)
