"""A network server: what it does about a frame from its gateways, or a message of a partner.

Two dialogues. They decide by what kind the frame or message is, and who owns the device; the work
is done in `admission`, `uplinks` and `roaming`. Each ends in a report, whatever came of it.
"""

from dataclasses import replace

from lab.backend.arrivals import Arrival, ByNetwork, arrival_from, arrival_of
from lab.backend.deduplication import Uplink
from lab.backend.downlinks import downlink_metadata, send_down, send_for_partner
from lab.backend.header import AsId
from lab.backend.message import Answer, Message
from lab.backend.messages import refuse
from lab.backend.needs import Keep, SessionsAt, Working, session_of
from lab.backend.network import Ground, Waiting
from lab.backend.network_rules import DEVICE_KNOWN, FRAME_READABLE
from lab.backend.objects import DeviceProfile, DownlinkMetadata, RoamingActivation
from lab.backend.results import SUCCESS, ResultCode
from lab.backend.roaming import (
    forward_data,
    forward_join,
    let_in,
    lifetime_for,
    refused_visit,
    start_for_partner,
)
from lab.backend.roaming_messages import (
    ProfileAns,
    ProfileReq,
    PRStartAns,
    PRStartReq,
    PRStopReq,
    XmitDataAns,
    XmitDataReq,
)
from lab.backend.uplinks import recognise, take_data
from lab.backend.visits import stop, visited_by
from lab.core.checks import Outcome, Report, broken
from lab.core.errors import InputError, PeerError
from lab.lorawan.frames import DataFrame, JoinRequest, RejoinRequest, pull_frame
from lab.lorawan.mhdr import Direction
from lab.lorawan.regions import JOIN_ACCEPT_DELAY_S

Handled = tuple[Answer, Report]


def take(uplink: Uplink, ground: Ground) -> Working[Report]:
    """Do everything about a frame that gateways of this network heard."""
    try:
        frame = pull_frame(uplink.octets)
        arrival = arrival_of(uplink, ground.network.region)
    except (PeerError, InputError) as error:
        return _unreadable(str(error))
    match frame:
        case JoinRequest() | RejoinRequest():
            return (yield from _take_join(frame, arrival, ground))
        case DataFrame(direction=Direction.UP):
            if ground.network.net_id.owns(frame.dev_addr):
                return (yield from take_data(frame, arrival, ground))
            return (yield from forward_data(frame, arrival, ground))
        case _:
            return _unreadable(f"this network server takes no {type(frame).__name__} from devices")


def _unreadable(why: str) -> Report:
    failed = broken(FRAME_READABLE, "frame", trouble=why)
    return Report("frame", Outcome.FAILED, f"dropped: {why}", (failed,))


def _take_join(
    request: JoinRequest | RejoinRequest, arrival: Arrival, ground: Ground
) -> Working[Report]:
    if request.dev_eui not in ground.network.subscribers:
        return (yield from forward_join(request, arrival, ground))
    admission = yield from let_in(request, arrival.octets, ground)
    if admission.session is None:
        return admission.report
    metadata = downlink_metadata(arrival, JOIN_ACCEPT_DELAY_S, ground)
    sent = yield from send_down(arrival, admission.accept, metadata, ground)
    return replace(admission.report, parts=(*admission.report.parts, sent))


def handle(message: Message, ground: Ground) -> Working[Handled]:
    """Answer a message of another server, whose SenderID is known to be true."""
    match message:
        case PRStartReq():
            return (yield from _start(message, ground))
        case XmitDataReq(ul_metadata=metadata) if metadata is not None:
            return (yield from _take_from_partner(message, ground))
        case XmitDataReq(dl_metadata=metadata) if metadata is not None:
            return (yield from _take_downlink(message, metadata, ground))
        case PRStopReq():
            return (yield from stop(message))
        case ProfileReq(dev_eui=dev_eui):
            refusal = refused_visit(message, dev_eui, ground)
            return _refused(message, refusal) if refusal else _profile(message, ground)
        case _:
            return _refused(message, ResultCode.OTHER, "a network server is not asked this")


def _refused(message: Message, code: ResultCode, why: str = "") -> Handled:
    title = f"{type(message).__name__} of {message.header.sender_id}"
    failed = broken(DEVICE_KNOWN, title, result=code.value, why=why or "-")
    report = Report(title, Outcome.FAILED, code.value, (failed,))
    return refuse(message, code, why), report


