"""Judge one RRset with all its RRSIGs by the keys of its zone (RFC 4035 section 5.3).

One valid RRSIG is enough; that the others fail is kept in the report and decides nothing.
"""

from dataclasses import dataclass, replace

from dns.name import Name

from lab.core.checks import Outcome, Report, check
from lab.core.instant import Instant, serial_to_instant
from lab.core.rrsets import SignedRRset
from lab.dnssec import rules
from lab.dnssec.rrsig import Signature, ZoneKeys, capped_ttl, expanded_from, judge_rrsig
from lab.validator.settings import Limits


@dataclass(frozen=True, slots=True)
class RRsetVerdict:
    """Tell whether an RRset is authentic.

    Attributes:
        signed: the RRset; if it is authentic, with its TTL capped (RFC 4035 section 5.3.3).
        signature: the RRSIG that authenticates it; None if none does.
        report: what was checked.
    """

    signed: SignedRRset
    signature: Signature | None
    report: Report

    @property
    def valid(self) -> bool:
        """Tell whether the RRset is authentic."""
        return self.signature is not None

    @property
    def wildcard(self) -> Name | None:
        """Return the wildcard that the RRset was made of; None if its own owner was signed."""
        if self.signature is None:
            return None
        return expanded_from(self.signed.rrset, self.signature.rrsig)


def judge_rrset(signed: SignedRRset, keys: ZoneKeys, now: Instant, limits: Limits) -> RRsetVerdict:
    """Return whether one of the RRSIGs of *signed* authenticates it."""
    subject = str(signed.rrset)
    present = check(rules.RRSIG_PRESENT, bool(signed.rrsigs), subject, zone=keys.apex)
    if not signed.rrsigs:
        report = Report(subject, Outcome.FAILED, "not signed", (present,))
        return RRsetVerdict(signed, None, report)
    tried = _try(signed, keys, now, limits)
    winner = next((one for one in tried if one.valid), None)
    if winner is None:
        return RRsetVerdict(signed, None, _failed(subject, tried))
    parts = tuple(one.report for one in tried)
    report = Report(subject, Outcome.PASSED, _says(winner, now), (present,), parts)
    ttl = capped_ttl(signed.rrset, winner.rrsig, signed.rrsig_ttl, now)
    capped = replace(signed, rrset=replace(signed.rrset, ttl=ttl))
    return RRsetVerdict(capped, winner, report)


def _try(
    signed: SignedRRset, keys: ZoneKeys, now: Instant, limits: Limits
) -> tuple[Signature, ...]:
    """Return the RRSIGs up to the first valid one, as far as the limits allow."""
    tried: list[Signature] = []
    for rrsig in signed.rrsigs[: limits.rrsigs]:
        tried.append(judge_rrsig(signed.rrset, rrsig, keys, now))
        spent = sum(one.verifications for one in tried)
        if tried[-1].valid or spent >= limits.verifications:
            break
    return tuple(tried)


def _failed(subject: str, tried: tuple[Signature, ...]) -> Report:
    # The RRSIG that came farthest tells best what is wrong, so it is read first.
    ordered = sorted(tried, key=_progress, reverse=True)
    parts = tuple(one.report for one in ordered)
    return Report(subject, Outcome.FAILED, "no RRSIG authenticates it", (), parts)


def _progress(signature: Signature) -> int:
    return sum(one.outcome is Outcome.PASSED for one in signature.report.checks)


def _says(winner: Signature, now: Instant) -> str:
    expiration = serial_to_instant(winner.rrsig.expiration, now)
    return f"authentic: signed by key tag {winner.rrsig.key_tag} until {expiration}"
