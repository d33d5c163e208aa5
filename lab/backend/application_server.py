"""An application server: the only one beside device and join server that reads payloads.

The network hands it payloads as they came over the air. The key comes wrapped along with them, or
is asked of the join server (TS002-1.0 section 10): the network never has it in the clear.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TypeAlias

from lab.backend.header import PROTOCOL_VERSION, AsId, Header, PartyId
from lab.backend.join_messages import AppSKeyAns, AppSKeyReq
from lab.backend.message import Answer, Message
from lab.backend.messages import refuse
from lab.backend.needs import Answered, Ask, Unreached
from lab.backend.network_rules import ANSWER_COMPLETE, DEVICE_KNOWN
from lab.backend.objects import DownlinkMetadata, UplinkMetadata
from lab.backend.reports import report_of
from lab.backend.results import SUCCESS, ResultCode
from lab.backend.roaming_messages import XmitDataAns, XmitDataReq
from lab.core.checks import Outcome, Report, broken, check
from lab.core.dialogue import Dialogue
from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.lorawan.frames import Direction
from lab.lorawan.identifiers import DevAddr, Eui64
from lab.lorawan.key_envelope import KeyEnvelope, unwrap
from lab.lorawan.security import crypt


@dataclass(frozen=True, slots=True)
class Application:
    """Say how an application server works.

    Attributes:
        as_id: its own.
        devices: DevEUI to JoinEUI of the devices whose payloads it gets.
        keks: the keys by which it unwraps AppSKeys, by label.
    """

    as_id: AsId
    devices: Mapping[Eui64, Eui64]
    keks: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ApplicationSession:
    """Hold what an application server keeps of a device.

    Attributes:
        dev_eui: of the device.
        dev_addr: of its session.
        app_s_key: in the clear; `repr` does not show it.
        session_key_id: of its session.
        f_cnt_up: least counter that the next payload may have.
    """

    dev_eui: Eui64
    dev_addr: DevAddr
    app_s_key: bytes = field(repr=False)
    session_key_id: bytes
    f_cnt_up: int = 0

    def is_that_of(self, dev_addr: DevAddr, session_key_id: bytes) -> bool:
        """Tell whether a payload with these belongs to this session."""
        return (self.dev_addr, self.session_key_id) == (dev_addr, session_key_id)


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold a payload in the clear.

    Attributes:
        dev_eui: who sent it.
        dev_addr: of its session.
        f_port: which application of the device.
        f_cnt: its counter.
        payload: as the device said it.
        at: when it came.
    """

    dev_eui: Eui64
    dev_addr: DevAddr
    f_port: int
    f_cnt: int
    payload: bytes
    at: Instant


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Hold a payload for a device.

    Attributes:
        f_port: 1 to 223.
        payload: in the clear.
        confirmed: whether the device is to acknowledge it.
    """

    f_port: int
    payload: bytes
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class SessionKept:
    """Ask for what is kept of a device; the reply is an `ApplicationSession` or None."""

    dev_eui: Eui64


@dataclass(frozen=True, slots=True)
class Take:
    """Keep a reading with the session after it, and tell whoever listens; no reply."""

    session: ApplicationSession
    reading: Reading


@dataclass(frozen=True, slots=True)
class Wanted:
    """Ask what is to be said to a device; the reply is an `Outgoing`, no longer kept, or None."""

    dev_eui: Eui64


ApplicationNeed: TypeAlias = Ask | SessionKept | Take | Wanted
ApplicationReply: TypeAlias = Answered | Unreached | ApplicationSession | Outgoing | None
Handling: TypeAlias = Dialogue[ApplicationNeed, ApplicationReply, tuple[Answer, Report]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Say on what ground an application server decides now.

    Attributes:
        application: how it works.
        now: the present.
    """

    application: Application
    now: Instant

    def header_to(self, party: PartyId) -> Header:
        """Return the head of a new request to *party*; who sends it gives it a number."""
        return Header(PROTOCOL_VERSION, self.application.as_id, party, 0)


def handle(message: Message, desk: Desk) -> Handling:
    """Answer a message of a network server, whose SenderID is known to be true."""
    if not isinstance(message, XmitDataReq) or message.ul_metadata is None:
        return _refused(message, ResultCode.OTHER, "an application server takes uplinks only")
    metadata = message.ul_metadata
    dev_eui = metadata.dev_eui
    if dev_eui is None or dev_eui not in desk.application.devices:
        return _refused(message, ResultCode.UNKNOWN_DEV_EUI, "this device is not known here")
    if not metadata.f_port or metadata.f_cnt_up is None or metadata.dev_addr is None:
        return _refused(message, ResultCode.MALFORMED_REQUEST, "ULMetaData lacks a member")
    kept = yield from _kept(dev_eui)
    session, told = yield from _session(message, kept, metadata.dev_addr, dev_eui, desk)
    if session is None:
        return refuse(message, ResultCode.OTHER, told.conclusion), told
    if metadata.f_cnt_up < session.f_cnt_up:
        return _refused(message, ResultCode.FRAME_REPLAYED, "this counter was there before")
    clear = crypt(
        session.app_s_key,
        Direction.UP,
        session.dev_addr,
        metadata.f_cnt_up,
        message.frm_payload,
    )
    reading = Reading(
        dev_eui, metadata.dev_addr, metadata.f_port, metadata.f_cnt_up, clear, desk.now
    )
    yield Take(replace(session, f_cnt_up=metadata.f_cnt_up + 1), reading)
    parts = yield from _say(message, metadata, session, desk)
    report = replace(told, conclusion=f"read: {clear.hex()}", parts=(*told.parts, *parts))
    return XmitDataAns(header=message.header.back(), result=SUCCESS), report


