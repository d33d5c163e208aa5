"""The few kinds of CBOR items that a C509 certificate is made of (RFC 8949).

Integers, byte strings, text, arrays, null, and one tag: a MAC address (RFC 9542 section 2.4). Only
the deterministic form is written and read (RFC 8949 section 4.2.1): one value has one encoding.
"""

from lab.core.errors import PeerError
from lab.core.frozen import dataclass

MAC_ADDRESS_TAG = 48

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _, _TAG = range(7)
_NULL = 0xF6
_MAX_DEPTH = 8
_SMALL = 24
"""Numbers below it stand in the first octet; from 24 on, 1, 2, 4 or 8 octets follow."""


@dataclass(frozen=True, slots=True)
class MacAddress:
    """Hold an EUI-48 or EUI-64.

    Attributes:
        octets: 6 or 8 of them.
    """

    octets: bytes


Item = int | bytes | str | None | MacAddress | tuple["Item", ...]


def push_item(item: Item) -> bytes:
    """Return *item* as octets."""
    match item:
        case None:
            return bytes([_NULL])
        case int():
            return _head(_UNSIGNED, item) if item >= 0 else _head(_NEGATIVE, -1 - item)
        case bytes():
            return _head(_BYTES, len(item)) + item
        case str():
            return _head(_TEXT, len(item.encode())) + item.encode()
        case MacAddress():
            return _head(_TAG, MAC_ADDRESS_TAG) + push_item(item.octets)
        case tuple():
            return _head(_ARRAY, len(item)) + push_sequence(item)


def push_sequence(items: tuple[Item, ...]) -> bytes:
    """Return *items* one after the other, without an array around them (RFC 8742)."""
    return b"".join(push_item(item) for item in items)


def pull_sequence(octets: bytes) -> tuple[Item, ...]:
    """Return the items that follow each other in *octets*.

    Raises:
        PeerError: they are not in deterministic form, or of a kind that is not known here.
    """
    items, position = [], 0
    while position < len(octets):
        item, position = _pull(octets, position, _MAX_DEPTH)
        items.append(item)
    return tuple(items)


def _head(kind: int, number: int) -> bytes:
    if number < _SMALL:
        return bytes([kind << 5 | number])
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes([kind << 5 | _SMALL + size.bit_length() - 1]) + number.to_bytes(size, "big")


def _pull(octets: bytes, position: int, depth: int) -> tuple[Item, int]:
    if octets[position : position + 1] == bytes([_NULL]):
        return None, position + 1
    kind, number, position = _pull_head(octets, position)
    match kind:
        case 0:
            return number, position
        case 1:
            return -1 - number, position
        case 2 | 3:
            end = position + number
            if end > len(octets):
                raise PeerError("a CBOR string is cut short", octets[position:])
            return _string(kind, octets[position:end]), end
        case 4 if depth:
            items: list[Item] = []
            for _ in range(number):
                item, position = _pull(octets, position, depth - 1)
                items.append(item)
            return tuple(items), position
        case 6 if number == MAC_ADDRESS_TAG and depth:
            address, position = _pull(octets, position, depth - 1)
            if not isinstance(address, bytes):
                raise PeerError("a MAC address in CBOR is a byte string", octets[position:])
            return MacAddress(address), position
        case _:
            raise PeerError(f"C509 has no CBOR items such as 0x{octets[position - 1]:02x}", octets)


def _pull_head(octets: bytes, position: int) -> tuple[int, int, int]:
    if position >= len(octets):
        raise PeerError("a CBOR item is cut short", octets)
    kind, number = octets[position] >> 5, octets[position] & 0x1F
    position += 1
    if number < _SMALL:
        return kind, number, position
    size = 1 << (number - _SMALL)
    if size > 8:  # noqa: PLR2004 the most that a number takes; more are lengths unknown
        raise PeerError("a CBOR item has no length", octets[position - 1 :])
    value = int.from_bytes(octets[position : position + size], "big")
    if position + size > len(octets):
        raise PeerError("a CBOR item is cut short", octets[position - 1 :])
    if len(_head(kind, value)) != 1 + size:
        raise PeerError("a number in CBOR is not in its shortest form", octets[position - 1 :])
    return kind, value, position + size


def _string(kind: int, octets: bytes) -> Item:
    if kind == _BYTES:
        return octets
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise PeerError("a text in CBOR is not UTF-8", octets) from error
