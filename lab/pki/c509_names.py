"""Distinguished names in C509 (draft-ietf-cose-cbor-encoded-cert-20 section 3.1.4).

A name is an array of attribute types and values in turn. One common name alone stands without the
array; a value that is an EUI-64 or hexadecimal digits is written as the octets that it means.
"""

import re

from lab.core.errors import UnsupportedError
from lab.pki.cbor import Item, MacAddress
from lab.pki.der import (
    OBJECT_IDENTIFIER,
    PRINTABLE_STRING,
    SEQUENCE,
    SET,
    UTF8_STRING,
    elements,
    push_element,
)

_COMMON_NAME = 1
# Number in the registry of the draft (section 8.6) to the last octet of the OID 2.5.4.x.
_ATTRIBUTES = {1: 3, 2: 4, 3: 5, 4: 6, 5: 7, 6: 8, 7: 9, 8: 10, 9: 11}
_OIDS = {number: bytes([0x55, 0x04, last]) for number, last in _ATTRIBUTES.items()}
_NUMBERS = {oid: number for number, oid in _OIDS.items()}
# The sign of the number tells how the text was encoded.
_SIGNS = {UTF8_STRING: 1, PRINTABLE_STRING: -1}
_STRINGS = {sign: string for string, sign in _SIGNS.items()}

_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_EUI_64 = re.compile(r"[0-9A-F]{2}(?:-[0-9A-F]{2}){7}")
_FILLING = b"\xff\xfe"
"""What makes an EUI-64 of an EUI-48, in its middle."""


def item_of_name(der: bytes) -> Item:
    """Return the CBOR item of the name that *der* is.

    Raises:
        UnsupportedError: it has something that this lab cannot carry.
    """
    attributes = [_attribute(rdn) for _, rdns in elements(der) for _, rdn in elements(rdns)]
    if len(attributes) == 1 and attributes[0][0] == _COMMON_NAME:
        return attributes[0][1]
    return tuple(item for attribute in attributes for item in attribute)


def name_from_item(item: Item) -> bytes:
    """Return the DER of the name that *item* is.

    Raises:
        UnsupportedError: it has an attribute that this lab cannot carry.
        ValueError: it is no name.
    """
    flat = item if isinstance(item, tuple) else (_COMMON_NAME, item)
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return push_element(SEQUENCE, b"".join(_rdn(number, value) for number, value in pairs))


def _attribute(rdn: bytes) -> tuple[int, Item]:
    parts = [part for _, pair in elements(rdn) for part in elements(pair)]
    if len(parts) != len(("type", "value")):
        raise UnsupportedError("a name in C509 has one value in each of its parts")
    (_, oid), (string, octets) = parts
    if oid not in _NUMBERS or string not in _SIGNS:
        raise UnsupportedError("a name has an attribute for which C509 is not done here")
    return _SIGNS[string] * _NUMBERS[oid], _special(octets.decode())


def _special(text: str) -> Item:
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if not _EUI_64.fullmatch(text):
        return text
    octets = bytes.fromhex(text.replace("-", ""))
    filled = octets[3:5] == _FILLING
    return MacAddress(octets[:3] + octets[5:] if filled else octets)


def _rdn(number: Item, value: Item) -> bytes:
    if not isinstance(number, int) or abs(number) not in _OIDS:
        raise UnsupportedError(f"a name has the attribute {number!r}, which is not implemented")
    string = _STRINGS[1 if number > 0 else -1]
    text = push_element(string, _text(value).encode())
    oid = push_element(OBJECT_IDENTIFIER, _OIDS[abs(number)])
    return push_element(SET, push_element(SEQUENCE, oid + text))


def _text(value: Item) -> str:
    match value:
        case str():
            return value
        case bytes():
            return value.hex()
        case MacAddress(octets=octets):
            full = octets if len(octets) == 8 else octets[:3] + _FILLING + octets[3:]  # noqa: PLR2004 EUI-64
            return full.hex("-").upper()
        case _:
            raise ValueError("the value of a name's attribute is a text")
