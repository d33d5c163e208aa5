"""Show a LoRaWAN frame field by field, as its octets have it; what is encrypted stays so."""

from typing import assert_never

from lab.core.errors import PeerError
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    FCtrl,
    Frame,
    JoinRequest,
    Proprietary,
    RejoinRequest,
    SealedJoinAccept,
    pull_frame,
)
from lab.lorawan.mhdr import MType

# The flags of FCtrl, by direction; the same bit means two things.
_FLAGS = {
    Direction.UP: {"ADR": 0x80, "ADRACKReq": 0x40, "ACK": 0x20, "ClassB": 0x10},
    Direction.DOWN: {"ADR": 0x80, "ACK": 0x20, "FPending": 0x10},
}


def fields_of(octets: bytes) -> dict[str, str]:
    """Return what a PHYPayload says, by the names of the specification.

    What is no frame has one field, "malformed", that says why.
    """
    try:
        frame = pull_frame(octets)
    except PeerError as error:
        return {"malformed": str(error)}
    return _fields(frame)


def _fields(frame: Frame) -> dict[str, str]:
    match frame:
        case JoinRequest():
            return {
                "MType": MType.JOIN_REQUEST.called,
                "JoinEUI": str(frame.join_eui),
                "DevEUI": str(frame.dev_eui),
                "DevNonce": str(frame.dev_nonce),
                "MIC": frame.mic.hex(),
            }
        case RejoinRequest():
            return {
                "MType": f"{MType.REJOIN_REQUEST.called} type {frame.kind:d}",
                "Home": str(frame.home),
                "DevEUI": str(frame.dev_eui),
                "RJcount": str(frame.rj_count),
                "MIC": frame.mic.hex(),
            }
        case SealedJoinAccept():
            return {"MType": MType.JOIN_ACCEPT.called, "encrypted": frame.octets[1:].hex()}
        case DataFrame():
            return _of_data(frame)
        case Proprietary():
            return {"MType": MType.PROPRIETARY.called, "octets": frame.octets.hex()}
        case _:
            assert_never(frame)


def _of_data(frame: DataFrame) -> dict[str, str]:
    names = _FLAGS[frame.direction]
    flags = [name for name, bit in names.items() if FCtrl(bit) & frame.f_ctrl]
    return {
        "MType": frame.mtype.called,
        "DevAddr": str(frame.dev_addr),
        "FCtrl": " ".join(flags) or "-",
        "FCnt": str(frame.f_cnt),
        "FOpts": frame.f_opts.hex() or "-",
        "FPort": "-" if frame.f_port is None else str(frame.f_port),
        "FRMPayload": frame.frm_payload.hex() or "-",
        "MIC": frame.mic.hex(),
    }
