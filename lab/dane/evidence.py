"""What the DNS said about a TLSA RRset, in the terms in which DANE decides."""

from enum import Enum

from dns.name import Name

from lab.core.checks import Check, Report, check, not_reached
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.names import text_of
from lab.core.status import Proven, SecurityStatus
from lab.dane import rules
from lab.dane.tlsa import TlsaRecord


class Found(Enum):
    """Tell what kind of answer came. Reports keep the five apart although most end alike."""

    RECORDS = "records"
    NODATA = "the name exists, without TLSA records"
    NXDOMAIN = "the name does not exist"
    SERVFAIL = "the servers gave no useful answer"
    TIMEOUT = "no answer in time"


NO_ANSWER = frozenset({Found.SERVFAIL, Found.TIMEOUT})


class DnsStatus(Enum):
    """Tell the six ends of a TLSA lookup apart, for policies, logs and reports.

    Most of them end alike for the peer. They do not for whoever has to mend it.
    """

    SECURE = "secure"
    INSECURE = "insecure"
    SECURE_ABSENT = "secure-absent"
    BOGUS = "bogus"
    INDETERMINATE = "indeterminate"
    TIME_OUT = "time-out"


_BY_SECURITY = {
    SecurityStatus.INSECURE: DnsStatus.INSECURE,
    SecurityStatus.BOGUS: DnsStatus.BOGUS,
    SecurityStatus.INDETERMINATE: DnsStatus.INDETERMINATE,
}


def dns_status(status: SecurityStatus, found: Found) -> DnsStatus:
    """Return which of the six ends a lookup came to."""
    if status is SecurityStatus.SECURE and found is Found.RECORDS:
        return DnsStatus.SECURE
    if status is SecurityStatus.BOGUS:
        return DnsStatus.BOGUS
    if found in NO_ANSWER:
        return DnsStatus.TIME_OUT if found is Found.TIMEOUT else DnsStatus.INDETERMINATE
    if status is not SecurityStatus.SECURE:
        return _BY_SECURITY[status]
    return DnsStatus.SECURE_ABSENT


_BROKEN_BY = {
    DnsStatus.TIME_OUT: rules.ANSWERED,
    DnsStatus.INDETERMINATE: rules.DETERMINATE,
    DnsStatus.BOGUS: rules.NOT_BOGUS,
    DnsStatus.INSECURE: rules.SECURE,
    DnsStatus.SECURE_ABSENT: rules.PRESENT,
}


@dataclass(frozen=True, slots=True)
class TlsaEvidence:
    """Hold the outcome of one TLSA lookup.

    Attributes:
        owner: the name that was asked for.
        found: the kind of answer.
        answer: the records (none unless *found* is RECORDS) with their security status.
        report: how the status came about; None if there was no validation.
        negative_ttl: how long an absence may be remembered, in seconds (RFC 2308 section 5).
        until: first second at which it holds no more; None: it is good for this time only.
    """

    owner: Name
    found: Found
    answer: Proven[tuple[TlsaRecord, ...]]
    report: Report | None = None
    negative_ttl: int = 0
    until: Instant | None = None

    @property
    def status(self) -> SecurityStatus:
        """Return the security status of the answer."""
        return self.answer.status

    @property
    def dns_status(self) -> DnsStatus:
        """Return which of the six ends the lookup came to."""
        return dns_status(self.status, self.found)

    def secure_records(self) -> tuple[TlsaRecord, ...]:
        """Return the records, none if they are not proven: DANE reads no others.

        RFC 6698 section 4.1: an RRset that is not secure is as if it did not exist.
        """
        proven = self.dns_status is DnsStatus.SECURE
        return self.answer.require(SecurityStatus.SECURE) if proven else ()

    def checks(self) -> tuple[Check, ...]:
        """Return what has to be true of the answer before its records mean anything.

        Each end of a lookup but SECURE breaks a rule of its own.
        """
        owner, status = text_of(self.owner), self.dns_status
        facts = {"status": status.value, "answer": self.found.value}
        stages = tuple(
            check(rule, status is not end, owner, **facts) for end, rule in _BROKEN_BY.items()
        )
        first = next((at for at, one in enumerate(stages) if one.failed), len(stages))
        later = (not_reached(one.rule, owner) for one in stages[first + 1 :])
        return (*stages[: first + 1], *later)
