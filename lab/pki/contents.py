"""What a certificate says, decoded once and with plain types, for those who judge it."""

from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.instant import Instant, Window
from lab.pki.profiles import EXTENDED_KEY_USAGES, Purpose

ExtensionT = TypeVar("ExtensionT", bound=x509.ExtensionType)

_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.NAME_CONSTRAINTS,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
}


@dataclass(frozen=True, slots=True)
class Contents:
    """Hold the fields of one certificate that a path is judged by (RFC 5280 section 6.1).

    Attributes:
        subject: distinguished name of the holder.
        issuer: distinguished name of the signer.
        public_key: the certified key; None if it is of a kind that we cannot use.
        window: notBefore to notAfter.
        is_ca: basicConstraints says so.
        path_length: of basicConstraints; None without limit.
        signs_certificates: keyUsage includes keyCertSign, or is not there.
        signs_crls: keyUsage includes cRLSign, or is not there.
        purposes: of extendedKeyUsage; BOTH if it is not there.
        dns_names: the dNSNames, as written.
        other_names: whether subjectAltName holds names of another form, too.
        constraints: the name constraints it puts on those below.
        unknown_critical: dotted numbers of the critical extensions that we do not understand.
    """

    subject: x509.Name
    issuer: x509.Name
    public_key: CertificatePublicKeyTypes | None
    window: Window
    is_ca: bool
    path_length: int | None
    signs_certificates: bool
    signs_crls: bool
    purposes: Purpose
    dns_names: tuple[str, ...]
    other_names: bool
    constraints: x509.NameConstraints | None
    unknown_critical: tuple[str, ...]

    @property
    def self_issued(self) -> bool:
        """Tell whether subject and issuer are the same name (RFC 5280 section 3.2)."""
        return self.subject == self.issuer


# Certificates that were read last: the same peers come back, and a certificate never changes.
_KEPT = 1024


@lru_cache(_KEPT)
def read(certificate: x509.Certificate) -> Contents:
    """Return the contents of *certificate*.

    Raises:
        PeerError: a field or an extension is malformed.
    """
    try:
        return _read(certificate)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise PeerError(f"the certificate is malformed: {error}") from error


def _read(certificate: x509.Certificate) -> Contents:
    basic = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    alternative = _extension(certificate, x509.SubjectAlternativeName)
    dns_names = alternative.get_values_for_type(x509.DNSName) if alternative else []
    return Contents(
        subject=certificate.subject,
        issuer=certificate.issuer,
        public_key=_public_key(certificate),
        window=Window(
            Instant(certificate.not_valid_before_utc.timestamp()),
            Instant(certificate.not_valid_after_utc.timestamp()),
        ),
        is_ca=basic is not None and basic.ca,
        path_length=basic.path_length if basic is not None else None,
        signs_certificates=usage is None or usage.key_cert_sign,
        signs_crls=usage is None or usage.crl_sign,
        purposes=_purposes(_extension(certificate, x509.ExtendedKeyUsage)),
        dns_names=tuple(dns_names),
        other_names=alternative is not None and len(list(alternative)) > len(dns_names),
        constraints=_extension(certificate, x509.NameConstraints),
        unknown_critical=tuple(
            one.oid.dotted_string
            for one in certificate.extensions
            if one.critical and one.oid not in _UNDERSTOOD
        ),
    )


def _extension(certificate: x509.Certificate, kind: type[ExtensionT]) -> ExtensionT | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _public_key(certificate: x509.Certificate) -> CertificatePublicKeyTypes | None:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _purposes(usage: x509.ExtendedKeyUsage | None) -> Purpose:
    if usage is None or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usage:
        return Purpose.BOTH
    allowed = Purpose(0)
    for purpose, oid in EXTENDED_KEY_USAGES.items():
        if oid in usage:
            allowed |= purpose
    return allowed
