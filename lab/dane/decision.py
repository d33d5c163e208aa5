"""A decision about a TLS peer, as both sides of a connection make it."""

from dataclasses import dataclass
from enum import Enum

from dns.name import Name

from lab.core.checks import Outcome, Report
from lab.dane.matching import Match


class Verdict(Enum):
    """Tell what to do with the connection.

    UNAUTHENTICATED goes on with a peer that tried DANE and failed, under no name. GENERAL_POLICY
    means that DANE does not apply: what the application does without DANE decides.
    """

    ACCEPT = "accept"
    ABORT = "abort"
    UNAUTHENTICATED = "unauthenticated"
    GENERAL_POLICY = "general_policy"


@dataclass(frozen=True, slots=True)
class Decision:
    """Hold what was decided about a peer, and why.

    Attributes:
        verdict: what to do.
        identity: the name under which the peer is authenticated; None unless ACCEPT.
        report: the checks, with the DNS and the matching as parts.
        dns_lookup: the name that the DNS was asked about; None if nothing was asked.
        match: the verdict of the TLSA records; None if none were compared.
    """

    verdict: Verdict
    identity: Name | None
    report: Report
    dns_lookup: Name | None = None
    match: Match | None = None

    @property
    def lets_in(self) -> bool:
        """Tell whether the connection goes on."""
        return self.verdict is not Verdict.ABORT

    @property
    def reason(self) -> str:
        """Return the rule that failed first, in one sentence; empty if none did."""
        failure = self.report.first_failure()
        if failure is None:
            return ""
        return f"{failure.subject}: it does not hold that {failure.rule.sentence}"


def report_of(title: str, verdict: Verdict, report: Report) -> Report:
    """Return *report* with the outcome and the conclusion that belong to *verdict*."""
    outcomes = {Verdict.ACCEPT: Outcome.PASSED, Verdict.GENERAL_POLICY: Outcome.NOT_APPLICABLE}
    outcome = outcomes.get(verdict, Outcome.FAILED)
    return Report(title, outcome, verdict.value, report.checks, report.parts)
