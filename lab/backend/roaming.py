"""Passive roaming: frames of other networks' devices, and of ours that others hear (TS002-1.0 s11).

The visited network (fNS) forwards; keys and MAC stay at home (sNS, hNS). Stateless: it asks with
each frame (PRStartReq). Stateful: the home network has given it a time during which it forwards
without asking (XmitDataReq). Which networks a DevAddr can belong to is written in its first bits.
"""

from dataclasses import replace

from lab.backend.admission import Admission, admit
from lab.backend.arrivals import Arrival, arrival_from, metadata_of
from lab.backend.downlinks import (
    downlink_metadata,
    header_to,
    send_for_partner,
)
from lab.backend.join_messages import HomeNSAns, HomeNSReq
from lab.backend.message import Answer, Message
from lab.backend.messages import refuse
from lab.backend.needs import Answered, Keep, VisitorAt, Working, asked
from lab.backend.network import Ground, VisitorSession
from lab.backend.network_rules import DEVICE_KNOWN
from lab.backend.readmission import readmit
from lab.backend.reports import report_of
from lab.backend.results import SUCCESS, ResultCode
from lab.backend.roaming_messages import PRStartAns, PRStartReq, XmitDataReq
from lab.core.checks import Outcome, Report, broken
from lab.lorawan.frames import DataFrame, JoinRequest, RejoinRequest
from lab.lorawan.identifiers import Eui64, NetId
from lab.lorawan.regions import JOIN_ACCEPT_DELAY_S


def forward_join(
    request: JoinRequest | RejoinRequest, arrival: Arrival, ground: Ground
) -> Working[Report]:
    """Find the home of a device that nobody knows here, and hand it the request."""
    title = f"visitor {request.dev_eui} joins"
    named = request.join_eui if isinstance(request, JoinRequest) else request.home
    home, told = yield from _home_of(request.dev_eui, named, ground)
    if home is None or home not in ground.network.agreements:
        failed = broken(DEVICE_KNOWN, title, home=home or "unknown")
        return Report(title, Outcome.FAILED, "no agreement with its home", (failed,), told)
    answer, report = yield from _start(home, arrival, ground)
    if answer is None:
        return Report(title, Outcome.FAILED, "not let in: it hears nothing", (), (*told, report))
    return Report(title, conclusion=f"let in by {home}", parts=(*told, report))


def _home_of(
    dev_eui: Eui64, named: Eui64 | NetId, ground: Ground
) -> Working[tuple[NetId | None, tuple[Report, ...]]]:
    """Return the home of a device: its request names it, or the join server who knows it."""
    if isinstance(named, NetId):
        return named, ()
    asking = HomeNSReq(header=header_to(named, ground), dev_eui=dev_eui)
    reply = yield from asked(named, asking)
    answer = reply.answer if isinstance(reply, Answered) else None
    home = answer.h_net_id if isinstance(answer, HomeNSAns) else None
    return home, (report_of(reply, f"join server of {named}"),)


def forward_data(frame: DataFrame, arrival: Arrival, ground: Ground) -> Working[Report]:
    """Hand a data frame to its home network, or to each that could be."""
    title = f"uplink {frame.f_cnt} of visitor {frame.dev_addr}"
    visitor = yield VisitorAt(frame.dev_addr)
    if isinstance(visitor, VisitorSession) and visitor.until >= ground.now:
        metadata = replace(metadata_of(arrival, ground), dev_eui=visitor.dev_eui)
        head = header_to(visitor.home, ground)
        request = XmitDataReq(header=head, phy_payload=arrival.octets, ul_metadata=metadata)
        reply = yield from asked(visitor.home, request)
        told = report_of(reply, f"home network {visitor.home}")
        said = "refused" if told.outcome is Outcome.FAILED else "forwarded"
        return Report(title, told.outcome, said, parts=(told,))
    reports = []
    for home in ground.network.agreements:
        if home.owns(frame.dev_addr):
            answer, told = yield from _start(home, arrival, ground)
            reports.append(told)
            if answer is not None:
                return Report(title, conclusion=f"taken by {home}", parts=tuple(reports))
    failed = broken(DEVICE_KNOWN, title, asked=len(reports))
    return Report(title, Outcome.FAILED, "nobody takes it", (failed,), tuple(reports))


