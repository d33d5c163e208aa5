"""What the DNS said about a TLSA RRset, in the terms in which DANE decides."""

from dataclasses import dataclass
from enum import Enum

from dns.name import Name

from lab.core.checks import Check, Report, check, not_reached
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


@dataclass(frozen=True, slots=True)
class TlsaEvidence:
    """Hold the outcome of one TLSA lookup.

    Attributes:
        owner: the name that was asked for.
        found: the kind of answer.
        answer: the records (none unless *found* is RECORDS) with their security status.
        report: how the status came about; None if there was no validation.
    """

    owner: Name
    found: Found
    answer: Proven[tuple[TlsaRecord, ...]]
    report: Report | None = None

    @property
    def status(self) -> SecurityStatus:
        """Return the security status of the answer."""
        return self.answer.status

    @property
    def is_secure(self) -> bool:
        """Tell whether there is an answer that DNSSEC proves."""
        return self.status is SecurityStatus.SECURE and self.found not in NO_ANSWER

    def secure_records(self) -> tuple[TlsaRecord, ...]:
        """Return the records, none if they are not proven: DANE reads no others.

        RFC 6698 section 4.1: an RRset that is not secure is as if it did not exist.
        """
        return self.answer.require(SecurityStatus.SECURE) if self.is_secure else ()

    @property
    def _answered(self) -> bool:
        return self.found not in NO_ANSWER or self.status is SecurityStatus.BOGUS

    def checks(self) -> tuple[Check, ...]:
        """Return what has to be true of the answer before its records mean anything."""
        owner = self.owner.to_text()
        stages = (
            check(rules.ANSWERED, self._answered, owner, answer=self.found.value),
            check(rules.SECURE, self.is_secure, owner, status=self.status.value),
            check(rules.PRESENT, self.found is Found.RECORDS, owner, answer=self.found.value),
        )
        first = next((at for at, one in enumerate(stages) if one.failed), len(stages))
        later = (not_reached(one.rule, owner) for one in stages[first + 1 :])
        return (*stages[: first + 1], *later)