def _profile(message: ProfileReq, ground: Ground) -> Handled:
    subscriber = ground.network.subscribers[message.dev_eui]
    region = ground.network.region.name
    profile = DeviceProfile(mac_version=subscriber.mac_version, region=region, supports_join=True)
    answer = ProfileAns(
        header=message.header.back(),
        result=SUCCESS,
        device_profile=profile,
        roaming_activation=RoamingActivation.PASSIVE,
        lifetime=lifetime_for(message, ground),
    )
    return answer, Report(f"profile of {message.dev_eui}", conclusion="told")


def _start(message: PRStartReq, ground: Ground) -> Working[Handled]:
    try:
        frame = pull_frame(message.phy_payload)
    except PeerError as error:
        return _refused(message, ResultCode.MALFORMED_REQUEST, str(error))
    if isinstance(frame, JoinRequest | RejoinRequest):
        return (yield from start_for_partner(message, frame, ground))
    return (yield from _take_from_partner(message, ground))


def _take_from_partner(message: PRStartReq | XmitDataReq, ground: Ground) -> Working[Handled]:
    """Take a data frame of ours that another network heard."""
    if message.header.sender_id not in ground.network.agreements:
        return _refused(message, ResultCode.NO_ROAMING_AGREEMENT)
    try:
        frame, arrival = pull_frame(message.phy_payload), arrival_from(message)
    except PeerError as error:
        return _refused(message, ResultCode.MALFORMED_REQUEST, str(error))
    if not isinstance(frame, DataFrame) or not ground.network.net_id.owns(frame.dev_addr):
        return _refused(message, ResultCode.UNKNOWN_DEV_ADDR)
    sessions = yield SessionsAt(frame.dev_addr)
    assert isinstance(sessions, tuple), "SessionsAt is replied to by a tuple"
    found = recognise(frame, arrival, sessions, ground.network.region)
    if found is None:
        code = ResultCode.MIC_FAILED if sessions else ResultCode.UNKNOWN_DEV_ADDR
        return _refused(message, code)
    report = yield from take_data(frame, arrival, ground)
    if isinstance(message, XmitDataReq):
        return _transmitted(message), report
    lifetime = lifetime_for(message, ground)
    if isinstance(arrival.way, ByNetwork):
        yield from visited_by(found.session.dev_eui, arrival.way.net_id, ground)
    answer = PRStartAns(
        header=message.header.back(),
        result=SUCCESS,
        lifetime=lifetime,
        dev_eui=found.session.dev_eui if lifetime else None,
        dev_addr=frame.dev_addr if lifetime else None,
    )
    return answer, report


def _transmitted(message: XmitDataReq) -> Answer:
    return XmitDataAns(header=message.header.back(), result=SUCCESS)


def _take_downlink(
    message: XmitDataReq, metadata: DownlinkMetadata, ground: Ground
) -> Working[Handled]:
    """Send a frame for a partner, or keep a payload of an application server."""
    if message.phy_payload:
        if message.header.sender_id not in ground.network.agreements:
            return _refused(message, ResultCode.NO_ROAMING_AGREEMENT)
        sent = yield from send_for_partner(message.phy_payload, metadata, ground)
        if sent.outcome is Outcome.FAILED:
            return refuse(message, ResultCode.XMIT_FAILED, sent.conclusion), sent
        return _transmitted(message), sent
    return (yield from _keep_payload(message, metadata))


def _keep_payload(message: XmitDataReq, metadata: DownlinkMetadata) -> Working[Handled]:
    session = None if metadata.dev_eui is None else (yield from session_of(metadata.dev_eui))
    sender = message.header.sender_id
    if session is None or not isinstance(sender, AsId) or session.application != sender:
        return _refused(message, ResultCode.UNKNOWN_DEV_EUI)
    if not metadata.f_port or metadata.f_cnt_down is None:
        return _refused(message, ResultCode.INVALID_F_PORT)
    waiting = Waiting(metadata.f_port, message.frm_payload, metadata.f_cnt_down, metadata.confirmed)
    yield Keep(replace(session, waiting=waiting))
    title = f"payload for {session.dev_eui}"
    return _transmitted(message), Report(title, conclusion="waits for the next uplink")
