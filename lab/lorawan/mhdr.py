"""The first octet of every frame: what kind it is, and which way it goes."""

from enum import IntEnum

from lab.core.errors import PeerError

MHDR_SIZE = 1
MIC_SIZE = 4
MAX_SIZE = 255
"""The length of a LoRa packet is one octet."""

_RESERVED = 0b00011100
_MAJOR = 0b00000011


class Direction(IntEnum):
    """Tell which way a frame goes; the number stands in the blocks of MIC and cipher."""

    UP = 0
    DOWN = 1


class MType(IntEnum):
    """Name the kind of a frame (LoRaWAN 1.1 section 4.2.1)."""

    JOIN_REQUEST = 0
    JOIN_ACCEPT = 1
    UNCONFIRMED_UP = 2
    UNCONFIRMED_DOWN = 3
    CONFIRMED_UP = 4
    CONFIRMED_DOWN = 5
    REJOIN_REQUEST = 6
    PROPRIETARY = 7

    @property
    def direction(self) -> Direction:
        """Return which way it goes; of proprietary frames nobody knows, they count as up."""
        down = {MType.JOIN_ACCEPT, MType.UNCONFIRMED_DOWN, MType.CONFIRMED_DOWN}
        return Direction.DOWN if self in down else Direction.UP

    @property
    def called(self) -> str:
        """Return its name in the specification."""
        return _CALLED[self]

    @property
    def confirmed(self) -> bool:
        """Tell whether the receiver must acknowledge it."""
        return self in {MType.CONFIRMED_UP, MType.CONFIRMED_DOWN}


_CALLED = {
    MType.JOIN_REQUEST: "Join-Request",
    MType.JOIN_ACCEPT: "Join-Accept",
    MType.UNCONFIRMED_UP: "Unconfirmed Data Up",
    MType.UNCONFIRMED_DOWN: "Unconfirmed Data Down",
    MType.CONFIRMED_UP: "Confirmed Data Up",
    MType.CONFIRMED_DOWN: "Confirmed Data Down",
    MType.REJOIN_REQUEST: "Rejoin-Request",
    MType.PROPRIETARY: "Proprietary",
}


def push_mhdr(mtype: MType) -> bytes:
    """Return the octet of a frame of kind *mtype*, major version 0."""
    return bytes([mtype << 5])


def pull_mhdr(octets: bytes) -> MType:
    """Return of which kind the frame *octets* is.

    Raises:
        PeerError: there is none, there are too many, or it has bits that LoRaWAN R1 does not use.
    """
    if not octets:
        raise PeerError("a frame has at least one octet")
    if len(octets) > MAX_SIZE:
        raise PeerError(f"a frame has at most {MAX_SIZE} octets, this has {len(octets)}", octets)
    if octets[0] & _MAJOR:
        raise PeerError(f"the major version of this frame is {octets[0] & _MAJOR}, not 0", octets)
    # A receiver may ignore reserved bits, but the MIC covers them: we keep none, so we take none.
    if octets[0] & _RESERVED:
        raise PeerError("the reserved bits of the MHDR are not zero", octets)
    return MType(octets[0] >> 5)
