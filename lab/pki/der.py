"""DER as far as we need it by hand: elements in and out, the SubjectPublicKeyInfo octet for octet.

A TLSA record with selector SPKI is about the octets in the certificate (RFC 6698 section 1.3).
Decoding the key and encoding it again may give others, and fails for a key type that
`cryptography` does not know: so we walk the DER.
"""

from collections.abc import Iterator
from functools import lru_cache

from cryptography import x509

from lab.core.errors import PeerError

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
UTF8_STRING = 0x0C
PRINTABLE_STRING = 0x13
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31
CONTEXT_0 = 0xA0
CONTEXT_3 = 0xA3
BOOLEAN_TRUE = b"\x01\x01\xff"

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


def elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and contents of the elements that follow each other in *der*.

    Raises:
        PeerError: one is cut short, or its length is not in DER form.
    """
    position = 0
    while position < len(der):
        tag, body, position = element(der, position)
        yield tag, der[body:position]


def push_element(tag: int, contents: bytes) -> bytes:
    """Return one element."""
    size = len(contents)
    if size < _LONG_FORM:
        return bytes([tag, size]) + contents
    octets = size.to_bytes(-(-size.bit_length() // 8), "big")
    return bytes([tag, _LONG_FORM | len(octets)]) + octets + contents


def object_identifier(dotted: str) -> bytes:
    """Return the contents of the element that holds the OID *dotted*."""
    first, second, *rest = (int(one) for one in dotted.split("."))
    return b"".join(_base_128(number) for number in (40 * first + second, *rest))


def _base_128(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.insert(0, number & 0x7F | 0x80)
    return bytes(octets)


def is_one_sequence(der: bytes) -> bool:
    """Tell whether *der* is exactly one SEQUENCE, with nothing behind it."""
    try:
        tag, _, end = element(der)
    except PeerError:
        return False
    return tag == SEQUENCE and end == len(der)


# Certificates that were read last: the same peers come back.
_KEPT = 1024


@lru_cache(_KEPT)
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
