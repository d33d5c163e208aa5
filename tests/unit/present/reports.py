"""Reports to draw."""

from lab.core.checks import Check, Outcome, Report, broken, check, not_reached
from lab.core.rules import Ede, Rule

TIMELY = Rule("x.timely", "it is in time", "RFC 1 section 2", Ede.SIGNATURE_EXPIRED, "Hurry.")
SIGNED = Rule("x.signed", "it is signed", "RFC 2 section 3")
PROVEN = Rule("x.proven", "it is proven", "RFC 3")


def passed(rule: Rule = SIGNED) -> Check:
    return check(rule, holds=True, subject="a thing", key_tag=4711)


FINE = Report("fr.", Outcome.PASSED, "secure", (passed(), passed(PROVEN)))
BROKEN = Report(
    "www.example.fr. A",
    Outcome.FAILED,
    "bogus",
    (passed(), broken(TIMELY, "the signature", now="3", end="2"), not_reached(PROVEN, "it")),
)
WALK = Report("walk", Outcome.FAILED, "bogus", (), (FINE, BROKEN), note="Look\nhere.\n\nNow.")
REFUSAL = Report("client", Outcome.FAILED, "abort", (broken(PROVEN, "it"),), (BROKEN,))
