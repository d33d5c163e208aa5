"""The certification authority of one operator: a root, an intermediate, and what they issue.

Each operator has its own; nobody else's trust store knows it. That peers accept its certificates
all the same is what DANE adds. Keys are ECDSA P-256.
"""

from dataclasses import dataclass
from typing import ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.core.entropy import Entropy
from lab.core.errors import InputError
from lab.core.instant import DAY, HOUR, Instant, Window
from lab.core.seams import Hooks
from lab.pki.profiles import CERTIFICATE_JOB, CertificateJob, Purpose, builder, distinguished_name

_CURVE = ec.SECP256R1()
# Order of the base point of P-256 (FIPS 186-5, RFC 6979 section A.2.5).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# FIPS 186-5 section A.2.1: 64 bits more than the order, so that no value is favoured.
_SCALAR_BYTES = 40
_SERIAL_BYTES = 16


def make_key(entropy: Entropy) -> ec.EllipticCurvePrivateKey:
    """Return a P-256 key whose private value comes from *entropy*, so that runs can repeat."""
    scalar = int.from_bytes(entropy.bytes(_SCALAR_BYTES), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, _CURVE)


def _serial(entropy: Entropy) -> int:
    return int.from_bytes(entropy.bytes(_SERIAL_BYTES), "big") | 1


def certificates_from_pem(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Return every certificate of *pem*, in its order.

    Raises:
        InputError: there is none, or one of them is malformed.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except (ValueError, x509.InvalidVersion) as error:
        raise InputError("the PEM text holds no readable certificate") from error


def certificates_to_pem(chain: tuple[x509.Certificate, ...]) -> bytes:
    """Return *chain* as PEM, in its order."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Hold a private key and the chain that certifies it, as sent in a handshake.

    Attributes:
        private_key: its half that never leaves.
        chain: leaf first. RFC 7671 section 5.2.2: a DANE-TA certificate MUST be sent, so the root
            is the last of the chain although a PKIX peer would not need it.
    """

    private_key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate:
        """Return the end entity certificate."""
        return self.chain[0]

    def key_pem(self) -> bytes:
        """Return the private key as PKCS#8 PEM, for a file of mode 0600."""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def to_pem(self) -> bytes:
        """Return key and chain as PEM, for a file of mode 0600."""
        return self.key_pem() + certificates_to_pem(self.chain)

    @classmethod
    def from_pem(cls, pem: bytes) -> "Identity":
        """Return the identity that `to_pem` wrote.

        Raises:
            InputError: key or certificates are missing, or do not belong together.
        """
        chain = certificates_from_pem(pem)
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise InputError("the PEM text holds no readable private key") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise InputError("the private key is not an elliptic curve key")
        if key.public_key() != chain[0].public_key():
            raise InputError("the private key is not that of the first certificate")
        return cls(key, chain)

    def __repr__(self) -> str:
        """Show the subject only; the secret must not end up in a log."""
        return f"<Identity {self.leaf.subject.rfc4514_string()}>"


@dataclass(frozen=True, slots=True, repr=False)
class CertificateAuthority:
    """Issue the certificates of one operator.

    Attributes:
        organization: the operator's name, in every subject.
        root: self-signed; its identity has a chain of one.
        intermediate: signed by the root; its chain is (intermediate, root).
    """

    CA_LIFETIME: ClassVar[int] = 10 * 365 * DAY
    LEAF_LIFETIME: ClassVar[int] = 90 * DAY
    BACKDATED: ClassVar[int] = HOUR

    organization: str
    root: Identity
    intermediate: Identity

    @classmethod
    def create(
        cls, organization: str, now: Instant, entropy: Entropy, hooks: Hooks | None = None
    ) -> "CertificateAuthority":
        """Return a new root and a new intermediate, valid from *now* on for CA_LIFETIME."""
        hooks = hooks or Hooks()
        root_key, intermediate_key = make_key(entropy), make_key(entropy)
        window = Window(now - cls.BACKDATED, now + cls.CA_LIFETIME)

        def job(key: ec.EllipticCurvePrivateKey, title: str, path_length: int) -> CertificateJob:
            honest = CertificateJob(
                organization,
                f"{organization} {title}",
                key.public_key(),
                window,
                _serial(entropy),
                path_length,
            )
            return hooks.at(CERTIFICATE_JOB, honest, now)

        root = _self_signed(job(root_key, "Root CA", 1), root_key)
        intermediate = _issued(
            job(intermediate_key, "Issuing CA", 0), intermediate_key, Identity(root_key, (root,))
        )
        return cls(organization, Identity(root_key, (root,)), intermediate)

    def issue(
        self,
        names: tuple[str, ...],
        purpose: Purpose,
        now: Instant,
        entropy: Entropy,
        *,
        hooks: Hooks | None = None,
    ) -> Identity:
        """Return a fresh key with a leaf certificate for *names*, valid for LEAF_LIFETIME.

        Args:
            names: dNSNames without trailing dot; the first one is the common name, too.
            purpose: the extended key usage.
            now: the validity begins BACKDATED seconds earlier, for clocks that run late.
            entropy: gives key and serial number.
            hooks: faults that act at CERTIFICATE_JOB.
        """
        key = make_key(entropy)
        window = Window(now - self.BACKDATED, now + self.LEAF_LIFETIME)
        honest = CertificateJob(
            self.organization,
            # RFC 5280 appendix A.1: a common name has at most 64 characters.
            names[0][:64],
            key.public_key(),
            window,
            _serial(entropy),
            names=names,
            purpose=purpose,
        )
        job = (hooks or Hooks()).at(CERTIFICATE_JOB, honest, now)
        return _issued(job, key, self.intermediate)

    def to_pem(self) -> bytes:
        """Return both keys and certificates as PEM, for a file of mode 0600."""
        return self.root.to_pem() + self.intermediate.to_pem()

    @classmethod
    def from_pem(cls, organization: str, pem: bytes) -> "CertificateAuthority":
        """Return the authority that `to_pem` wrote.

        Raises:
            InputError: the text does not hold two identities.
        """
        marker = b"-----BEGIN PRIVATE KEY-----"
        parts = [marker + part for part in pem.split(marker)[1:]]
        if len(parts) != len(("root", "intermediate")):
            raise InputError("the PEM text holds no certification authority (two keys)")
        root, intermediate = (Identity.from_pem(part) for part in parts)
        return cls(organization, root, intermediate)

    def __repr__(self) -> str:
        """Show the operator only; secrets must not end up in a log."""
        return f"<CertificateAuthority {self.organization}>"


def _self_signed(job: CertificateJob, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    subject = distinguished_name(job.organization, job.common_name)
    return _signed(builder(job, subject, key.public_key()), key)


def _issued(job: CertificateJob, key: ec.EllipticCurvePrivateKey, issuer: Identity) -> Identity:
    draft = builder(job, issuer.leaf.subject, issuer.private_key.public_key())
    return Identity(key, (_signed(draft, issuer.private_key), *issuer.chain))


def _signed(draft: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    # RFC 6979: no chance in the signature, so one seed gives the same certificate.
    return draft.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
