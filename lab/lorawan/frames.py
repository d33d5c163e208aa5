"""Frames on air: octets become one of five kinds, and back (LoRaWAN 1.1 sections 4 and 6.2).

A frame is what its octets say. Whether its MIC is right and what its ciphertext hides is
`security`'s business. All numbers of more than one octet travel least significant first.
"""

from enum import IntEnum
from typing import Self

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.data_frames import DataFrame, FCtrl, pull_data_frame
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.mhdr import MHDR_SIZE, MIC_SIZE, Direction, MType, pull_mhdr, push_mhdr

__all__ = [
    "DataFrame",
    "Direction",
    "DlSettings",
    "FCtrl",
    "Frame",
    "JoinAccept",
    "JoinRequest",
    "MType",
    "Proprietary",
    "RejoinKind",
    "RejoinRequest",
    "SealedJoinAccept",
    "pull_frame",
    "pull_join_accept",
]

CF_LIST_SIZE = 16
_OPT_NEG = 0x80


class RejoinKind(IntEnum):
    """Tell why a device asks again (LoRaWAN 1.1 section 6.2.4).

    Attributes:
        RESET: to have its radio parameters and keys anew; carries the NetID.
        ROAM: as if it joined, with the JoinEUI; protected by a key of the join server.
        REKEY: keys or address only, within its session; carries the NetID.
    """

    RESET = 0
    ROAM = 1
    REKEY = 2


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Ask to be let in, in the clear.

    Attributes:
        join_eui: which join server knows the device.
        dev_eui: who asks.
        dev_nonce: 16 bits, never used before by this device.
        mic: 4 octets.
    """

    join_eui: Eui64
    dev_eui: Eui64
    dev_nonce: int
    mic: bytes = bytes(MIC_SIZE)

    def without_mic(self) -> bytes:
        """Return the octets that the MIC covers."""
        nonce = self.dev_nonce.to_bytes(2, "little")
        return push_mhdr(MType.JOIN_REQUEST) + self.join_eui.wire + self.dev_eui.wire + nonce

    def push(self) -> bytes:
        """Return the frame as octets."""
        return self.without_mic() + self.mic


@dataclass(frozen=True, slots=True)
class RejoinRequest:
    """Ask for new keys while the old ones still work (LoRaWAN 1.1 only).

    Attributes:
        kind: what is asked.
        home: the NetID, or the JoinEUI if the kind is ROAM.
        dev_eui: who asks.
        rj_count: 16 bits: RJcount1 if the kind is ROAM, else RJcount0.
        mic: 4 octets.
    """

    kind: RejoinKind
    home: NetId | Eui64
    dev_eui: Eui64
    rj_count: int
    mic: bytes = bytes(MIC_SIZE)

    def __post_init__(self) -> None:
        """Hold to the layout: callers choose the kind, and with it what `home` is."""
        assert isinstance(self.home, Eui64 if self.kind is RejoinKind.ROAM else NetId)

    def without_mic(self) -> bytes:
        """Return the octets that the MIC covers."""
        head = push_mhdr(MType.REJOIN_REQUEST) + bytes([self.kind])
        count = self.rj_count.to_bytes(2, "little")
        return head + self.home.wire + self.dev_eui.wire + count

    def push(self) -> bytes:
        """Return the frame as octets."""
        return self.without_mic() + self.mic


@dataclass(frozen=True, slots=True)
class SealedJoinAccept:
    """Hold a Join-Accept that only its device and the join server can read.

    Attributes:
        octets: the whole frame, 17 or 33; all but the first are encrypted.
    """

    octets: bytes

    def push(self) -> bytes:
        """Return the frame as octets."""
        return self.octets


@dataclass(frozen=True, slots=True)
class DlSettings:
    """Hold what a Join-Accept says about downlinks.

    Attributes:
        opt_neg: the network speaks 1.1, so 1.1 keys are derived; reserved in 1.0.
        rx1_dr_offset: 0 to 7, how much slower the first window is than the uplink.
        rx2_data_rate: 0 to 15, of the second window.
    """

    opt_neg: bool = False
    rx1_dr_offset: int = 0
    rx2_data_rate: int = 0

    def push(self) -> int:
        """Return the octet."""
        return _OPT_NEG * self.opt_neg | self.rx1_dr_offset << 4 | self.rx2_data_rate

    @classmethod
    def pull(cls, octet: int) -> Self:
        """Return what *octet* says."""
        return cls(bool(octet & _OPT_NEG), octet >> 4 & 0b111, octet & 0b1111)


@dataclass(frozen=True, slots=True)
class JoinAccept:
    """Hold a Join-Accept in the clear; it goes on air sealed only (`security`).

    Attributes:
        join_nonce: 24 bits, never used before for this device.
        net_id: the network that lets the device in.
        dev_addr: its address in this session.
        dl_settings: how to listen.
        rx_delay: seconds from the end of an uplink to the first window; 0 means 1.
        cf_list: more channels: nothing or 16 octets.
    """

    join_nonce: int
    net_id: NetId
    dev_addr: DevAddr
    dl_settings: DlSettings = DlSettings()
    rx_delay: int = 1
    cf_list: bytes = b""

    def without_mic(self) -> bytes:
        """Return the octets, MHDR first, that the MIC covers."""
        fields = (
            push_mhdr(MType.JOIN_ACCEPT),
            self.join_nonce.to_bytes(3, "little"),
            self.net_id.wire,
            self.dev_addr.wire,
            bytes([self.dl_settings.push(), self.rx_delay]),
            self.cf_list,
        )
        return b"".join(fields)


@dataclass(frozen=True, slots=True)
class Proprietary:
    """Hold a frame whose contents LoRaWAN does not define.

    Attributes:
        octets: what follows the MHDR.
    """

    octets: bytes

    def push(self) -> bytes:
        """Return the frame as octets."""
        return push_mhdr(MType.PROPRIETARY) + self.octets


Frame = JoinRequest | RejoinRequest | SealedJoinAccept | DataFrame | Proprietary


def pull_frame(octets: bytes) -> Frame:
    """Return the frame that *octets* (a PHYPayload) are.

    Raises:
        PeerError: they are none; one sentence says why.
    """
    mtype = pull_mhdr(octets)
    match mtype:
        case MType.JOIN_REQUEST:
            return _pull_join_request(octets)
        case MType.JOIN_ACCEPT:
            _check_size("Join-Accept", octets, _ACCEPT_SIZES)
            return SealedJoinAccept(octets)
        case MType.REJOIN_REQUEST:
            return _pull_rejoin_request(octets)
        case MType.PROPRIETARY:
            return Proprietary(octets[MHDR_SIZE:])
        case _:
            return pull_data_frame(mtype, octets)


def pull_join_accept(octets: bytes) -> JoinAccept:
    """Return what a decrypted Join-Accept says: *octets* from the MHDR to before the MIC."""
    _check_size("decrypted Join-Accept", octets, {size - MIC_SIZE for size in _ACCEPT_SIZES})
    return JoinAccept(
        int.from_bytes(octets[1:4], "little"),
        NetId.from_wire(octets[4:7]),
        DevAddr.from_wire(octets[7:11]),
        DlSettings.pull(octets[11]),
        octets[12],
        octets[13:],
    )


_REQUEST_SIZE = 23
_ACCEPT_SIZES = {17, 17 + CF_LIST_SIZE}
_REJOIN_SIZES = {RejoinKind.RESET: 19, RejoinKind.ROAM: 24, RejoinKind.REKEY: 19}


def _pull_join_request(octets: bytes) -> JoinRequest:
    _check_size("Join-Request", octets, {_REQUEST_SIZE})
    return JoinRequest(
        Eui64.from_wire(octets[1:9]),
        Eui64.from_wire(octets[9:17]),
        int.from_bytes(octets[17:19], "little"),
        octets[19:],
    )


def _pull_rejoin_request(octets: bytes) -> RejoinRequest:
    try:
        kind = RejoinKind(octets[MHDR_SIZE])
    except (IndexError, ValueError) as error:
        raise PeerError("a Rejoin-Request is of type 0, 1 or 2", octets) from error
    _check_size(f"Rejoin-Request of type {kind:d}", octets, {_REJOIN_SIZES[kind]})
    identifier = Eui64 if kind is RejoinKind.ROAM else NetId
    end = 2 + identifier.SIZE
    return RejoinRequest(
        kind,
        identifier.from_wire(octets[2:end]),
        Eui64.from_wire(octets[end : end + 8]),
        int.from_bytes(octets[end + 8 : end + 10], "little"),
        octets[end + 10 :],
    )


def _check_size(kind: str, octets: bytes, sizes: set[int]) -> None:
    if len(octets) not in sizes:
        wanted = " or ".join(str(size) for size in sorted(sizes))
        raise PeerError(f"a {kind} has {wanted} octets, this has {len(octets)}", octets)
