"""Judge one usable TLSA record: each of the four usages has its own way (RFC 7671 section 5)."""

from enum import Enum

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from lab.core.checks import Check, Outcome, Report, broken, check, not_reached
from lab.core.errors import PeerError, UnsupportedError
from lab.core.frozen import dataclass
from lab.dane import rules
from lab.dane.records import full_certificate
from lab.dane.tlsa import (
    MatchingType,
    Selector,
    TlsaRecord,
    Usage,
    association_data,
    matched_octets,
)
from lab.pki import rules as path_rules
from lab.pki.contents import read
from lab.pki.names import matches
from lab.pki.path import Expected, Path, candidates, judge
from lab.pki.signature import is_signed_by

NO_DEPTH = -1
_SUMMARIES = frozenset({rules.PATH_HOLDS, rules.PKIX_PATH})


class Fate(Enum):
    """Tell what became of one record of an RRset."""

    MATCH = "match"
    MISMATCH = "mismatch"
    WEAKER_DIGEST = "weaker digest"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """Hold what one record says about the peer.

    Attributes:
        record: the one that was judged.
        depth: of the matched certificate on its path; NO_DEPTH if it does not vouch for the peer.
        report: all checks.
        fate: whether it counted, and matched.
    """

    record: TlsaRecord
    depth: int
    report: Report
    fate: Fate

    @property
    def vouches(self) -> bool:
        """Tell whether the record authenticates the peer."""
        return self.depth != NO_DEPTH

    @property
    def why(self) -> str:
        """Return in one sentence why the record vouches for the peer, or why it does not."""
        if self.vouches:
            return f"matches the certificate at depth {self.depth}"
        broken_rules = [one for one in self.report.every_check() if one.failed]
        # The summary of a path comes before the checks of the path: the last word is the cause.
        cause = next((one for one in broken_rules if one.rule not in _SUMMARIES), None)
        return f"it does not hold that {(cause or broken_rules[0]).rule.sentence}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold what the peer sent and the DNS said, for the judges of this module.

    Attributes:
        chain: as sent, leaf first.
        records: all usable ones of the RRset.
    """

    chain: tuple[x509.Certificate, ...]
    records: tuple[TlsaRecord, ...]

    @property
    def leaf(self) -> x509.Certificate:
        """Return the end entity certificate: always the first (RFC 8446 section 4.4.2)."""
        return self.chain[0]

    def pool(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates that a path may use: those sent, and CAs held in records.

        RFC 7671 section 5.2.2: a TA that stands in full in the DNS need not be sent.
        """
        held = (full_certificate(one) for one in self.records if Usage(one.usage).names_authority)
        return (*self.chain[1:], *(one for one in held if one is not None))


def judge_record(record: TlsaRecord, evidence: Evidence, expected: Expected) -> RecordVerdict:
    """Return whether the usable *record* vouches for the peer."""
    match Usage(record.usage):
        case Usage.DANE_EE:
            return _dane_ee(record, evidence, expected)
        case Usage.DANE_TA:
            return _dane_ta(record, evidence, expected)
        case Usage.PKIX_EE | Usage.PKIX_TA:
            return _pkix(record, evidence, expected)


def judge_key(record: TlsaRecord, key: bytes) -> RecordVerdict:
    """Return whether the usable *record* vouches for a raw public key: its SubjectPublicKeyInfo."""
    fit = (record.usage, record.selector) == (Usage.DANE_EE, Selector.SPKI)
    own = check(rules.RAW_PUBLIC_KEY, fit, str(record))
    if not fit:
        return _verdict(record, NO_DEPTH, (own, not_reached(rules.MATCHES_LEAF, str(record))))
    presented = matched_octets(key, record.matching)
    return _verdict(record, 0, (own, _compared(record, presented, "raw public key of the peer")))


def names(record: TlsaRecord, certificate: x509.Certificate) -> bool:
    """Tell whether the data of *record* is that of *certificate*."""
    return _data(record, certificate) == record.data


def _data(record: TlsaRecord, certificate: x509.Certificate) -> bytes | None:
    """Return what *record* would hold if it were about *certificate*; None: it cannot be."""
    selector, matching = Selector(record.selector), MatchingType(record.matching)
    try:
        return association_data(certificate, selector, matching)
    except UnsupportedError:
        # Not every certificate has a C509 form, and none that has none is named by one.
        return None


def _data_check(record: TlsaRecord, certificate: x509.Certificate) -> Check:
    return _compared(record, _data(record, certificate), "first certificate of the peer")


def _compared(record: TlsaRecord, presented: bytes | None, subject: str) -> Check:
    return check(
        rules.MATCHES_LEAF,
        record.data == presented,
        subject,
        published=record.data.hex(),
        presented=_shown(presented),
    )


def _shown(data: bytes | None) -> str:
    return "no C509 form" if data is None else data.hex()


