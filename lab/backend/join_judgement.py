"""Is this frame one that the device has just sent, and may that network let it in?

Decides in the order of cost and of what the asker may learn: the form, the network, the MIC, then
the nonces. A refused device hears nothing; only the network is told why.
"""

from hmac import compare_digest

from lab.backend.device_record import JOIN_NONCES, DeviceRecord
from lab.backend.join_messages import JoinReq, RejoinReq
from lab.backend.results import ResultCode
from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.frames import JoinRequest, RejoinKind, RejoinRequest, pull_frame
from lab.lorawan.identifiers import Eui64
from lab.lorawan.keys import Version, join_server_keys
from lab.lorawan.security import join_request_mic, rejoin_mic


@dataclass(frozen=True, slots=True)
class Refusal:
    """Say no to a request.

    Attributes:
        code: for the other server.
        why: for people.
    """

    code: ResultCode
    why: str


def judge_join(request: JoinReq, record: DeviceRecord) -> JoinRequest | RejoinRequest | Refusal:
    """Return the frame in *request* if the device of *record* is to be let in."""
    frame = _frame(request)
    if isinstance(frame, Refusal):
        return frame
    if request.header.sender_id != record.home:
        why = f"the device is let in by {record.home} only, its home network"
        return Refusal(ResultCode.ACTIVATION_DISALLOWED, why)
    return _misfit(frame, record) or _replay(frame, request, record) or frame


def _frame(request: JoinReq) -> JoinRequest | RejoinRequest | Refusal:
    """Return the frame in *request*, of the kind that its type is for."""
    wanted = RejoinRequest if isinstance(request, RejoinReq) else JoinRequest
    try:
        frame = pull_frame(request.phy_payload)
    except PeerError as error:
        return Refusal(ResultCode.MALFORMED_REQUEST, f"PHYPayload: {error}")
    if not isinstance(frame, wanted):
        return Refusal(ResultCode.MALFORMED_REQUEST, f"PHYPayload: expected a {wanted.__name__}")
    if frame.dev_eui != request.dev_eui:
        why = f"PHYPayload: it is of {frame.dev_eui}, the message is about {request.dev_eui}"
        return Refusal(ResultCode.MALFORMED_REQUEST, why)
    return frame


def _misfit(frame: JoinRequest | RejoinRequest, record: DeviceRecord) -> Refusal | None:
    """Refuse what this device would not send, or has not sent."""
    join_eui = frame.join_eui if isinstance(frame, JoinRequest) else frame.home
    if isinstance(join_eui, Eui64) and join_eui != record.join_eui:
        return Refusal(ResultCode.JOIN_REQ_FAILED, f"the device has JoinEUI {record.join_eui}")
    if isinstance(frame, RejoinRequest) and record.version is not Version.LORAWAN_1_1:
        why = f"a device of LoRaWAN {record.mac_version} does not rejoin"
        return Refusal(ResultCode.JOIN_REQ_FAILED, why)
    mic = _mic(frame, record)
    if mic is not None and not compare_digest(mic, frame.mic):
        why = "the MIC is not made with the root key of the device"
        return Refusal(ResultCode.MIC_FAILED, why)
    return None


def _mic(frame: JoinRequest | RejoinRequest, record: DeviceRecord) -> bytes | None:
    """Return the right MIC; None where it is made with a key that only the network has."""
    if isinstance(frame, JoinRequest):
        return join_request_mic(frame, record.root.nwk_key)
    if frame.kind is not RejoinKind.ROAM:
        return None
    js_int_key, _ = join_server_keys(record.root, record.dev_eui)
    return rejoin_mic(frame, js_int_key)


def _replay(
    frame: JoinRequest | RejoinRequest, request: JoinReq, record: DeviceRecord
) -> Refusal | None:
    """Refuse what was answered before, and a device whose nonces are used up."""
    if not record.is_fresh(frame):
        # Version 1.1 of the interfaces has a code for it.
        is_old = request.header.protocol_version == "1.0"
        code = ResultCode.JOIN_REQ_FAILED if is_old else ResultCode.FRAME_REPLAYED
        return Refusal(code, f"{_nonce(frame)} was used before")
    if record.history.join_nonce + 1 >= JOIN_NONCES:
        return Refusal(ResultCode.JOIN_REQ_FAILED, "no JoinNonce is left for this device")
    return None


def _nonce(frame: JoinRequest | RejoinRequest) -> str:
    if isinstance(frame, JoinRequest):
        return f"DevNonce {frame.dev_nonce}"
    return f"RJcount1 {frame.rj_count}"
