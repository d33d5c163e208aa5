"""Fragments from the network to the device: SCHC in mode ACK-Always (RFC 9011 section 5.6.3).

A window is one tile, as big as the frame: the network sends one, waits for the device's answer, and
goes on; one bit tells neighbours apart. The header takes two bits, so tiles do not end at octets;
only the last fragment is padded.
"""

from dataclasses import replace

from lab.core.errors import InputError, PeerError
from lab.core.frozen import dataclass
from lab.lorawan.schc import (
    MAX_ACK_REQUESTS,
    RCS_SIZE,
    RECEIVER_ABORT,
    State,
    reassembly_check,
)

SENDER_ABORT = b"\xc0"

_HEADER_BITS = 2
_LAST = 0x40
_COMPLETE = 0x40
_RECEIVED = 0x20
_RCS_BITS = 8 * RCS_SIZE
_LEAST_MTU = 8


@dataclass(frozen=True, slots=True)
class Bits:
    """Hold bits that need not fill octets.

    Attributes:
        number: the bits as a number.
        size: how many there are.
    """

    number: int = 0
    size: int = 0

    @classmethod
    def of(cls, octets: bytes) -> "Bits":
        """Return the bits of *octets*."""
        return cls(int.from_bytes(octets, "big"), 8 * len(octets))

    def cut(self, first: int, size: int) -> "Bits":
        """Return *size* bits, beginning with number *first*."""
        return Bits(self.number >> (self.size - first - size) & ((1 << size) - 1), size)

    def __add__(self, other: "Bits") -> "Bits":
        """Return these bits and then those."""
        return Bits(self.number << other.size | other.number, self.size + other.size)

    def padded(self) -> bytes:
        """Return octets, with zeros after the last bit."""
        octets = -(-self.size // 8)
        return (self.number << (8 * octets - self.size)).to_bytes(octets, "big")


@dataclass(frozen=True, slots=True)
class DownlinkSender:
    """Send one packet from the network.

    Attributes:
        packet: the SCHC Packet.
        mtu: octets of payload in the next frame; may change between tiles.
        sent: bits that the device has.
        window: 0 or 1, of the tile that is on its way.
        size: bits of that tile.
        message: what is to be sent now; nothing: wait.
        attempts: requests for an answer about this tile.
        state: where we are.
    """

    packet: bytes
    mtu: int
    sent: int = 0
    window: int = 0
    size: int = 0
    message: bytes = b""
    attempts: int = 0
    state: State = State.ACTIVE

    @classmethod
    def start(cls, packet: bytes, mtu: int) -> "DownlinkSender":
        """Return a sender that has sent nothing yet.

        Raises:
            InputError: the packet is empty, or a frame is too small for a check sequence.
        """
        if not packet:
            raise InputError("SCHC carries at least one octet")
        return _with_tile(cls(packet, 0).resize(mtu))

    def resize(self, mtu: int) -> "DownlinkSender":
        """Return the sender for frames of *mtu* octets; the tile on its way stays as it is.

        Raises:
            InputError: a frame is too small for a check sequence.
        """
        if mtu < _LEAST_MTU:
            raise InputError(f"a frame must hold {_LEAST_MTU} octets, not {mtu}")
        return replace(self, mtu=mtu)

    def step(self) -> tuple["DownlinkSender", bytes]:
        """Return the next message; nothing: wait for an answer or the end of the timer."""
        return replace(self, message=b""), self.message

    def expire(self) -> tuple["DownlinkSender", bytes]:
        """Return what to send when no answer came in time: ask for one, at last abort."""
        if self.state is not State.ACTIVE:
            return self, b""
        if self.attempts >= MAX_ACK_REQUESTS:
            return replace(self, state=State.ABORTED, message=b""), SENDER_ABORT
        return replace(self, attempts=self.attempts + 1), bytes([self.window << 7])

    def receive(self, octets: bytes) -> "DownlinkSender":
        """Return the sender after an answer; `step` has what follows.

        Raises:
            PeerError: the answer makes no sense.
        """
        if not octets:
            raise PeerError("a SCHC ACK has at least one octet")
        if self.state is not State.ACTIVE:
            return self
        if octets == RECEIVER_ABORT:
            return replace(self, state=State.ABORTED, message=b"")
        if octets[0] >> 7 != self.window:
            return self
        if octets[0] & (_COMPLETE | _RECEIVED):
            return self._advanced()
        return replace(self, message=_fragment(self))

    def _advanced(self) -> "DownlinkSender":
        sent = self.sent + self.size
        if sent == 8 * len(self.packet):
            return replace(self, sent=sent, state=State.DONE, message=b"")
        return _with_tile(replace(self, sent=sent, window=1 - self.window, attempts=0))


@dataclass(frozen=True, slots=True)
class DownlinkReceiver:
    """Receive one packet at a device.

    Attributes:
        bits: what came.
        window: of the tile that came last; None: none did.
        packet: whole and checked; empty before.
        state: where we are.
    """

    bits: Bits = Bits()
    window: int | None = None
    packet: bytes = b""
    state: State = State.ACTIVE

    def receive(self, octets: bytes) -> tuple["DownlinkReceiver", bytes]:
        """Return the receiver after a message, and the answer if there is one.

        Raises:
            PeerError: the message makes no sense.
        """
        if not octets:
            raise PeerError("a SCHC fragment has at least one octet")
        if self.state is State.ABORTED:
            return self, RECEIVER_ABORT
        if octets == SENDER_ABORT:
            done = self.state is State.DONE
            return (self if done else replace(self, state=State.ABORTED)), b""
        window = octets[0] >> 7
        if window == self.window:
            return self, _ack(window)
        if len(octets) == 1:
            return self, bytes([window << 7])
        if self.state is State.DONE:
            return self, b""
        return self._kept(window, octets)

    def expire(self) -> tuple["DownlinkReceiver", bytes]:
        """Return the receiver after nothing came for long, and what to send."""
        if self.state is State.DONE:
            return self, b""
        return replace(self, state=State.ABORTED), RECEIVER_ABORT

    def repeat(self) -> bytes:
        """Return the last answer, for a device that heard nothing in its windows after it.

        RFC 9011 section 5.6.3.5.1: an uplink gives the network the chance to send the next tile.
        """
        return b"" if self.window is None else _ack(self.window)

    def _kept(self, window: int, octets: bytes) -> tuple["DownlinkReceiver", bytes]:
        body = Bits.of(octets)
        if not octets[0] & _LAST:
            tile = body.cut(_HEADER_BITS, body.size - _HEADER_BITS)
            return replace(self, bits=self.bits + tile, window=window), _ack(window)
        if len(octets) <= 1 + RCS_SIZE:
            raise PeerError("an All-1 fragment has a check sequence and a tile", octets)
        rcs = body.cut(_HEADER_BITS, _RCS_BITS).padded()
        first = _HEADER_BITS + _RCS_BITS
        bits = self.bits + body.cut(first, body.size - first)
        if reassembly_check(bits.padded()) != rcs:
            return replace(self, state=State.ABORTED), RECEIVER_ABORT
        # What is left after the last whole octet is padding: our packets are octets.
        packet = bits.cut(0, bits.size // 8 * 8).padded()
        return DownlinkReceiver(bits, window, packet, State.DONE), _ack(window)


def _ack(window: int) -> bytes:
    """Return "got it": RFC 9011 has C set for every tile, RFC 8724 would for the last only."""
    return bytes([window << 7 | _COMPLETE])


def _with_tile(sender: DownlinkSender) -> DownlinkSender:
    """Return the sender with the next tile cut and ready."""
    rest = 8 * len(sender.packet) - sender.sent
    if rest <= 8 * sender.mtu - _HEADER_BITS - _RCS_BITS:
        sized = replace(sender, size=rest)
    else:
        # A tile that is not the last fills its octets: padding would become part of the packet.
        # RFC 9011 section 5.7.1: the All-1 fragment must have a tile, so we leave it some.
        most = min(8 * sender.mtu, (rest - 8 + _HEADER_BITS) // 8 * 8)
        sized = replace(sender, size=most - _HEADER_BITS)
    return replace(sized, message=_fragment(sized))


def _fragment(sender: DownlinkSender) -> bytes:
    bits = Bits.of(sender.packet)
    tile = bits.cut(sender.sent, sender.size)
    if sender.sent + sender.size < bits.size:
        return (Bits(sender.window << 1, _HEADER_BITS) + tile).padded()
    head = Bits(sender.window << 1 | 1, _HEADER_BITS)
    padding = Bits(0, -(_HEADER_BITS + tile.size) % 8)
    # RFC 8724 section 8.2.3: the receiver cannot tell padding from the packet, so both are
    # checked, with zeros up to a whole octet.
    rcs = reassembly_check((bits + padding).padded())
    return (head + Bits.of(rcs) + tile + padding).padded()
