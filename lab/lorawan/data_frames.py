"""Data frames: application payloads and MAC commands in a session (LoRaWAN 1.1 section 4.3)."""

from enum import IntFlag

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import DevAddr
from lab.lorawan.mhdr import MHDR_SIZE, MIC_SIZE, Direction, MType, push_mhdr

MAX_F_OPTS = 15
COMMANDS_PORT = 0
"""The FPort whose payload is MAC commands, not the application's."""

_FHDR_SIZE = DevAddr.SIZE + 1 + 2
_F_OPTS_LEN = 0b1111


class FCtrl(IntFlag):
    """Hold the flags of a data frame; one bit means something else in either direction.

    Attributes:
        ADR: the network chooses data rate and power.
        ADR_ACK_REQ: up: the device wants a sign of life. Down: reserved.
        ACK: the last confirmed frame of the other side was received.
        CLASS_B: up: the device listens to beacons.
        F_PENDING: down, the same bit: more data wait.
    """

    NONE = 0
    ADR = 0x80
    ADR_ACK_REQ = 0x40
    ACK = 0x20
    CLASS_B = 0x10
    F_PENDING = 0x10


@dataclass(frozen=True, slots=True)
class DataFrame:
    """Hold a frame of a session, its ciphertext as it travels.

    Attributes:
        mtype: one of the four data kinds.
        dev_addr: of the device, in either direction.
        f_ctrl: flags.
        f_cnt: the low 16 bits of the frame counter.
        f_opts: MAC commands, 0 to 15 octets; encrypted in 1.1.
        f_port: whose the payload is; None: there is no payload.
        frm_payload: encrypted.
        mic: 4 octets.
    """

    mtype: MType
    dev_addr: DevAddr
    f_ctrl: FCtrl
    f_cnt: int
    f_opts: bytes = b""
    f_port: int | None = None
    frm_payload: bytes = b""
    mic: bytes = bytes(MIC_SIZE)

    def __post_init__(self) -> None:
        """Hold to the layout; what comes from a peer is checked before."""
        assert len(self.f_opts) <= MAX_F_OPTS
        assert self.f_port is not None or not self.frm_payload

    @property
    def direction(self) -> Direction:
        """Return which way it goes."""
        return self.mtype.direction

    def without_mic(self) -> bytes:
        """Return the octets that the MIC covers, after a block that never travels."""
        fields = (
            push_mhdr(self.mtype),
            self.dev_addr.wire,
            bytes([self.f_ctrl | len(self.f_opts)]),
            self.f_cnt.to_bytes(2, "little"),
            self.f_opts,
            b"" if self.f_port is None else bytes([self.f_port]),
            self.frm_payload,
        )
        return b"".join(fields)

    def push(self) -> bytes:
        """Return the frame as octets."""
        return self.without_mic() + self.mic


def pull_data_frame(mtype: MType, octets: bytes) -> DataFrame:
    """Return the data frame that *octets*, MHDR first, are.

    Raises:
        PeerError: they are none.
    """
    body, mic = octets[MHDR_SIZE:-MIC_SIZE], octets[-MIC_SIZE:]
    if len(body) < _FHDR_SIZE:
        least = MHDR_SIZE + _FHDR_SIZE + MIC_SIZE
        raise PeerError(f"a data frame has at least {least} octets, this has {len(octets)}", octets)
    end = _FHDR_SIZE + (body[4] & _F_OPTS_LEN)
    if len(body) < end:
        raise PeerError("FOptsLen of this data frame reaches beyond its end", octets)
    f_port = body[end] if len(body) > end else None
    # LoRaWAN 1.1 section 4.3.1.6: MAC commands stand in FOpts or in the payload, never in both.
    if f_port == COMMANDS_PORT and end > _FHDR_SIZE:
        raise PeerError("a data frame has FOpts and FPort 0, which exclude each other", octets)
    return DataFrame(
        mtype,
        DevAddr.from_wire(body[:4]),
        FCtrl(body[4] & ~_F_OPTS_LEN),
        int.from_bytes(body[5:7], "little"),
        body[_FHDR_SIZE:end],
        f_port,
        body[end + 1 :],
        mic,
    )
