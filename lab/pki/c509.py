"""C509: an X.509 certificate in fewer octets (draft-ietf-cose-cbor-encoded-cert-20, type 3).

The certificate is re-encoded in CBOR, not signed anew: whoever expands it gets the same DER, octet
for octet, so the same signature holds. Done for certificates as RFC 7925 section 4.4 profiles them
for constrained devices, and as our CAs issue them: ECDSA keys and signatures, names of one value
each. Whatever would not come back as it was is refused.
"""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab.core.errors import PeerError, UnsupportedError
from lab.pki.c509_extensions import extensions_from_item, item_of_extensions
from lab.pki.c509_names import item_of_name, name_from_item
from lab.pki.cbor import Item, pull_sequence, push_sequence
from lab.pki.der import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_3,
    GENERALIZED_TIME,
    INTEGER,
    SEQUENCE,
    UTC_TIME,
    push_element,
)

REENCODED = 3
"""The certificate type: DER is what was signed."""

_FIELDS = 11
_VERSION_3 = push_element(CONTEXT_0, push_element(INTEGER, b"\x02"))
# RFC 5280 section 4.1.2.5: the date of a certificate that never ends.
_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_FIRST_GENERALIZED_YEAR = 2050
# The draft, section 3.2.1: 02 and 03 would mean that the DER had a compressed point, too.
_COMPRESSED = {0x02: 0xFE, 0x03: 0xFD}
_RESTORED = {tag: sec for sec, tag in _COMPRESSED.items()}

# Number in the registry of the draft (section 8.14) to OID, and the octets of r and of s.
_SIGNATURES = {
    0: (x509.SignatureAlgorithmOID.ECDSA_WITH_SHA256, 32),
    1: (x509.SignatureAlgorithmOID.ECDSA_WITH_SHA384, 48),
}
_ALGORITHMS = {
    0: bytes.fromhex("300a06082a8648ce3d040302"),
    1: bytes.fromhex("300a06082a8648ce3d040303"),
}
_CURVES: dict[int, ec.EllipticCurve] = {1: ec.SECP256R1(), 2: ec.SECP384R1()}


def push_c509(certificate: x509.Certificate) -> bytes:
    """Return *certificate* as the CBOR sequence of a C509 certificate.

    Raises:
        UnsupportedError: it has something that this profile cannot carry without loss.
    """
    try:
        octets = push_sequence(_items(certificate))
        same = pull_c509(octets) == certificate
    except (PeerError, ValueError, UnsupportedAlgorithm) as error:
        raise UnsupportedError(f"this certificate has no C509 form here: {error}") from error
    if not same:
        raise UnsupportedError("this certificate would not come back from C509 as it was")
    return octets


def pull_c509(octets: bytes) -> x509.Certificate:
    """Return the X.509 certificate that was re-encoded as *octets*.

    Raises:
        PeerError: they are no C509 certificate.
        UnsupportedError: they are one of another type or algorithm.
    """
    items = pull_sequence(octets)
    if len(items) != _FIELDS:
        raise PeerError(f"a C509 certificate has {_FIELDS} fields, this has {len(items)}", octets)
    if items[0] != REENCODED:
        raise UnsupportedError(f"C509 certificates of type {items[0]!r} are not implemented")
    try:
        return x509.load_der_x509_certificate(_der(items))
    except (ValueError, TypeError, OverflowError, KeyError, AttributeError, OSError) as error:
        raise PeerError(f"this C509 certificate makes no X.509 one: {error}", octets) from error


def _items(certificate: x509.Certificate) -> tuple[Item, ...]:
    key = certificate.public_key()
    numbers = {curve.name: number for number, curve in _CURVES.items()}
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in numbers:
        raise UnsupportedError("C509 is done for keys on P-256 and P-384 only")
    algorithm = _signature_algorithm(certificate)
    point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return (
        REENCODED,
        _unsigned(certificate.serial_number),
        algorithm,
        None
        if certificate.issuer == certificate.subject
        else item_of_name(certificate.issuer.public_bytes()),
        _item_of_time(certificate.not_valid_before_utc),
        _item_of_time(certificate.not_valid_after_utc),
        item_of_name(certificate.subject.public_bytes()),
        numbers[key.curve.name],
        bytes([_COMPRESSED[point[0]]]) + point[1:],
        item_of_extensions(certificate.extensions),
        _item_of_signature(certificate.signature, _SIGNATURES[algorithm][1]),
    )


