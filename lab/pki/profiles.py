"""What a root, an intermediate and a leaf certificate contain (RFC 5280 section 4).

Decides: fields and extensions. Not: whose key signs (ca), nor whether a chain holds (path).
"""

from dataclasses import dataclass, replace
from enum import Flag, auto

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.core.instant import Window
from lab.core.seams import Seam


class Purpose(Flag):
    """Tell what the holder of a leaf certificate may be in a handshake."""

    SERVER = auto()
    CLIENT = auto()
    BOTH = SERVER | CLIENT


EXTENDED_KEY_USAGES = {
    Purpose.SERVER: ExtendedKeyUsageOID.SERVER_AUTH,
    Purpose.CLIENT: ExtendedKeyUsageOID.CLIENT_AUTH,
}


@dataclass(frozen=True, slots=True)
class CertificateJob:
    """Say what a certificate shall state; a fault alters the job, honest code signs it.

    Attributes:
        organization: the operator, as in the subject.
        common_name: the rest of the subject, for people; names are matched in *names* only.
        public_key: the certified key.
        window: notBefore and notAfter.
        serial: positive, at most 20 octets (RFC 5280 section 4.1.2.2).
        path_length: number of CAs that may follow; None for a leaf.
        names: dNSNames of a leaf, without trailing dot; an underscore is allowed.
        purpose: of a leaf; None for a CA.
    """

    organization: str
    common_name: str
    public_key: EllipticCurvePublicKey
    window: Window
    serial: int
    path_length: int | None = None
    names: tuple[str, ...] = ()
    purpose: Purpose | None = None

    def for_window(self, window: Window) -> "CertificateJob":
        """Return the same job with other dates: what a fault about dates needs."""
        return replace(self, window=window)


CERTIFICATE_JOB: Seam[CertificateJob] = Seam("certificate-job")


def distinguished_name(organization: str, common_name: str) -> x509.Name:
    """Return the subject `O=…, CN=…`."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def builder(
    job: CertificateJob, issuer: x509.Name, issuer_key: EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    """Return *job* with all its extensions, ready to be signed."""
    draft = (
        x509.CertificateBuilder()
        .subject_name(distinguished_name(job.organization, job.common_name))
        .issuer_name(issuer)
        .public_key(job.public_key)
        .serial_number(job.serial)
        .not_valid_before(job.window.inception.datetime())
        .not_valid_after(job.window.expiration.datetime())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(job.public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
        .add_extension(_key_usage(job), critical=True)
        .add_extension(
            x509.BasicConstraints(ca=job.path_length is not None, path_length=job.path_length),
            critical=True,
        )
    )
    return _with_leaf_extensions(draft, job)


def _with_leaf_extensions(
    draft: x509.CertificateBuilder, job: CertificateJob
) -> x509.CertificateBuilder:
    if job.names:
        names = [x509.DNSName(name) for name in job.names]
        draft = draft.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if job.purpose is not None:
        usages = [oid for purpose, oid in EXTENDED_KEY_USAGES.items() if purpose in job.purpose]
        draft = draft.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return draft


def _key_usage(job: CertificateJob) -> x509.KeyUsage:
    # RFC 5280 section 4.2.1.3: a CA signs certificates and CRLs, a TLS 1.3 peer signs handshakes.
    is_ca = job.path_length is not None
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
