"""Certificate revocation lists of the lab's authorities (RFC 5280 section 5)."""

from collections.abc import Iterable

from cryptography import x509

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import DAY, Instant
from lab.pki.identity import Identity
from lab.pki.keys import signing_form

CRL_LIFETIME = 7 * DAY

# RFC 5280 section 5.3.1: removeFromCRL stands in delta CRLs only, and aACompromise is for attribute
# certificates. A certificateHold could be taken back; here a revocation is for good.
REASONS = {
    one.value: one
    for one in x509.ReasonFlags
    if one
    not in {
        x509.ReasonFlags.certificate_hold,
        x509.ReasonFlags.remove_from_crl,
        x509.ReasonFlags.aa_compromise,
    }
}


@dataclass(frozen=True, slots=True)
class Revocation:
    """Say that a certificate must not be used any more.

    Attributes:
        serial: of the certificate.
        at: from when on.
        reason: why.
    """

    serial: int
    at: Instant
    reason: x509.ReasonFlags = x509.ReasonFlags.unspecified


def make_crl(
    issuer: Identity,
    revocations: Iterable[Revocation],
    number: int,
    now: Instant,
    lifetime: int = CRL_LIFETIME,
) -> x509.CertificateRevocationList:
    """Return the list of *issuer*: complete, for all reasons.

    Args:
        issuer: who issued the certificates.
        revocations: of its certificates.
        number: greater than that of every earlier list (RFC 5280 section 5.2.3).
        now: when it is issued.
        lifetime: seconds until the next list is there at the latest.
    """
    key = issuer.private_key
    draft = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.leaf.subject)
        .last_update(now.datetime())
        # RFC 5280 section 5.1.2.5: nextUpdate MUST be there.
        .next_update((now + lifetime).datetime())
        # RFC 5280 sections 5.2.1 and 5.2.3: both MUST be in every CRL.
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for one in revocations:
        draft = draft.add_revoked_certificate(_entry(one))
    form = signing_form(key)
    return draft.sign(key, form.digest, ecdsa_deterministic=form.deterministic)


def _entry(revocation: Revocation) -> x509.RevokedCertificate:
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(revocation.serial)
        .revocation_date(revocation.at.datetime())
    )
    # RFC 5280 section 5.3.1: no reason at all rather than "unspecified".
    if revocation.reason is not x509.ReasonFlags.unspecified:
        entry = entry.add_extension(x509.CRLReason(revocation.reason), critical=False)
    return entry.build()


def crls_from_pem(pem: bytes) -> tuple[x509.CertificateRevocationList, ...]:
    """Return every CRL of *pem*, in its order.

    Raises:
        InputError: one of them is malformed.
    """
    end = b"-----END X509 CRL-----"
    parts = [part + end for part in pem.split(end)[:-1]]
    try:
        return tuple(x509.load_pem_x509_crl(part) for part in parts)
    except ValueError as error:
        raise InputError("the PEM text holds an unreadable CRL") from error
