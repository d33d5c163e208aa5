"""A private key with the certificates that vouch for it, and both as PEM."""

from typing import get_args

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.pki.keys import PrivateKey

_KEY_HEADER = b"-----BEGIN PRIVATE KEY-----"


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
            is the last of the chain although a PKIX peer would not need it. Empty for somebody
            who shows the key alone (RFC 7250).
    """

    private_key: PrivateKey
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
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise InputError("the PEM text holds no readable private key") from error
        if not isinstance(key, get_args(PrivateKey)):
            raise InputError("the private key is neither ECDSA, Ed25519 nor RSA")
        if key.public_key() != chain[0].public_key():
            raise InputError("the private key is not that of the first certificate")
        return cls(key, chain)

    def __repr__(self) -> str:
        """Show the subject only; the secret must not end up in a log."""
        return f"<Identity {holder(self.leaf) if self.chain else 'bare key'}>"


def identities_from_pem(pem: bytes) -> tuple[Identity, ...]:
    """Return every identity of *pem*: each begins with its key.

    Raises:
        InputError: one of them is incomplete.
    """
    return tuple(Identity.from_pem(_KEY_HEADER + part) for part in pem.split(_KEY_HEADER)[1:])


def holder(certificate: x509.Certificate) -> str:
    """Return what people call the holder of *certificate*: its subject, and its first dNSName."""
    try:
        subject = certificate.subject.rfc4514_string()
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return "(unreadable)"
    named = [
        name
        for one in extensions
        if isinstance(one.value, x509.SubjectAlternativeName)
        for name in one.value.get_values_for_type(x509.DNSName)
    ]
    return ", ".join(filter(None, [*named[:1], subject])) or "(no subject)"
