"""What the lab's certificates contain: root, intermediate, server, client (RFC 5280 section 4).

Decides: fields and extensions. Not: whose key signs (ca), nor whether a chain holds (path).
"""

from dataclasses import replace
from enum import Flag, auto

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.core.frozen import dataclass
from lab.core.instant import DAY, Window
from lab.core.registry import Registry
from lab.core.seams import Seam
from lab.pki.keys import PublicKey


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
class Profile:
    """Describe one kind of certificate.

    Attributes:
        name: as the command line writes it.
        path_length: number of CAs that may follow; None for a leaf.
        purpose: of a leaf; None for a CA.
        lifetime: seconds.
    """

    name: str
    path_length: int | None
    purpose: Purpose | None
    lifetime: int


PROFILES: Registry[str, Profile] = Registry("certificate profile")


def _entered(name: str, path_length: int | None, purpose: Purpose | None, lifetime: int) -> Profile:
    return PROFILES.add(name, Profile(name, path_length, purpose, lifetime))


# One intermediate, and when the root's key rolls a cross certificate. RFC 5280 section 4.2.1.9 does
# not count that one, as it is self-issued; GnuTLS does.
ROOT = _entered("root", 2, None, 10 * 365 * DAY)
INTERMEDIATE = _entered("intermediate", 0, None, 10 * 365 * DAY)
SERVER = _entered("server", None, Purpose.SERVER, 90 * DAY)
CLIENT = _entered("client", None, Purpose.CLIENT, 90 * DAY)
PEER = _entered("peer", None, Purpose.BOTH, 90 * DAY)

LEAF_PROFILES = {one.name: one for one in (SERVER, CLIENT, PEER)}


@dataclass(frozen=True, slots=True)
class CertificateJob:
    """Say what a certificate shall state; a fault alters the job, honest code signs it.

    Attributes:
        organization: the operator, as in the subject; may be empty.
        common_name: the rest of the subject, for people; empty for leaves, whose names stand in
            *names* only: they may be longer than the 64 characters of a common name.
        public_key: the certified key.
        window: notBefore and notAfter.
        serial: positive, at most 20 octets (RFC 5280 section 4.1.2.2).
        path_length: number of CAs that may follow; None for a leaf.
        names: dNSNames of a leaf, without trailing dot; an underscore is allowed.
        purpose: of a leaf; None for a CA.
    """

    organization: str
    common_name: str
    public_key: PublicKey
    window: Window
    serial: int
    path_length: int | None = None
    names: tuple[str, ...] = ()
    purpose: Purpose | None = None

    def for_window(self, window: Window) -> "CertificateJob":
        """Return the same job with other dates: what a fault about dates needs."""
        return replace(self, window=window)

    @property
    def subject(self) -> x509.Name:
        """Return the distinguished name of the holder."""
        return distinguished_name(self.organization, self.common_name)


CERTIFICATE_JOB: Seam[CertificateJob] = Seam("certificate-job")


def distinguished_name(organization: str, common_name: str = "") -> x509.Name:
    """Return the subject `O=…, CN=…`, without the parts that are empty."""
    parts = ((NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def builder(
    job: CertificateJob, issuer: x509.Name, issuer_key: PublicKey
) -> x509.CertificateBuilder:
    """Return *job* with all its extensions, ready to be signed."""
    draft = (
        x509.CertificateBuilder()
        .subject_name(job.subject)
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
        # RFC 5280 section 4.2.1.6: critical if the subject is empty, for nothing else names the
        # holder then.
        is_all = not job.subject.rdns
        draft = draft.add_extension(x509.SubjectAlternativeName(names), critical=is_all)
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
