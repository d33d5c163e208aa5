"""The kinds of keys that certificates are made for and signed with: one table, `KEY_TYPES`."""

from collections.abc import Callable
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.core.registry import Registry

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey

# Order of the base point of P-256 (FIPS 186-5, RFC 6979 section A.2.5).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# FIPS 186-5 section A.2.1: 64 bits more than the order, so that no value is favoured.
_SCALAR_BYTES = 40
_SEED_BYTES = 32
_RSA_EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class KeyType:
    """Describe one kind of key.

    Attributes:
        name: as the command line writes it, e.g. "p-256".
        title: as people call it, e.g. "ECDSA P-256".
        make: makes one; two runs with one entropy agree, except for RSA, whose primes are the
            library's choice.
    """

    name: str
    title: str
    make: Callable[[Entropy], PrivateKey]


KEY_TYPES: Registry[str, KeyType] = Registry("key type")


def _entered(name: str, title: str, make: Callable[[Entropy], PrivateKey]) -> KeyType:
    return KEY_TYPES.add(name, KeyType(name, title, make))


def _p256(entropy: Entropy) -> ec.EllipticCurvePrivateKey:
    scalar = int.from_bytes(entropy.bytes(_SCALAR_BYTES), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


def _ed25519(entropy: Entropy) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(entropy.bytes(_SEED_BYTES))


def _rsa(bits: int) -> Callable[[Entropy], rsa.RSAPrivateKey]:
    def make(_entropy: Entropy) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(_RSA_EXPONENT, bits)

    return make


P256 = _entered("p-256", "ECDSA P-256", _p256)
ED25519 = _entered("ed25519", "Ed25519", _ed25519)
RSA_2048 = _entered("rsa-2048", "RSA, 2048 bits", _rsa(2048))
RSA_3072 = _entered("rsa-3072", "RSA, 3072 bits", _rsa(3072))


@dataclass(frozen=True, slots=True)
class SigningForm:
    """Say how a key signs certificates and CRLs.

    Attributes:
        digest: None for keys that have one of their own.
        deterministic: RFC 6979: no chance in the signature, so one seed gives one certificate;
            None for keys that know no other way.
    """

    digest: hashes.SHA256 | None
    deterministic: bool | None = None


def signing_form(key: PrivateKey) -> SigningForm:
    """Return how *key* signs."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return SigningForm(None)
    return SigningForm(
        hashes.SHA256(), True if isinstance(key, ec.EllipticCurvePrivateKey) else None
    )


def make_key(entropy: Entropy, key_type: KeyType = P256) -> PrivateKey:
    """Return a new key."""
    return key_type.make(entropy)


def title_of(key: object) -> str:
    """Return what people call the kind of a public key."""
    match key:
        case ec.EllipticCurvePublicKey():
            return P256.title if isinstance(key.curve, ec.SECP256R1) else f"ECDSA {key.curve.name}"
        case ed25519.Ed25519PublicKey():
            return ED25519.title
        case rsa.RSAPublicKey():
            return f"RSA, {key.key_size} bits"
        case _:
            return "a key of another kind"
