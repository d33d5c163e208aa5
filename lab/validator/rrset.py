"""Judge one RRset with all its RRSIGs by the keys of its zone (RFC 4035 section 5.3).

One valid RRSIG is enough; that the others fail is kept in the report and decides nothing.
"""

from dataclasses import replace

from dns.name import Name

from lab.core.checks import Check, Outcome, Report, broken, check
from lab.core.frozen import dataclass
from lab.core.instant import Instant, serial_to_instant
from lab.core.rrsets import SignedRRset
from lab.dnssec import rules
from lab.dnssec.rrsig import (
    Signature,
    ZoneKeys,
    algorithm_text,
    capped_ttl,
    expanded_from,
    judge_rrsig,
)
from lab.validator.effort import Effort


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


def judge_rrset(signed: SignedRRset, keys: ZoneKeys, now: Instant, effort: Effort) -> RRsetVerdict:
    """Return whether one of the RRSIGs of *signed* authenticates it."""
    subject = str(signed.rrset)
    present = check(rules.RRSIG_PRESENT, bool(signed.rrsigs), subject, zone=keys.apex)
    if not signed.rrsigs:
        report = Report(subject, Outcome.FAILED, "not signed", (present,))
        return RRsetVerdict(signed, None, report)
    tried = _try(signed, keys, now, effort)
    winner = next((one for one in tried if one.valid), None)
    unmet = _unmet(keys, tried)
    if winner is None or unmet:
        return RRsetVerdict(signed, None, _failed(signed, tried, unmet, effort))
    parts = tuple(one.report for one in tried)
    report = Report(subject, Outcome.PASSED, _says(winner, now), (present,), parts)
    ttl = capped_ttl(signed.rrset, winner.rrsig, signed.rrsig_ttl, now)
    capped = replace(signed, rrset=replace(signed.rrset, ttl=ttl))
    return RRsetVerdict(capped, winner, report)


def _try(
    signed: SignedRRset, keys: ZoneKeys, now: Instant, effort: Effort
) -> tuple[Signature, ...]:
    """Return the RRSIGs until enough of them are valid, as far as the limits allow."""
    tried: list[Signature] = []
    for rrsig in signed.rrsigs[: effort.limits.rrsigs]:
        if not effort.may_verify:
            break
        one = judge_rrsig(signed.rrset, rrsig, keys, now)
        tried.append(one)
        effort.spend_verifications(one.verifications, one.verifications - one.valid)
        spent = sum(one.verifications for one in tried)
        enough = any(one.valid for one in tried) and not _unmet(keys, tuple(tried))
        if enough or spent >= effort.limits.verifications:
            break
    return tuple(tried)


def _unmet(keys: ZoneKeys, tried: tuple[Signature, ...]) -> frozenset[int]:
    """Return the algorithms that should have made a valid signature, and did not."""
    return keys.required - {int(one.rrsig.algorithm) for one in tried if one.valid}


def _failed(
    signed: SignedRRset, tried: tuple[Signature, ...], unmet: frozenset[int], effort: Effort
) -> Report:
    subject = str(signed.rrset)
    checks: tuple[Check, ...] = ()
    if any(one.valid for one in tried):
        missing = ", ".join(algorithm_text(one) for one in sorted(unmet))
        checks = (broken(rules.RRSIG_EVERY_ALGORITHM, subject, missing=missing),)
    elif (gave_up := _gave_up(signed, tried, effort)) is not None:
        checks = (gave_up,)
    # The RRSIG that came farthest tells best what is wrong, so it is read first.
    ordered = sorted(tried, key=_progress, reverse=True)
    parts = tuple(one.report for one in ordered)
    return Report(subject, Outcome.FAILED, "no RRSIG authenticates it", checks, parts)


def _gave_up(signed: SignedRRset, tried: tuple[Signature, ...], effort: Effort) -> Check | None:
    """Return which limit ended the search for a valid signature; None if it was no limit."""
    subject, limits = str(signed.rrset), effort.limits
    spent = sum(one.verifications for one in tried)
    if len(tried) == len(signed.rrsigs) and not any(one.curtailed for one in tried):
        return None
    if (complaint := effort.complaint(subject)) is not None:
        return complaint
    if spent >= limits.verifications or len(tried) >= limits.rrsigs:
        return broken(rules.RRSIG_EFFORT, subject, rrsigs=len(signed.rrsigs), verifications=spent)
    return None


def _progress(signature: Signature) -> int:
    return sum(one.outcome is Outcome.PASSED for one in signature.report.checks)


def _says(winner: Signature, now: Instant) -> str:
    expiration = serial_to_instant(winner.rrsig.expiration, now)
    return f"authentic: signed by key tag {winner.rrsig.key_tag} until {expiration}"
