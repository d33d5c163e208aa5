"""Verify the signature of a certificate or a CRL with one key (RFC 5280 section 4.1.1.3)."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_LEAST_DIGEST_SIZE = 32


def is_signed_by(
    signed: x509.Certificate | x509.CertificateRevocationList, key: PublicKeyTypes | None
) -> bool:
    """Tell whether *key* made the signature of *signed*, with SHA-256 or better.

    SHA-1 and MD5 are refused as in RFC 9155 section 2.
    """
    octets = (
        signed.tbs_certificate_bytes
        if isinstance(signed, x509.Certificate)
        else signed.tbs_certlist_bytes
    )
    try:
        if isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
            key.verify(signed.signature, octets)
            return True
        digest = signed.signature_hash_algorithm
        how = signed.signature_algorithm_parameters
        if digest is None or digest.digest_size < _LEAST_DIGEST_SIZE:
            return False
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(how, ec.ECDSA):
            key.verify(signed.signature, octets, how)
            return True
        if isinstance(key, rsa.RSAPublicKey) and isinstance(how, padding.AsymmetricPadding):
            key.verify(signed.signature, octets, how, digest)
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        pass
    return False