def _refused(message: Message, code: ResultCode, why: str) -> tuple[Answer, Report]:
    failed = broken(DEVICE_KNOWN, type(message).__name__, result=code.value, why=why)
    report = Report(type(message).__name__, Outcome.FAILED, why, (failed,))
    return refuse(message, code, why), report


def _kept(
    dev_eui: Eui64,
) -> Dialogue[ApplicationNeed, ApplicationReply, ApplicationSession | None]:
    kept = yield SessionKept(dev_eui)
    assert kept is None or isinstance(kept, ApplicationSession), "SessionKept is replied to so"
    return kept


def _session(
    message: XmitDataReq,
    kept: ApplicationSession | None,
    dev_addr: DevAddr,
    dev_eui: Eui64,
    desk: Desk,
) -> Dialogue[ApplicationNeed, ApplicationReply, tuple[ApplicationSession | None, Report]]:
    """Return the session to which a payload belongs: the kept one, or a new one with its key."""
    title = f"payload of {dev_eui}"
    if kept is not None and kept.is_that_of(dev_addr, message.session_key_id):
        return kept, Report(title)
    envelope = message.app_s_key
    parts: tuple[Report, ...] = ()
    if envelope is None:
        envelope, told = yield from _ask_for_key(message, dev_eui, desk)
        parts = (told,)
        # A later payload of the same session may have got the key first, and counted.
        kept = yield from _kept(dev_eui)
        if kept is not None and kept.is_that_of(dev_addr, message.session_key_id):
            return kept, Report(title, parts=parts)
    if envelope is None:
        return None, Report(title, Outcome.FAILED, "nobody gives the key", (), parts)
    try:
        key = unwrap(envelope, desk.application.keks)
    except PeerError as error:
        failed = broken(ANSWER_COMPLETE, title, trouble=error)
        return None, Report(title, Outcome.FAILED, str(error), (failed,), parts)
    wrapped = check(ANSWER_COMPLETE, holds=True, subject=title, kek=envelope.kek_label or "none")
    session = ApplicationSession(dev_eui, dev_addr, key, message.session_key_id)
    return session, Report(title, checks=(wrapped,), parts=parts)


def _ask_for_key(
    message: XmitDataReq, dev_eui: Eui64, desk: Desk
) -> Dialogue[ApplicationNeed, ApplicationReply, tuple[KeyEnvelope | None, Report]]:
    join_eui = desk.application.devices[dev_eui]
    request = AppSKeyReq(
        header=desk.header_to(join_eui), dev_eui=dev_eui, session_key_id=message.session_key_id
    )
    reply = yield Ask(join_eui, request)
    assert isinstance(reply, Answered | Unreached), "Ask is replied to by one of these"
    told = report_of(reply, f"join server of {join_eui}")
    answer = reply.answer if isinstance(reply, Answered) else None
    return (answer.app_s_key if isinstance(answer, AppSKeyAns) else None), told


def _say(
    message: XmitDataReq, metadata: UplinkMetadata, session: ApplicationSession, desk: Desk
) -> Dialogue[ApplicationNeed, ApplicationReply, tuple[Report, ...]]:
    """Hand a payload that waits to the network, in time for the window after this uplink."""
    outgoing = yield Wanted(session.dev_eui)
    if not isinstance(outgoing, Outgoing) or metadata.f_cnt_down is None:
        return ()
    f_cnt = metadata.f_cnt_down
    payload = crypt(session.app_s_key, Direction.DOWN, session.dev_addr, f_cnt, outgoing.payload)
    down = DownlinkMetadata(
        dev_eui=session.dev_eui,
        f_port=outgoing.f_port,
        f_cnt_down=f_cnt,
        confirmed=outgoing.confirmed,
        dl_freq_1=metadata.ul_freq,
    )
    network = message.header.sender_id
    request = XmitDataReq(header=desk.header_to(network), frm_payload=payload, dl_metadata=down)
    reply = yield Ask(network, request)
    assert isinstance(reply, Answered | Unreached), "Ask is replied to by one of these"
    return (report_of(reply, f"network server {network}"),)
