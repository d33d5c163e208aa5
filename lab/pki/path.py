"""Find and judge certification paths from a leaf to a trust anchor (RFC 5280 section 6.1).

Decides: may this leaf speak for the expected name, if that anchor is trusted? Not: why the anchor
is trusted (dane.matching, or a list of roots). Policies are not
implemented.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from dns.name import Name

from lab.core.checks import Check, Outcome, Report, broken, check, outcome_of
from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.pki import rules
from lab.pki.contents import Contents, read
from lab.pki.identity import holder
from lab.pki.names import constraint_breach, matches
from lab.pki.profiles import Purpose
from lab.pki.revocation import Issuer, RevocationDemand, judge_revocation
from lab.pki.signature import is_signed_by

Path = tuple[x509.Certificate, ...]

MAX_LENGTH = 10
MAX_POOL = 32
MAX_STEPS = 128


@dataclass(frozen=True, slots=True)
class Expected:
    """Say who the peer should be.

    Attributes:
        name: the reference identifier (RFC 9525 section 6.1).
        purpose: the part that the peer plays, SERVER or CLIENT.
        now: when the certificates must be valid.
        roots: trusted without DANE; only the PKIX usages need them.
        check_ee_name: compare names for DANE-EE, too; RFC 7671 section 5.1 says not to.
        crls: the revocation lists at hand.
        revocation: what is made of them, and of their absence.
        aliases: other names that do as well, e.g. the one before it was expanded (RFC 7671 7).
    """

    name: Name
    purpose: Purpose
    now: Instant
    roots: tuple[x509.Certificate, ...] = ()
    check_ee_name: bool = False
    crls: tuple[x509.CertificateRevocationList, ...] = ()
    revocation: RevocationDemand = RevocationDemand.IGNORED
    aliases: tuple[Name, ...] = ()

    @property
    def names(self) -> tuple[Name, ...]:
        """Return every name of which the certificate must bear one."""
        return (self.name, *self.aliases)


def candidates(
    leaf: x509.Certificate,
    pool: tuple[x509.Certificate, ...],
    is_end: Callable[[x509.Certificate], bool],
) -> Iterator[Path]:
    """Iterate over the chains of names from *leaf* through *pool* to a certificate that *is_end*.

    Shortest first; order and surplus certificates in *pool* do not matter. Certificates of one
    name can be chained in very many ways, so the search is bounded by MAX_POOL and MAX_STEPS.
    """
    linked = _links((leaf, *pool[:MAX_POOL]))
    waiting: deque[Path] = deque([(leaf,)])
    for _ in range(MAX_STEPS):
        if not waiting:
            return
        path = waiting.popleft()
        if is_end(path[-1]):
            yield path
        if len(path) < MAX_LENGTH:
            above = linked[path[-1]]
            waiting.extend((*path, issuer) for issuer in above if issuer not in path)


def _links(certificates: Path) -> dict[x509.Certificate, Path]:
    """Return each certificate with those whose subject is its issuer."""
    names = {one: _names(one) for one in certificates}
    return {
        one: tuple(other for other, (subject, _) in names.items() if subject and subject == issuer)
        for one, (_, issuer) in names.items()
    }


def _names(certificate: x509.Certificate) -> tuple[x509.Name | None, x509.Name | None]:
    """Return subject and issuer, or nothing if they cannot be read."""
    try:
        return certificate.subject, certificate.issuer
    except ValueError:
        return None, None


def find(leaf: x509.Certificate, pool: Path, expected: Expected) -> Report:
    """Return the verdict on *leaf* for those who trust the roots of *expected*, without DANE.

    Every path that was tried is a part, with its reasons; one that holds is enough.

    Args:
        leaf: of the peer.
        pool: what else it sent, in any order.
        expected: who it should be, and which roots are trusted.
    """
    title = f"certificate of {holder(leaf)}"
    roots = expected.roots
    parts = tuple(
        judge(path, expected) for path in candidates(leaf, (*roots, *pool), roots.__contains__)
    )
    if not parts:
        lost = broken(rules.COMPLETE, title, roots=len(roots), missing=_missing(leaf, pool))
        return Report(title, Outcome.FAILED, "refused: no path", (lost,))
    valid = [one for one in parts if one.outcome is Outcome.PASSED]
    if valid:
        return Report(title, Outcome.PASSED, "valid", parts=parts)
    return Report(title, Outcome.FAILED, "refused: no path holds", parts=parts)


def _missing(leaf: x509.Certificate, pool: Path) -> str:
    """Return what would complete a path: issuers that did not come along, or trust in one."""
    names = [_names(one) for one in (leaf, *pool)]
    came = {subject for subject, _ in names}
    lost = {issuer for _, issuer in names if issuer and issuer not in came}
    if lost:
        return f"from the peer the certificate of {_listed(lost)}"
    ends = {issuer for subject, issuer in names if issuer and issuer == subject}
    return f"trust in {_listed(ends)}" if ends else "issuers that lead to a root, not in a circle"


def _listed(names: Iterable[x509.Name]) -> str:
    return "; ".join(sorted(one.rfc4514_string() for one in names))


def judge(path: Path, expected: Expected, key: PublicKeyTypes | None = None) -> Report:
    """Return all checks of RFC 5280 section 6.1 about *path*.

    Args:
        path: leaf first; its last certificate is the trust anchor, unless *key* is given.
        expected: who the leaf should speak for, and when.
        key: a trust anchor without certificate: it signed the last of *path*.
    """
    title = "certification path " + " <- ".join(holder(one) for one in path)
    try:
        contents = tuple(read(one) for one in path)
    except PeerError as error:
        unreadable = broken(rules.READABLE, title, error=str(error))
        return Report(title, Outcome.FAILED, str(error), (unreadable,))
    judged = tuple(_each(path, contents, expected, key))
    checks = (*(one for part in judged for one in part.checks), _name(contents[0], expected))
    outcome = outcome_of(checks)
    first = next((one for one in checks if one.failed), None)
    told = f"broken: it does not hold that {first.rule.sentence}" if first else "valid"
    return Report(title, outcome, told, checks[-1:], judged)


def _each(
    path: Path,
    contents: tuple[Contents, ...],
    expected: Expected,
    key: PublicKeyTypes | None,
) -> Iterator[Report]:
    """Judge each certificate of *path*, leaf first."""
    for depth, certificate in enumerate(path):
        above = contents[depth + 1] if depth + 1 < len(path) else None
        is_anchor = above is None and key is None
        issuer = Issuer(
            contents[depth].issuer,
            above.public_key if above else key,
            above is None or above.signs_crls,
        )
        checks = tuple(
            _checks(certificate, contents[: depth + 1], None if is_anchor else issuer, expected)
        )
        title = f"certificate of {holder(certificate)}"
        yield Report(title, outcome_of(checks), "trust anchor" if is_anchor else "", checks)


def _checks(
    certificate: x509.Certificate,
    contents: tuple[Contents, ...],
    issuer: Issuer | None,
    expected: Expected,
) -> Iterator[Check]:
    """Check *certificate*, the last of *contents*; a trust anchor has no *issuer* to look at."""
    *below, own = contents
    subject = holder(certificate)
    if issuer is not None:
        yield check(
            rules.SIGNATURE,
            is_signed_by(certificate, issuer.key),
            subject,
            issuer=own.issuer.rfc4514_string(),
        )
    yield _validity(own, subject, expected.now)
    yield _critical(own, subject)
    yield _purpose(own, subject, expected.purpose)
    if issuer is not None:
        yield from judge_revocation(
            certificate, issuer, expected.crls, expected.revocation, expected.now
        )
    if below:
        yield from _issuing(own, subject, tuple(below))


def _validity(own: Contents, subject: str, now: Instant) -> Check:
    # RFC 5280 section 6.1.1 (d) leaves the dates of a trust anchor aside. We look at them whenever
    # the anchor comes as a certificate, as Go and GnuTLS do (OpenSSL: only if it is self-signed).
    return check(
        rules.VALIDITY,
        own.window.contains(now),
        subject,
        now=now,
        not_before=own.window.inception,
        not_after=own.window.expiration,
    )


def _critical(own: Contents, subject: str) -> Check:
    unknown = ", ".join(own.unknown_critical)
    return check(rules.CRITICAL, not unknown, subject, unknown=unknown or "none")


def _purpose(own: Contents, subject: str, purpose: Purpose) -> Check:
    allowed = str(own.purposes.name or "none").lower()
    needed = str(purpose.name).lower()
    return check(rules.PURPOSE, purpose in own.purposes, subject, allowed=allowed, needed=needed)


def _issuing(own: Contents, subject: str, below: tuple[Contents, ...]) -> Iterator[Check]:
    """Check what an issuer may do, given the certificates *below* it, leaf first."""
    yield check(rules.IS_CA, own.is_ca, subject)
    yield check(rules.KEY_CERT_SIGN, own.signs_certificates, subject)
    if own.path_length is not None:
        # RFC 5280 section 4.2.1.9: the leaf and self-issued certificates do not count.
        following = sum(not one.self_issued for one in below[1:])
        yield check(
            rules.PATH_LENGTH,
            following <= own.path_length,
            subject,
            following=following,
            allowed=own.path_length,
        )
    if own.constraints is not None:
        breaches = [constraint_breach(one, own.constraints) for one in below]
        breach = next(filter(None, breaches), "")
        yield check(rules.NAME_CONSTRAINTS, not breach, subject, breach=breach or "none")


def _name(leaf: Contents, expected: Expected) -> Check:
    return check(
        rules.NAME,
        any(matches(name, one) for name in leaf.dns_names for one in expected.names),
        ", ".join(leaf.dns_names[:1]) or leaf.subject.rfc4514_string() or "leaf",
        expected=" or ".join(one.to_text(omit_final_dot=True) for one in expected.names),
        certified=", ".join(leaf.dns_names) or "no dNSName",
    )
