"""Extensions in C509 (draft-ietf-cose-cbor-encoded-cert-20 sections 3.1.10 and 3.3).

An extension with a number of its own is that number and a short value; a minus says that it is
critical. Any other is its OID and its DER.
"""

from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from lab.core.errors import UnsupportedError
from lab.core.frozen import dataclass
from lab.pki.cbor import Item
from lab.pki.der import (
    BOOLEAN_TRUE,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    elements,
    object_identifier,
    push_element,
)

_KEY_USAGE = 2
_HARDWARE, _DNS_NAME, _URI = -1, 2, 6
_HARDWARE_MODULE_NAME = ObjectIdentifier("1.3.6.1.5.5.7.8.4")
_NOT_A_CA, _ANY_LENGTH = -2, -1

_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
_PURPOSES = {
    1: ExtendedKeyUsageOID.SERVER_AUTH,
    2: ExtendedKeyUsageOID.CLIENT_AUTH,
    3: ExtendedKeyUsageOID.CODE_SIGNING,
    4: ExtendedKeyUsageOID.EMAIL_PROTECTION,
    8: ExtendedKeyUsageOID.TIME_STAMPING,
    9: ExtendedKeyUsageOID.OCSP_SIGNING,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Describe one extension.

    Attributes:
        oid: as X.509 numbers it.
        to_item: its value in CBOR; raises KeyError if there is no short form.
        from_item: makes the value again.
    """

    oid: ObjectIdentifier
    to_item: Callable[[Any], Item]
    from_item: Callable[[Any], x509.ExtensionType]


def item_of_extensions(extensions: x509.Extensions) -> Item:
    """Return the CBOR item of *extensions*."""
    pairs = [_pair(extension) for extension in extensions]
    if len(pairs) == 1 and pairs[0][0] in {_KEY_USAGE, -_KEY_USAGE}:
        number, value = pairs[0]
        assert isinstance(value, int)
        # Section 3.1.10: keyUsage alone is its value, with the sign of its number.
        return value if number == _KEY_USAGE else -value
    return tuple(item for pair in pairs for item in pair)


def extensions_from_item(item: Item) -> bytes:
    """Return the DER of the extensions, one after the other.

    Raises:
        UnsupportedError: one has a number that is not implemented.
        ValueError: *item* is none, as TypeError and KeyError.
    """
    if isinstance(item, int):
        flat: tuple[Item, ...] = (_KEY_USAGE if item >= 0 else -_KEY_USAGE, abs(item))
    elif isinstance(item, tuple):
        flat = item
    else:
        raise TypeError("extensions are an array or a number")
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return b"".join(_der(number, value) for number, value in pairs)


def _pair(extension: x509.Extension[Any]) -> tuple[Item, Item]:
    for number, kind in _KINDS.items():
        if kind.oid == extension.oid:
            try:
                value = kind.to_item(extension.value)
            except KeyError:
                break
            return (-number if extension.critical else number), value
    der = extension.value.public_bytes()
    return object_identifier(extension.oid.dotted_string), (der,) if extension.critical else der


def _der(number: Item, value: Item) -> bytes:
    if isinstance(number, bytes):
        oid, critical = number, isinstance(value, tuple)
        (contents,) = value if isinstance(value, tuple) else (value,)
        if not isinstance(contents, bytes):
            raise TypeError("an extension by its OID has a byte string")
    elif isinstance(number, int):
        if abs(number) not in _KINDS:
            raise UnsupportedError(f"C509 extension {abs(number)} is not implemented")
        kind, critical = _KINDS[abs(number)], number < 0
        oid, contents = object_identifier(kind.oid.dotted_string), _value(kind, value)
    else:
        raise TypeError("an extension begins with its number or its OID")
    fields = push_element(OBJECT_IDENTIFIER, oid) + BOOLEAN_TRUE * critical
    return push_element(SEQUENCE, fields + push_element(OCTET_STRING, contents))


def _value(kind: Kind, value: Item) -> bytes:
    return kind.from_item(value).public_bytes()


def _usage_to_item(usage: x509.KeyUsage) -> int:
    # `cryptography` refuses to tell the last two unless keys are agreed upon.
    names = _USAGES if usage.key_agreement else _USAGES[:-2]
    return sum(1 << bit for bit, name in enumerate(names) if getattr(usage, name))


def _usage_from_item(number: int) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: bool(number >> bit & 1) for bit, name in enumerate(_USAGES)})


def _constraints_to_item(constraints: x509.BasicConstraints) -> int:
    if not constraints.ca:
        return _NOT_A_CA
    return _ANY_LENGTH if constraints.path_length is None else constraints.path_length


def _constraints_from_item(number: int) -> x509.BasicConstraints:
    return x509.BasicConstraints(number != _NOT_A_CA, number if number >= 0 else None)


def _names_to_item(names: x509.SubjectAlternativeName) -> Item:
    pairs = [_name_to_pair(one) for one in names]
    if len(pairs) == 1 and pairs[0][0] == _DNS_NAME:
        return pairs[0][1]
    return tuple(item for pair in pairs for item in pair)


def _name_to_pair(name: x509.GeneralName) -> tuple[int, Item]:
    match name:
        case x509.DNSName():
            return _DNS_NAME, name.value
        case x509.UniformResourceIdentifier():
            return _URI, name.value
        case x509.OtherName(type_id=oid) if oid == _HARDWARE_MODULE_NAME:
            # RFC 4108 section 5: what kind of hardware it is, and which one of that kind.
            [(_, fields)] = elements(name.value)
            (_, kind), (_, serial) = elements(fields)
            return _HARDWARE, (kind, serial)
        case _:
            raise KeyError("a name of another kind")


def _names_from_item(item: Any) -> x509.SubjectAlternativeName:  # noqa: ANN401 of any wrong type
    flat = item if isinstance(item, tuple) else (_DNS_NAME, item)
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return x509.SubjectAlternativeName(_NAMES[number](value) for number, value in pairs)


def _hardware(item: Any) -> x509.OtherName:  # noqa: ANN401 as above
    kind, serial = item
    fields = push_element(OBJECT_IDENTIFIER, kind) + push_element(OCTET_STRING, serial)
    return x509.OtherName(_HARDWARE_MODULE_NAME, push_element(SEQUENCE, fields))


_NAMES: dict[int, Callable[[Any], x509.GeneralName]] = {
    _HARDWARE: _hardware,
    _DNS_NAME: x509.DNSName,
    _URI: x509.UniformResourceIdentifier,
}


def _purposes_to_item(purposes: x509.ExtendedKeyUsage) -> Item:
    numbers = {oid: number for number, oid in _PURPOSES.items()}
    found = tuple(numbers[oid] for oid in purposes)
    return found[0] if len(found) == 1 else found


def _purposes_from_item(item: Any) -> x509.ExtendedKeyUsage:  # noqa: ANN401 as above
    numbers = item if isinstance(item, tuple) else (item,)
    return x509.ExtendedKeyUsage(_PURPOSES[number] for number in numbers)


def _issuer_to_item(issuer: x509.AuthorityKeyIdentifier) -> bytes:
    if issuer.key_identifier is None or issuer.authority_cert_serial_number is not None:
        raise KeyError("more than a key identifier")
    return issuer.key_identifier


_KINDS = {
    1: Kind(x509.SubjectKeyIdentifier.oid, lambda value: value.digest, x509.SubjectKeyIdentifier),
    _KEY_USAGE: Kind(x509.KeyUsage.oid, _usage_to_item, _usage_from_item),
    3: Kind(x509.SubjectAlternativeName.oid, _names_to_item, _names_from_item),
    4: Kind(x509.BasicConstraints.oid, _constraints_to_item, _constraints_from_item),
    7: Kind(
        x509.AuthorityKeyIdentifier.oid,
        _issuer_to_item,
        lambda octets: x509.AuthorityKeyIdentifier(octets, None, None),
    ),
    8: Kind(x509.ExtendedKeyUsage.oid, _purposes_to_item, _purposes_from_item),
}