def _start(
    home: NetId, arrival: Arrival, ground: Ground
) -> Working[tuple[PRStartAns | None, Report]]:
    """Ask *home* to serve a device, and send what it answers."""
    request = PRStartReq(
        header=header_to(home, ground),
        phy_payload=arrival.octets,
        ul_metadata=metadata_of(arrival, ground),
    )
    reply = yield from asked(home, request)
    told = report_of(reply, f"home network {home}")
    if told.outcome is Outcome.FAILED or not isinstance(reply, Answered):
        return None, told
    answer = reply.answer
    assert isinstance(answer, PRStartAns), "the edge matches answers to questions"
    if answer.lifetime and answer.dev_addr is not None:
        until = ground.now + answer.lifetime
        yield Keep(VisitorSession(answer.dev_addr, answer.dev_eui, home, until))
    if answer.phy_payload and answer.dl_metadata is not None:
        sent = yield from send_for_partner(answer.phy_payload, answer.dl_metadata, ground)
        told = replace(told, parts=(*told.parts, sent))
    return answer, told


def start_for_partner(
    message: PRStartReq, request: JoinRequest | RejoinRequest, ground: Ground
) -> Working[tuple[Answer, Report]]:
    """Let a device of ours in that joins in another network (TS002-1.0 section 12.2)."""
    title = f"{message.header.sender_id} hears {request.dev_eui}"
    refusal = refused_visit(message, request.dev_eui, ground)
    if refusal is not None:
        failed = broken(DEVICE_KNOWN, title, result=refusal.value)
        report = Report(title, Outcome.FAILED, refusal.value, (failed,))
        return refuse(message, refusal, "this device may not join at yours"), report
    arrival = arrival_from(message)
    sender = message.header.sender_id
    visited = sender if isinstance(sender, NetId) else None
    admission = yield from let_in(request, arrival.octets, ground, visited)
    if admission.session is None:
        why = admission.report.conclusion
        return refuse(message, ResultCode.JOIN_REQ_FAILED, why), admission.report
    lifetime = lifetime_for(message, ground)
    answer = PRStartAns(
        header=message.header.back(),
        result=SUCCESS,
        phy_payload=admission.accept,
        lifetime=lifetime,
        dev_eui=request.dev_eui if lifetime else None,
        dev_addr=admission.session.dev_addr if lifetime else None,
        dl_metadata=downlink_metadata(arrival, JOIN_ACCEPT_DELAY_S, ground),
    )
    return answer, admission.report


def let_in(
    request: JoinRequest | RejoinRequest,
    octets: bytes,
    ground: Ground,
    visited: NetId | None = None,
) -> Working[Admission]:
    """Let a subscriber in that has no session, or wants another one; *visited* has heard it."""
    subscriber = ground.network.subscribers[request.dev_eui]
    if isinstance(request, RejoinRequest):
        return (yield from readmit(request, octets, subscriber, ground, visited))
    return (yield from admit(request, octets, subscriber, ground, visited))


def refused_visit(message: Message, dev_eui: Eui64, ground: Ground) -> ResultCode | None:
    """Return why a device of ours may not visit the sender; None if it may."""
    if message.header.sender_id not in ground.network.agreements:
        return ResultCode.NO_ROAMING_AGREEMENT
    if dev_eui not in ground.network.subscribers:
        return ResultCode.UNKNOWN_DEV_EUI
    return None


def lifetime_for(message: Message, ground: Ground) -> int:
    """Return for how many seconds the sender may forward frames without asking; 0: not at all."""
    sender = message.header.sender_id
    return ground.network.agreements.get(sender, 0) if isinstance(sender, NetId) else 0
