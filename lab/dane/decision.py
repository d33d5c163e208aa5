"""A decision about a TLS peer, as both sides of a connection make it."""

from enum import Enum

from dns.name import Name

from lab.core.checks import Outcome, Report
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.dane.evidence import DnsStatus
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


class Situation(Enum):
    """Name what was found out about a peer; a profile says what follows from each."""

    OLD_TLS = "a version of TLS that the profile does not allow"
    UNSOLICITED = "the client names itself without having been asked"
    NO_CREDENTIAL = "neither certificate nor raw public key"
    MALFORMED_NAME = "the name that the client gives is malformed"
    NO_NAME = "no name to look up"
    NOT_LISTED = "the name is not on the allow-list"
    TIME_OUT = "no answer from the DNS in time"
    INDETERMINATE = "the DNS gave no answer that can be judged"
    BOGUS = "a bogus answer"
    INSECURE = "an insecure answer"
    SECURE_ABSENT = "provably no TLSA record"
    UNUSABLE = "secure TLSA records, none of them usable"
    MISMATCH = "usable TLSA records, none of which matches"
    NAME_NOT_CERTIFIED = "a match, but the certificate does not bear the name"
    NOT_FOR_RAW_KEYS = "a match of a record that is not for raw public keys"
    MATCH = "a usable TLSA record matches"


BY_DNS_STATUS = {
    DnsStatus.TIME_OUT: Situation.TIME_OUT,
    DnsStatus.INDETERMINATE: Situation.INDETERMINATE,
    DnsStatus.BOGUS: Situation.BOGUS,
    DnsStatus.INSECURE: Situation.INSECURE,
    DnsStatus.SECURE_ABSENT: Situation.SECURE_ABSENT,
}
"""What is already decided when the DNS gave no secure records."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Hold what was decided about a peer, and why.

    Attributes:
        verdict: what to do.
        identity: the name under which the peer is authenticated; None unless ACCEPT.
        report: the checks, with the DNS and the matching as parts.
        dns_lookup: the name that the DNS was asked about; None if nothing was asked.
        match: the verdict of the TLSA records; None if none were compared.
        situation: what the verdict follows from.
        dns_status: how the lookup ended; None if nothing was asked.
        until: first second at which its evidence holds no more; None: it is good for this time
            only.
    """

    verdict: Verdict
    identity: Name | None
    report: Report
    dns_lookup: Name | None = None
    match: Match | None = None
    situation: Situation | None = None
    dns_status: DnsStatus | None = None
    until: Instant | None = None

    @property
    def lets_in(self) -> bool:
        """Tell whether the connection goes on."""
        return self.verdict is not Verdict.ABORT

    @property
    def reason(self) -> str:
        """Return the situation and the rule that failed first, as logs tell it; or nothing.

        The peer learns none of this: all refusals look alike to it.
        """
        failure = self.report.first_failure()
        if failure is None:
            return ""
        rule = f"{failure.subject}: it does not hold that {failure.rule.sentence}"
        return rule if self.situation is None else f"{self.situation.value}; {rule}"


def report_of(title: str, verdict: Verdict, report: Report) -> Report:
    """Return *report* with the outcome and the conclusion that belong to *verdict*."""
    outcomes = {Verdict.ACCEPT: Outcome.PASSED, Verdict.GENERAL_POLICY: Outcome.NOT_APPLICABLE}
    outcome = outcomes.get(verdict, Outcome.FAILED)
    return Report(title, outcome, verdict.value, report.checks, report.parts)
