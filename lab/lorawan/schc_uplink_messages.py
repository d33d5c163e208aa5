"""What travels behind the FPort while a device sends fragments (RFC 9011 section 5.6.2).

Fragments and ACK REQ go up, ACKs and the abort of the receiver come down.
"""

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.schc import RCS_SIZE, RECEIVER_ABORT

TILE = 10
WINDOW = 63
WINDOWS = 4
SENDER_ABORT = b"\xff"

_ALL_1 = 0x3F
_COMPLETE = 0x20
_ACK_HEADER_BITS = 3


@dataclass(frozen=True, slots=True)
class Fragment:
    """Hold a message of the sender.

    Attributes:
        window: 0 to 3.
        fcn: counts the tiles of a window down from 62; of the first tile in the fragment.
        payload: tiles; nothing: an ACK REQ.
    """

    window: int
    fcn: int
    payload: bytes = b""

    def push(self) -> bytes:
        """Return the message behind the FPort."""
        return bytes([self.window << 6 | self.fcn]) + self.payload


@dataclass(frozen=True, slots=True)
class LastFragment:
    """Hold an All-1 fragment.

    Attributes:
        window: that of the last tile.
        rcs: check sequence of the whole packet.
        tile: the last one, if it travels here.
    """

    window: int
    rcs: bytes
    tile: bytes = b""

    def push(self) -> bytes:
        """Return the message behind the FPort."""
        return bytes([self.window << 6 | _ALL_1]) + self.rcs + self.tile


@dataclass(frozen=True, slots=True)
class Ack:
    """Hold an answer of the receiver.

    Attributes:
        window: that it is about.
        received: which of its 63 tiles are there; None: the packet is whole and right.
    """

    window: int
    received: tuple[bool, ...] | None

    def push(self) -> bytes:
        """Return the message behind the FPort, its bitmap compressed."""
        if self.received is None:
            return bytes([self.window << 6 | _COMPLETE])
        bits = f"{self.window:02b}0" + "".join("01"[one] for one in self.received)
        # RFC 8724 section 8.3.2.1: ones at the end are left out, as far as whole octets permit.
        kept = len(bits.rstrip("1"))
        kept = max(kept, _ACK_HEADER_BITS)
        cut = bits[: -(-kept // 8) * 8]
        padded = cut.ljust(-(-len(cut) // 8) * 8, "0")
        return int(padded, 2).to_bytes(len(padded) // 8, "big")


def pull_sent(octets: bytes) -> Fragment | LastFragment | None:
    """Return what a sender says; None: it aborts.

    Raises:
        PeerError: it makes no sense.
    """
    if not octets:
        raise PeerError("a SCHC fragment has at least one octet")
    if octets == SENDER_ABORT:
        return None
    window, fcn = octets[0] >> 6, octets[0] & _ALL_1
    if fcn != _ALL_1:
        return Fragment(window, fcn, octets[1:])
    rcs, tile = octets[1 : 1 + RCS_SIZE], octets[1 + RCS_SIZE :]
    if len(rcs) != RCS_SIZE or len(tile) > TILE:
        raise PeerError("an All-1 fragment has a check sequence and at most one tile", octets)
    return LastFragment(window, rcs, tile)


def pull_ack(octets: bytes) -> Ack | None:
    """Return what a receiver says; None: it aborts.

    Raises:
        PeerError: it makes no sense.
    """
    if not octets:
        raise PeerError("a SCHC ACK has at least one octet")
    if octets == RECEIVER_ABORT:
        return None
    window = octets[0] >> 6
    if octets[0] & _COMPLETE:
        return Ack(window, None)
    bits = f"{int.from_bytes(octets, 'big'):0{8 * len(octets)}b}"[_ACK_HEADER_BITS:]
    return Ack(window, tuple(bit == "1" for bit in bits[:WINDOW].ljust(WINDOW, "1")))