def _signature_algorithm(certificate: x509.Certificate) -> int:
    for number, (oid, _) in _SIGNATURES.items():
        if oid == certificate.signature_algorithm_oid:
            return number
    raise UnsupportedError("C509 is done for signatures by ECDSA with SHA-256 and SHA-384 only")


def _item_of_time(when: datetime) -> Item:
    return None if when == _NEVER else int(when.timestamp())


def _item_of_signature(der: bytes, size: int) -> bytes:
    try:
        return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(der))
    except (OverflowError, ValueError) as error:
        raise UnsupportedError("the signature is by a key on another curve") from error


def _unsigned(number: int) -> bytes:
    return number.to_bytes(-(-number.bit_length() // 8), "big")


def _der(items: tuple[Item, ...]) -> bytes:
    """Return the certificate in DER; errors of wrong types are told by the caller."""
    _, serial, algorithm, issuer, first, last, subject, curve, point, extensions, signature = items
    if algorithm not in _ALGORITHMS or curve not in _CURVES:
        raise UnsupportedError(
            f"C509 algorithm {algorithm!r} or key type {curve!r} is not implemented"
        )
    assert isinstance(algorithm, int)
    assert isinstance(curve, int)
    if not isinstance(point, bytes) or not isinstance(signature, bytes):
        raise TypeError("key and signature are byte strings")
    listed = extensions_from_item(extensions)
    tbs = (
        _VERSION_3,
        push_element(INTEGER, _der_integer(serial)),
        _ALGORITHMS[algorithm],
        name_from_item(subject if issuer is None else issuer),
        push_element(SEQUENCE, _der_time(first) + _der_time(last)),
        name_from_item(subject),
        _der_key(curve, point),
        push_element(CONTEXT_3, push_element(SEQUENCE, listed)) if listed else b"",
    )
    signed = push_element(BIT_STRING, b"\0" + _der_signature(signature, _SIGNATURES[algorithm][1]))
    certificate = push_element(SEQUENCE, b"".join(tbs)) + _ALGORITHMS[algorithm] + signed
    return push_element(SEQUENCE, certificate)


def _der_integer(octets: Item) -> bytes:
    if not isinstance(octets, bytes) or not octets or octets[0] == 0:
        raise TypeError("a serial number is a byte string without zeros before it")
    return b"\0" + octets if octets[0] >> 7 else octets


def _der_time(item: Item) -> bytes:
    if not (item is None or isinstance(item, int)):
        raise TypeError("a date is a number or null")
    when = _NEVER if item is None else datetime.fromtimestamp(item, UTC)
    # RFC 5280 section 4.1.2.5: two digits of the year up to 2049, then four.
    if when.year < _FIRST_GENERALIZED_YEAR:
        return push_element(UTC_TIME, f"{when:%y%m%d%H%M%S}Z".encode())
    return push_element(GENERALIZED_TIME, f"{when:%Y%m%d%H%M%S}Z".encode())


def _der_key(curve: int, point: bytes) -> bytes:
    if point[:1] not in {bytes([tag]) for tag in _RESTORED}:
        raise UnsupportedError("this key is not written as a point to be expanded")
    compressed = bytes([_RESTORED[point[0]]]) + point[1:]
    key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve], compressed)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _der_signature(octets: bytes, size: int) -> bytes:
    if len(octets) != 2 * size:
        raise ValueError(f"this signature has {2 * size} octets, not {len(octets)}")
    numbers = (int.from_bytes(octets[:size], "big"), int.from_bytes(octets[size:], "big"))
    return encode_dss_signature(*numbers)