def _verdict(
    record: TlsaRecord, depth: int, checks: tuple[Check, ...], parts: tuple[Report, ...] = ()
) -> RecordVerdict:
    failed = any(one.failed for one in checks)
    outcome = Outcome.FAILED if failed else Outcome.PASSED
    conclusion = "does not match" if failed else f"matches at depth {depth}"
    report = Report(str(record), outcome, conclusion, checks, parts)
    fate = Fate.MISMATCH if failed else Fate.MATCH
    return RecordVerdict(record, NO_DEPTH if failed else depth, report, fate)


def _dane_ee(record: TlsaRecord, evidence: Evidence, expected: Expected) -> RecordVerdict:
    # RFC 7671 section 5.1: the record binds the key to the name; dates, names and issuers of the
    # certificate have no meaning.
    checks = [_data_check(record, evidence.leaf)]
    if expected.check_ee_name:
        checks.append(_local_name_check(evidence.leaf, expected))
    return _verdict(record, 0, tuple(checks))


def _local_name_check(leaf: x509.Certificate, expected: Expected) -> Check:
    try:
        dns_names = read(leaf).dns_names
    except PeerError:
        dns_names = ()
    found = any(matches(name, one) for name in dns_names for one in expected.names)
    certified = ", ".join(dns_names) or "no dNSName"
    return check(path_rules.NAME, found, "leaf", expected=expected.name, certified=certified)


def _dane_ta(record: TlsaRecord, evidence: Evidence, expected: Expected) -> RecordVerdict:
    """Judge a path that ends in the certificate, or at the bare key, that *record* names."""
    pool = evidence.pool()
    # RFC 7671 section 5.2: the anchor is the issuer of the leaf or above it, never the leaf.
    ends = [one for one in pool if one != evidence.leaf and names(record, one)]
    paths = list(candidates(evidence.leaf, pool, lambda one: one in ends))
    if ends or not _holds_key(record):
        judged = [(path, judge(path, expected)) for path in paths]
        return _best(record, evidence, judged)
    return _bare_key(record, evidence, expected)


def _holds_key(record: TlsaRecord) -> bool:
    return record.selector == Selector.SPKI and record.matching == MatchingType.FULL


def _bare_key(record: TlsaRecord, evidence: Evidence, expected: Expected) -> RecordVerdict:
    # RFC 7671 section 5.2.3: `2 1 0` holds the whole key, so it can verify what it signed although
    # no certificate for it was sent.
    try:
        key = load_der_public_key(record.data)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if key is None or names(record, evidence.leaf):
        return _best(record, evidence, [])
    paths = candidates(evidence.leaf, evidence.pool(), lambda one: is_signed_by(one, key))
    judged = [(path, judge(path, expected, key)) for path in paths]
    return _best(record, evidence, judged)


def _best(
    record: TlsaRecord, evidence: Evidence, judged: list[tuple[Path, Report]]
) -> RecordVerdict:
    """Return the verdict of the first path that holds, else of the first path, else a "no"."""
    if not judged:
        nothing = _no_authority(record, evidence.chain)
        return _verdict(record, NO_DEPTH, (nothing, not_reached(rules.PATH_HOLDS, "path")))
    path, report = next(
        ((path, one) for path, one in judged if one.outcome is Outcome.PASSED), judged[0]
    )
    found = check(rules.MATCHES_AUTHORITY, holds=True, subject=str(record))
    holds = check(rules.PATH_HOLDS, report.outcome is Outcome.PASSED, report.title)
    return _verdict(record, len(path) - 1, (found, holds), (report,))


def _no_authority(record: TlsaRecord, chain: Path) -> Check:
    """Return the record of a search in vain, with the data of the CAs that were there."""
    presented = ", ".join(_shown(_data(record, one)) for one in chain[1:]) or "no CA certificate"
    return broken(
        rules.MATCHES_AUTHORITY, str(record), published=record.data.hex(), presented=presented
    )


def _pkix(record: TlsaRecord, evidence: Evidence, expected: Expected) -> RecordVerdict:
    """Judge a path to a trusted root first, then whether *record* allows it."""
    roots = expected.roots
    pool = (*roots, *evidence.pool())
    paths = list(candidates(evidence.leaf, pool, lambda one: one in roots))
    if not paths:
        lost = broken(path_rules.COMPLETE, str(record), roots=len(roots))
        return _verdict(record, NO_DEPTH, (lost,))
    tried = [_pkix_path(record, path, expected) for path in paths]
    return next((one for one in tried if one.vouches), tried[0])


def _pkix_path(record: TlsaRecord, path: Path, expected: Expected) -> RecordVerdict:
    report = judge(path, expected)
    holds = check(rules.PKIX_PATH, report.outcome is Outcome.PASSED, report.title)
    if not Usage(record.usage).names_authority:
        return _verdict(record, 0, (holds, _data_check(record, path[0])), (report,))
    depth = next((at for at, one in enumerate(path) if at and names(record, one)), NO_DEPTH)
    found = (
        _no_authority(record, path)
        if depth == NO_DEPTH
        else check(rules.MATCHES_AUTHORITY, holds=True, subject=str(record))
    )
    return _verdict(record, depth, (holds, found), (report,))
