"""Match a certificate chain with a TLSA RRset: every record, every check (RFC 7671).

Decides: does one usable record vouch for this peer, which one, and why do the others not? Not:
whether the RRset may be believed at all (policy).
"""

from collections.abc import Callable
from typing import TypeAlias

from cryptography import x509

from lab.core.checks import Check, Outcome, Report, check, not_reached
from lab.core.frozen import dataclass
from lab.core.names import text_without_dot
from lab.dane import rules
from lab.dane.records import STANDARD, Supported, strongest, unusable, weaker
from lab.dane.tlsa import TlsaRecord, Usage
from lab.dane.usages import NO_DEPTH, Evidence, Fate, RecordVerdict, judge_key, judge_record
from lab.pki.path import Expected

Judge: TypeAlias = Callable[[TlsaRecord, tuple[TlsaRecord, ...]], RecordVerdict]
"""Judges one record; the usable ones of its RRset may help."""


@dataclass(frozen=True, slots=True)
class Match:
    """Hold what a TLSA RRset says about a peer.

    Attributes:
        record: the one that vouches for the peer; None if none does.
        depth: of the certificate that it names, 0 is the leaf; for a bare key, of the certificate
            that the key signed; NO_DEPTH without a match.
        usable: how many records were usable; without any, the RRset is as if absent.
        report: one part for each record, the one that decides first.
        verdicts: what each record says, in the order of *report*: which one matched, and why the
            others did not.
    """

    record: TlsaRecord | None
    depth: int
    usable: int
    report: Report
    verdicts: tuple[RecordVerdict, ...] = ()

    @property
    def authenticated(self) -> bool:
        """Tell whether the peer is who it should be."""
        return self.record is not None

    @property
    def usage(self) -> Usage | None:
        """Return the usage of the record that vouches for the peer."""
        return Usage(self.record.usage) if self.record is not None else None


def match(
    chain: tuple[x509.Certificate, ...],
    records: tuple[TlsaRecord, ...],
    expected: Expected,
    supported: Supported = STANDARD,
) -> Match:
    """Return which of *records* vouches for *chain*, with all checks of all records.

    Args:
        chain: as the peer sent it, not empty. The first is the leaf, the rest in any order.
        records: the TLSA RRset.
        expected: who the peer should be.
        supported: what the application looks at.
    """

    def judge(record: TlsaRecord, usable: tuple[TlsaRecord, ...]) -> RecordVerdict:
        return judge_record(record, Evidence(chain, usable), expected)

    return _match(judge, records, expected, supported)


def match_key(
    key: bytes,
    records: tuple[TlsaRecord, ...],
    expected: Expected,
    supported: Supported = STANDARD,
) -> Match:
    """Return which of *records* vouches for a raw public key (RFC 7250), with all checks.

    Args:
        key: the SubjectPublicKeyInfo that the peer sent, DER.
        records: the TLSA RRset.
        expected: who the peer should be; only its name counts.
        supported: what the application looks at.
    """
    return _match(lambda record, _: judge_key(record, key), records, expected, supported)


def _match(
    judge: Judge,
    records: tuple[TlsaRecord, ...],
    expected: Expected,
    supported: Supported,
) -> Match:
    reasons = [(record, unusable(record, supported)) for record in records]
    ignored = tuple(_out(one, why, Fate.UNUSABLE) for one, why in reasons if why)
    # RFC 7671 section 9: digest agility comes after unusable records are thrown out.
    usable = tuple(record for record, why in reasons if why is None)
    kept = strongest(usable)
    aside = (one for one in usable if one not in kept)
    set_aside = tuple(_out(one, weaker(one, usable), Fate.WEAKER_DIGEST) for one in aside)
    # The cheapest first: DANE-EE needs no path, and the PKIX usages need a root besides.
    ordered = sorted(kept, key=lambda record: record.usage, reverse=True)
    judged = tuple(judge(record, usable) for record in ordered)
    return _conclude((*judged, *set_aside, *ignored), len(usable), expected)


def _out(record: TlsaRecord, report: Report, fate: Fate) -> RecordVerdict:
    return RecordVerdict(record, NO_DEPTH, report, fate)


def _conclude(verdicts: tuple[RecordVerdict, ...], usable: int, expected: Expected) -> Match:
    parts = tuple(one.report for one in verdicts)
    title = f"TLSA records for {text_without_dot(expected.name)}"
    winner = next((one for one in verdicts if one.vouches), None)
    checks = _summary(winner, usable, title)
    if winner is None:
        conclusion = "no record matches" if usable else "no usable record"
        report = Report(title, Outcome.FAILED, conclusion, checks, parts)
        return Match(None, NO_DEPTH, usable, report, verdicts)
    conclusion = f"{winner.record} matches at depth {winner.depth}"
    report = Report(title, Outcome.PASSED, conclusion, checks, parts)
    return Match(winner.record, winner.depth, usable, report, verdicts)


def _summary(winner: RecordVerdict | None, usable: int, title: str) -> tuple[Check, ...]:
    enough = check(rules.USABLE, usable > 0, title, usable=usable)
    if not usable:
        return (enough, not_reached(rules.MATCH, title))
    record = winner.record if winner is not None else "none"
    return (enough, check(rules.MATCH, winner is not None, title, record=record))
