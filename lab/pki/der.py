"""Take the SubjectPublicKeyInfo out of a certificate, octet for octet.

A TLSA record with selector SPKI is about the octets in the certificate (RFC 6698 section 1.3).
Decoding the key and encoding it again may give others, and fails for a key type that
`cryptography` does not know: so we walk the DER.
"""

from cryptography import x509

from lab.core.errors import PeerError

_SEQUENCE = 0x30
_VERSION = 0xA0
_LONG_FORM = 0x80
# RFC 5280 section 4.1: serialNumber, signature, issuer, validity, subject come before the key.
_FIELDS_BEFORE_KEY = 5


def element(der: bytes, start: int = 0) -> tuple[int, int, int]:
    """Return (tag, first octet of the contents, octet after them) of the element at *start*.

    Raises:
        PeerError: the element is cut short, or its length is not in DER form.
    """
    if start + 2 > len(der):
        raise PeerError("a DER element is cut short", der[start:])
    tag, length, body = der[start], der[start + 1], start + 2
    if length >= _LONG_FORM:
        count = length & ~_LONG_FORM
        octets = der[body : body + count]
        length, body = int.from_bytes(octets, "big"), body + count
        if length < _LONG_FORM or octets[0] == 0:
            raise PeerError("a DER length is not in its shortest form", der[start:])
    if body + length > len(der):
        raise PeerError("a DER element is cut short", der[start:])
    return tag, body, body + length


def is_one_sequence(der: bytes) -> bool:
    """Tell whether *der* is exactly one SEQUENCE, with nothing behind it."""
    try:
        tag, _, end = element(der)
    except PeerError:
        return False
    return tag == _SEQUENCE and end == len(der)


def subject_public_key_info(certificate: x509.Certificate) -> bytes:
    """Return the DER of the SubjectPublicKeyInfo of *certificate* (RFC 5280 section 4.1).

    Raises:
        PeerError: the certificate is malformed.
    """
    der = certificate.tbs_certificate_bytes
    _, position, _ = element(der)
    tag, _, end = element(der, position)
    if tag == _VERSION:
        position = end
    for _ in range(_FIELDS_BEFORE_KEY):
        _, _, position = element(der, position)
    _, _, end = element(der, position)
    return der[position:end]
