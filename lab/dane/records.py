"""Tell which records of a TLSA RRset count: usable, of the strongest digest (RFC 7671 9)."""

from collections.abc import Iterator
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from lab.core.checks import Check, Outcome, Report, broken, check
from lab.core.errors import PeerError, UnsupportedError
from lab.core.frozen import dataclass
from lab.dane import rules
from lab.dane.tlsa import (
    DIGEST_SIZES,
    DIGESTS,
    STANDARD_SELECTORS,
    MatchingType,
    Selector,
    TlsaRecord,
    Usage,
)
from lab.pki.c509 import pull_c509
from lab.pki.der import is_one_sequence

ALL_USAGES = frozenset(Usage)
# RFC 7672 section 3.1.3: mail servers share no roots, so their clients leave the PKIX usages aside.
SMTP_USAGES = frozenset({Usage.DANE_TA, Usage.DANE_EE})


@dataclass(frozen=True, slots=True)
class Supported:
    """Say which records an application looks at (RFC 7671 section 4).

    Attributes:
        usages: those that it supports.
        selectors: the same; C509 is an experiment, and only for who asks for it.
    """

    usages: frozenset[Usage] = ALL_USAGES
    selectors: frozenset[Selector] = STANDARD_SELECTORS


STANDARD = Supported()


# Records that were judged last: a service is asked for the same ones again and again.
_KEPT = 1024


@lru_cache(_KEPT)
def unusable(record: TlsaRecord, supported: Supported = STANDARD) -> Report | None:
    """Return why *record* does not count, or None if it does (RFC 6698 section 4.1).

    An unusable record is as if it were not there: it neither matches nor spoils a match.

    Args:
        record: any record.
        supported: what the application looks at.
    """
    checks = tuple(_usable_checks(record, supported))
    if not any(one.failed for one in checks):
        return None
    return Report(str(record), Outcome.NOT_APPLICABLE, "unusable", checks)


def _usable_checks(record: TlsaRecord, supported: Supported) -> Iterator[Check]:
    subject = str(record)
    known = (
        check(rules.USAGE_KNOWN, record.usage in set(Usage), subject, usage=record.usage),
        check(
            rules.SELECTOR_KNOWN,
            record.selector in supported.selectors,
            subject,
            selector=record.selector,
        ),
        check(
            rules.MATCHING_KNOWN,
            record.matching == MatchingType.FULL or record.matching in DIGESTS,
            subject,
            matching_type=record.matching,
        ),
    )
    yield from known
    if record.usage in ALL_USAGES:
        numbers = ", ".join(str(int(one)) for one in sorted(supported.usages))
        supports = record.usage in supported.usages
        yield check(rules.USAGE_SUPPORTED, supports, subject, supported=numbers)
    if not any(one.failed for one in known):
        yield check(rules.WELL_FORMED, _is_well_formed(record), subject, octets=len(record.data))


def _is_well_formed(record: TlsaRecord) -> bool:
    if record.matching != MatchingType.FULL:
        return len(record.data) == DIGEST_SIZES[record.matching]
    if record.selector != Selector.SPKI:
        return full_certificate(record) is not None
    return is_one_sequence(record.data) and _is_key(record.data)


def full_certificate(record: TlsaRecord) -> x509.Certificate | None:
    """Return the certificate that *record* holds in full, or None."""
    if record.selector == Selector.SPKI or record.matching != MatchingType.FULL:
        return None
    try:
        if record.selector == Selector.C509:
            return pull_c509(record.data)
        return x509.load_der_x509_certificate(record.data)
    except (ValueError, x509.InvalidVersion, PeerError, UnsupportedError):
        return None


def _is_key(der: bytes) -> bool:
    try:
        load_der_public_key(der)
    except UnsupportedAlgorithm:
        return True
    except ValueError:
        return False
    return True


def strongest(records: tuple[TlsaRecord, ...]) -> tuple[TlsaRecord, ...]:
    """Return the usable *records* that digest agility leaves, in their order.

    RFC 7671 section 9: per usage and selector, FULL and the strongest digest published.
    """
    return tuple(one for one in records if one.matching >= _best(one, records) or not one.matching)


def _best(record: TlsaRecord, records: tuple[TlsaRecord, ...]) -> int:
    family = (record.usage, record.selector)
    return max(one.matching for one in records if (one.usage, one.selector) == family)


def weaker(record: TlsaRecord, records: tuple[TlsaRecord, ...]) -> Report:
    """Return the report about a *record* that a stronger digest among *records* replaces."""
    best = MatchingType(_best(record, records)).name
    own = broken(rules.STRONGEST, str(record), strongest=best)
    return Report(str(record), Outcome.NOT_APPLICABLE, "a stronger digest counts", (own,))
