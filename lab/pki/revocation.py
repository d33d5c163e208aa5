"""Judge whether a certificate is revoked, by the CRLs at hand (RFC 5280 section 6.3).

No list is a value, too: what it means is for who asks, by `RevocationDemand`. Complete lists of the
issuer itself only: no delta lists, no indirect ones, no OCSP.
"""

from collections.abc import Iterator
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import ExtensionOID

from lab.core.checks import Check, Outcome, check, not_reached
from lab.core.frozen import dataclass
from lab.core.instant import Instant, Window
from lab.pki import rules
from lab.pki.signature import is_signed_by

_UNDERSTOOD = {ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER}


class RevocationDemand(Enum):
    """Tell what a verifier makes of revocation.

    Attributes:
        IGNORED: it does not look.
        IF_KNOWN: a list that says so revokes; without a list the certificate passes, as in most
            clients.
        REQUIRED: without a current list the certificate does not pass.
    """

    IGNORED = "ignored"
    IF_KNOWN = "if-known"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Describe who must have signed the list.

    Attributes:
        name: its subject.
        key: None if it cannot be used.
        signs_crls: its key usage, if given, includes cRLSign.
    """

    name: x509.Name
    key: PublicKeyTypes | None
    signs_crls: bool


def judge_revocation(
    certificate: x509.Certificate,
    issuer: Issuer,
    crls: tuple[x509.CertificateRevocationList, ...],
    demand: RevocationDemand,
    now: Instant,
) -> Iterator[Check]:
    """Iterate over the checks whether *issuer* has revoked *certificate*."""
    if demand is RevocationDemand.IGNORED:
        return
    subject = f"serial number {certificate.serial_number:x} of {issuer.name.rfc4514_string()}"
    own = [one for one in crls if one.issuer == issuer.name]
    flaws = [(one, _flaw(one, issuer)) for one in own]
    authentic = [one for one, flaw in flaws if not flaw]
    current = [one for one in authentic if _window(one, now).contains(now)]
    facts = {
        "lists": len(own),
        "flaws": "; ".join(flaw for _, flaw in flaws if flaw) or "none",
        "next_update": max((str(_window(one, now).expiration) for one in authentic), default="-"),
        "now": now,
    }
    available = check(rules.CRL_AVAILABLE, bool(current), subject, **facts)
    if not current and demand is RevocationDemand.IF_KNOWN:
        # RFC 5280 section 6.3.3: the status is UNDETERMINED; whoever asked may live with that.
        available = Check(
            available.rule, Outcome.NOT_APPLICABLE, available.subject, available.facts
        )
    yield available
    # A list that has run out still says truly what was revoked when it was made.
    listed = next(filter(None, (_entry(one, certificate) for one in authentic)), None)
    if listed is None and not current:
        yield not_reached(rules.NOT_REVOKED, subject)
        return
    yield check(rules.NOT_REVOKED, listed is None, subject, **_told(listed))


def _flaw(crl: x509.CertificateRevocationList, issuer: Issuer) -> str:
    """Return why *crl* says nothing about certificates of *issuer*; empty if it does."""
    # RFC 5280 section 6.3.3 (f): the key usage of the issuer, if given, includes cRLSign.
    if not issuer.signs_crls:
        return "the key of the issuer may not sign CRLs"
    # RFC 5280 section 6.3.3 (g): the signature is made by the key of the issuer.
    if not is_signed_by(crl, issuer.key):
        return "the list is not signed by the key of the issuer"
    # RFC 5280 section 5.2: a list with an unknown critical extension says nothing about who is not
    # in it; a distribution point (section 5.2.5) may cover a part only.
    try:
        unknown = [one for one in crl.extensions if one.critical and one.oid not in _UNDERSTOOD]
    except (ValueError, x509.DuplicateExtension):
        return "the list is malformed"
    return f"unknown critical extension {unknown[0].oid.dotted_string}" if unknown else ""


def _window(crl: x509.CertificateRevocationList, now: Instant) -> Window:
    begin = Instant(crl.last_update_utc.timestamp())
    until = crl.next_update_utc
    # RFC 5280 section 5.1.2.5 demands nextUpdate: a list without it is never current.
    return Window(begin, now - 1 if until is None else Instant(until.timestamp()))


def _entry(
    crl: x509.CertificateRevocationList, certificate: x509.Certificate
) -> x509.RevokedCertificate | None:
    return crl.get_revoked_certificate_by_serial_number(certificate.serial_number)


def _told(entry: x509.RevokedCertificate | None) -> dict[str, object]:
    if entry is None:
        return {"revoked": "no"}
    reason = "unspecified"
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason.value
    return {"revoked": Instant(entry.revocation_date_utc.timestamp()), "reason": reason}
