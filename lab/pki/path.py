"""Find and judge certification paths from a leaf to a trust anchor (RFC 5280 section 6.1).

Decides: may this leaf speak for the expected name, if that anchor is trusted? Not: why the anchor
is trusted (dane.matching, or a list of roots). Policies and revocation are not implemented.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from dns.name import Name

from lab.core.checks import Check, Outcome, Report, broken, check, outcome_of
from lab.core.errors import PeerError
from lab.core.instant import Instant
from lab.pki import rules
from lab.pki.contents import Contents, read
from lab.pki.names import constraint_breach, matches
from lab.pki.profiles import Purpose

Path = tuple[x509.Certificate, ...]

MAX_LENGTH = 10
MAX_POOL = 32
MAX_STEPS = 128
_LEAST_DIGEST_SIZE = 32


@dataclass(frozen=True, slots=True)
class Expected:
    """Say who the peer should be.

    Attributes:
        name: the reference identifier (RFC 9525 section 6.1).
        purpose: the part that the peer plays, SERVER or CLIENT.
        now: when the certificates must be valid.
        roots: trusted without DANE; only the PKIX usages need them.
        check_ee_name: compare names for DANE-EE, too; RFC 7671 section 5.1 says not to.
    """

    name: Name
    purpose: Purpose
    now: Instant
    roots: tuple[x509.Certificate, ...] = ()
    check_ee_name: bool = False


def is_signed_by(certificate: x509.Certificate, key: PublicKeyTypes | None) -> bool:
    """Tell whether *key* made the signature of *certificate*, with SHA-256 or better.

    SHA-1 and MD5 are refused as in RFC 9155 section 2.
    """
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    try:
        if isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
            key.verify(signature, signed)
            return True
        digest = certificate.signature_hash_algorithm
        how = certificate.signature_algorithm_parameters
        if digest is None or digest.digest_size < _LEAST_DIGEST_SIZE:
            return False
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(how, ec.ECDSA):
            key.verify(signature, signed, how)
            return True
        if isinstance(key, rsa.RSAPublicKey) and isinstance(how, padding.AsymmetricPadding):
            key.verify(signature, signed, how, digest)
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        pass
    return False


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


def judge(path: Path, expected: Expected, key: PublicKeyTypes | None = None) -> Report:
    """Return all checks of RFC 5280 section 6.1 about *path*.

    Args:
        path: leaf first; its last certificate is the trust anchor, unless *key* is given.
        expected: who the leaf should speak for, and when.
        key: a trust anchor without certificate: it signed the last of *path*.
    """
    title = "certification path " + " <- ".join(_subject(one) for one in path)
    try:
        contents = tuple(read(one) for one in path)
    except PeerError as error:
        unreadable = broken(rules.READABLE, title, error=error)
        return Report(title, Outcome.FAILED, str(error), (unreadable,))
    checks = tuple(_checks(path, contents, expected, key))
    outcome = outcome_of(checks)
    first = next((one for one in checks if one.failed), None)
    return Report(title, outcome, f"broken: {first.rule.sentence}" if first else "valid", checks)


def _subject(certificate: x509.Certificate) -> str:
    try:
        return certificate.subject.rfc4514_string() or "(no subject)"
    except ValueError:
        return "(unreadable)"


def _checks(
    path: Path,
    contents: tuple[Contents, ...],
    expected: Expected,
    key: PublicKeyTypes | None,
) -> Iterator[Check]:
    for depth, (certificate, own) in enumerate(zip(path, contents, strict=True)):
        subject = _subject(certificate)
        is_last = depth == len(path) - 1
        signer = key if is_last else contents[depth + 1].public_key
        if signer is not None or not is_last:
            yield check(
                rules.SIGNATURE,
                is_signed_by(certificate, signer),
                subject,
                issuer=own.issuer.rfc4514_string(),
            )
        yield _validity(own, subject, expected.now)
        yield _critical(own, subject)
        yield _purpose(own, subject, expected.purpose)
        if depth > 0:
            yield from _issuing(own, subject, contents[:depth])
    yield _name(contents[0], expected.name)


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
    allowed = str(own.purposes.name or "none")
    return check(
        rules.PURPOSE, purpose in own.purposes, subject, allowed=allowed, needed=purpose.name
    )


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


def _name(leaf: Contents, expected: Name) -> Check:
    return check(
        rules.NAME,
        any(matches(name, expected) for name in leaf.dns_names),
        leaf.subject.rfc4514_string() or "leaf",
        expected=expected.to_text(omit_final_dot=True),
        certified=", ".join(leaf.dns_names) or "no dNSName",
    )
