"""SipHash-2-4: a keyed hash of short inputs, made for speed (Aumasson and Bernstein, 2012).

The server cookie of RFC 9018 section 4.4 is made with it, and no library of the lab has it.
"""

import struct

_MASK = 0xFFFFFFFFFFFFFFFF
_WORD = 8
_COMPRESSIONS = 2
_FINALIZATIONS = 4
_CONSTANTS = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def siphash24(key: bytes, data: bytes) -> bytes:
    """Return the eight octets, little end first, that SipHash-2-4 makes of *data*.

    Args:
        key: 16 octets.
        data: any octets.
    """
    assert len(key) == 2 * _WORD, "the key of SipHash has 128 bits"
    low, high = struct.unpack("<QQ", key)
    state = tuple(
        word ^ half for word, half in zip(_CONSTANTS, (low, high, low, high), strict=True)
    )
    whole = len(data) - len(data) % _WORD
    # The last word holds what is left, and the length of everything in its highest octet.
    last = data[whole:].ljust(_WORD - 1, b"\x00") + bytes([len(data) & 0xFF])
    for (word,) in struct.iter_unpack("<Q", data[:whole] + last):
        v0, v1, v2, v3 = _rounds(_COMPRESSIONS, (*state[:3], state[3] ^ word))
        state = (v0 ^ word, v1, v2, v3)
    v0, v1, v2, v3 = _rounds(_FINALIZATIONS, (*state[:2], state[2] ^ 0xFF, state[3]))
    return struct.pack("<Q", v0 ^ v1 ^ v2 ^ v3)


def _rounds(count: int, state: tuple[int, ...]) -> tuple[int, ...]:
    v0, v1, v2, v3 = state
    for _ in range(count):
        v0, v2 = v0 + v1 & _MASK, v2 + v3 & _MASK
        v1, v3 = _left(v1, 13) ^ v0, _left(v3, 16) ^ v2
        v0 = _left(v0, 32)
        v2, v0 = v2 + v1 & _MASK, v0 + v3 & _MASK
        v1, v3 = _left(v1, 17) ^ v2, _left(v3, 21) ^ v0
        v2 = _left(v2, 32)
    return v0, v1, v2, v3


def _left(word: int, bits: int) -> int:
    return (word << bits | word >> 64 - bits) & _MASK
