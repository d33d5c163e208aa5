"""The table of signing algorithms and DS digests: one row each, nothing else knows a number.

Numbers and advice: RFC 8624 section 3 as amended by RFC 9904 to 9906. An algorithm without a row
is unsupported: a zone that uses only such algorithms is insecure (RFC 4035 section 5.2).
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha1, sha256, sha384
from typing import ClassVar, Protocol, cast

from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm as CryptographyUnsupported
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from dns.dnssecalgs.base import GenericPrivateKey, GenericPublicKey
from dns.dnssecalgs.dsa import PrivateDSA, PrivateDSANSEC3SHA1
from dns.dnssecalgs.ecdsa import (
    PrivateECDSA,
    PrivateECDSAP256SHA256,
    PrivateECDSAP384SHA384,
    PublicECDSA,
)
from dns.dnssecalgs.eddsa import PrivateED448, PrivateED25519
from dns.dnssecalgs.mldsa import PrivateMLDSA44
from dns.dnssecalgs.rsa import (
    PrivateRSAMD5,
    PrivateRSASHA1,
    PrivateRSASHA1NSEC3SHA1,
    PrivateRSASHA256,
    PrivateRSASHA512,
    PublicRSA,
)
from dns.dnssectypes import Algorithm, DSDigest
from dns.exception import DNSException
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from lab.core.entropy import Entropy
from lab.core.errors import UnsupportedError
from lab.core.frozen import dataclass
from lab.core.registry import Registry

RSA_BITS = 2048
DSA_BITS = 1024
# RFC 5702 sections 2.1 and 2.2: how long a modulus may be.
RSA_RANGE = {Algorithm.RSASHA256: range(512, 4097), Algorithm.RSASHA512: range(1024, 4097)}
# OpenSSL's limit for big moduli (OPENSSL_RSA_MAX_PUBEXP_BITS), here for all: with an exponent as
# long as the modulus a verification costs fifty times as much.
MAX_EXPONENT_BITS = 64


class Generate(Protocol):
    """Make a fresh private key."""

    def __call__(self) -> GenericPrivateKey:
        """Return it; `cryptography` draws its own randomness."""
        ...


@dataclass(frozen=True, slots=True)
class SigningAlgorithm:
    """Describe one DNSSEC algorithm.

    Attributes:
        number: as in DNSKEY, DS and RRSIG.
        mnemonic: as in the IANA registry.
        private: class of dnspython that signs.
        generate: makes a key of the size that this lab uses.
        derive: makes one of an entropy: two runs with one seed agree. None: of the library alone.
        experimental: not in use by anyone yet; answers may be very big.
        retired: nobody may sign with it any more, and no row of ALGORITHMS is so.
    """

    number: Algorithm
    mnemonic: str
    private: type[GenericPrivateKey]
    generate: Generate
    derive: Callable[[Entropy], GenericPrivateKey] | None = None
    experimental: bool = False
    retired: bool = False

    @property
    def public(self) -> type[GenericPublicKey]:
        """Return the class of dnspython that verifies."""
        return self.private.public_cls

    def load(self, pem: bytes) -> GenericPrivateKey:
        """Return the private key of a PKCS#8 PEM file.

        Raises:
            ValueError: not such a file, or a key of another algorithm.
        """
        try:
            return self.private.from_pem(pem)
        except (DNSException, TypeError, CryptographyUnsupported) as error:
            raise ValueError(f"it holds no private key for {self.mnemonic}") from error


ALGORITHMS: Registry[int, SigningAlgorithm] = Registry("signing algorithm")
# RFC 8624 section 3.1, RFC 9905 section 2: zones that are signed so are broken on purpose.
RETIRED: Registry[int, SigningAlgorithm] = Registry("retired signing algorithm")


def _row(
    private: type[GenericPrivateKey],
    generate: Callable[[], GenericPrivateKey],
    derive: Callable[[Entropy], GenericPrivateKey] | None = None,
    *,
    experimental: bool = False,
    retired: bool = False,
) -> None:
    number = cast("Algorithm", getattr(private.public_cls, "algorithm"))  # noqa: B009 declared without value in dnspython
    row = SigningAlgorithm(number, number.name, private, generate, derive, experimental, retired)
    (RETIRED if retired else ALGORITHMS).add(int(number), row)


class _Ecdsa(PrivateECDSA):
    """Sign as dnspython does, which decides anew each time how: that takes half as long again."""

    _scheme: ClassVar[ec.ECDSA]

    def sign(self, data: bytes, verify: bool = False, deterministic: bool = True) -> bytes:  # noqa: FBT001, FBT002 dnspython's
        """Return r and s (RFC 6605 section 4), of the nonce that follows from *data* (RFC 6979)."""
        if verify or not deterministic:
            return super().sign(data, verify, deterministic)
        der = self.key.sign(data, self._scheme)
        # RFC 3279 section 2.2.3: a sequence of two integers, each with its length in front, and
        # with as few octets as it needs, but for a 0 before what would look negative.
        middle = 4 + der[3]
        octets = self.public_cls.octets
        r, s = der[4:middle][-octets:], der[middle + 2 :][-octets:]
        return r.rjust(octets, b"\0") + s.rjust(octets, b"\0")


class _P256(_Ecdsa, PrivateECDSAP256SHA256):
    _scheme = ec.ECDSA(SHA256(), deterministic_signing=True)


class _P384(_Ecdsa, PrivateECDSAP384SHA384):
    _scheme = ec.ECDSA(SHA384(), deterministic_signing=True)


def _ecdsa(private: type[PrivateECDSA], order: int) -> Callable[[Entropy], GenericPrivateKey]:
    curve = private.public_cls.curve

    def derive(entropy: Entropy) -> GenericPrivateKey:
        # FIPS 186-5 section A.2.1: 64 bits more than the order, so that no value is favoured.
        octets = entropy.bytes(order.bit_length() // 8 + 8)
        scalar = int.from_bytes(octets, "big") % (order - 1) + 1
        return private(ec.derive_private_key(scalar, curve))

    return derive


# Orders of the base points (RFC 6979 sections A.2.5 and A.2.6).
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P384_ORDER = int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16)

_row(PrivateRSASHA256, lambda: PrivateRSASHA256.generate(RSA_BITS))
_row(PrivateRSASHA512, lambda: PrivateRSASHA512.generate(RSA_BITS))
_row(_P256, _P256.generate, _ecdsa(_P256, _P256_ORDER))
_row(_P384, _P384.generate, _ecdsa(_P384, _P384_ORDER))
# RFC 8032 sections 5.1.5 and 5.2.5: any 32 or 57 octets are a private key.
_row(
    PrivateED25519,
    PrivateED25519.generate,
    lambda entropy: PrivateED25519(Ed25519PrivateKey.from_private_bytes(entropy.bytes(32))),
)
_row(
    PrivateED448,
    PrivateED448.generate,
    lambda entropy: PrivateED448(Ed448PrivateKey.from_private_bytes(entropy.bytes(57))),
)
_row(
    PrivateMLDSA44,
    PrivateMLDSA44.generate,
    lambda entropy: PrivateMLDSA44(MLDSA44PrivateKey.from_seed_bytes(entropy.bytes(32))),
    experimental=True,
)

_row(PrivateRSAMD5, lambda: PrivateRSAMD5.generate(RSA_BITS), retired=True)
_row(PrivateDSA, lambda: PrivateDSA.generate(DSA_BITS), retired=True)
_row(PrivateRSASHA1, lambda: PrivateRSASHA1.generate(RSA_BITS), retired=True)
_row(PrivateDSANSEC3SHA1, lambda: PrivateDSANSEC3SHA1.generate(DSA_BITS), retired=True)
_row(PrivateRSASHA1NSEC3SHA1, lambda: PrivateRSASHA1NSEC3SHA1.generate(RSA_BITS), retired=True)


DIGESTS: Registry[int, Callable[[bytes], bytes]] = Registry("DS digest")

DIGESTS.add(int(DSDigest.SHA1), lambda data: sha1(data, usedforsecurity=False).digest())
DIGESTS.add(int(DSDigest.SHA256), lambda data: sha256(data).digest())
DIGESTS.add(int(DSDigest.SHA384), lambda data: sha384(data).digest())


def algorithm(number: int) -> SigningAlgorithm:
    """Return the row of *number*.

    Raises:
        UnsupportedError: there is none.
    """
    row = ALGORITHMS.get(number)
    if row is None:
        raise UnsupportedError(f"signing algorithm {number} is not implemented")
    return row


def by_mnemonic(mnemonic: str) -> SigningAlgorithm:
    """Return the row of *mnemonic* (any case).

    Raises:
        UnsupportedError: there is none; the message lists those there are.
    """
    row = _named(mnemonic, ALGORITHMS.values())
    if row is not None:
        return row
    known = ", ".join(row.mnemonic for row in ALGORITHMS.values())
    raise UnsupportedError(f"unknown signing algorithm {mnemonic!r}; known are {known}")


def for_signing(mnemonic: str) -> SigningAlgorithm:
    """Return the row of *mnemonic*, for whoever signs; also one that validators take for unknown.

    Raises:
        UnsupportedError: there is none; the message lists those that are good.
    """
    return _named(mnemonic, RETIRED.values()) or by_mnemonic(mnemonic)


def _named(mnemonic: str, rows: Iterable[SigningAlgorithm]) -> SigningAlgorithm | None:
    return next((row for row in rows if row.mnemonic == mnemonic.upper()), None)


@lru_cache(maxsize=4096)
def _public_key(dnskey: DNSKEY) -> GenericPublicKey | None:
    try:
        public = algorithm(dnskey.algorithm).public.from_dnskey(dnskey)
    except (ValueError, DNSException, IndexError, CryptographyUnsupported):
        return None
    return public if _has_right_size(public, dnskey) else None


def _has_right_size(public: GenericPublicKey, dnskey: DNSKEY) -> bool:
    """Tell what the libraries do not look at: a key of another size is none of its algorithm."""
    if isinstance(public, PublicRSA):
        numbers = public.key.public_numbers()
        permitted = numbers.n.bit_length() in RSA_RANGE[dnskey.algorithm]
        return permitted and numbers.e.bit_length() <= MAX_EXPONENT_BITS
    # RFC 6605 section 4: the two coordinates, and nothing behind them.
    return not isinstance(public, PublicECDSA) or len(dnskey.key) == 2 * public.octets


def is_well_formed(dnskey: DNSKEY) -> bool:
    """Tell whether the key bytes decode as its algorithm wants, e.g. a point on the curve.

    Raises:
        UnsupportedError: the algorithm has no row.
    """
    algorithm(dnskey.algorithm)
    return _public_key(dnskey) is not None


def verify(dnskey: DNSKEY, signature: bytes, data: bytes) -> bool:
    """Tell whether *signature* over *data* was made by the private half of *dnskey*.

    A malformed key or signature simply does not verify (RFC 4035 section 5.3.3).

    Raises:
        UnsupportedError: the algorithm has no row.
    """
    algorithm(dnskey.algorithm)
    public = _public_key(dnskey)
    if public is None:
        return False
    try:
        public.verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
