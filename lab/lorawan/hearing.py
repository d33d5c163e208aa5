"""Understand, as an end device, what comes down: a Join-Accept, or data of the session.

What a device makes nothing of is told with its reason: on air there is no error message. The
session's counters decide what is a replay (LoRaWAN 1.1 section 4.3.1.5).
"""

from dataclasses import replace
from hmac import compare_digest
from typing import TypeAlias

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.counters import whole_counter
from lab.lorawan.device import Device, Rejoining, Session
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    FCtrl,
    JoinAccept,
    JoinRequest,
    MType,
    RejoinKind,
    SealedJoinAccept,
    pull_frame,
)
from lab.lorawan.keys import Version, derive
from lab.lorawan.regions import pull_channel_masks
from lab.lorawan.rejoining import asked_for
from lab.lorawan.security import (
    FOptsCounter,
    Rejoined,
    crypt,
    crypt_f_opts,
    data_mic,
    open_join_accept,
)


@dataclass(frozen=True, slots=True)
class Joined:
    """Tell that a Join-Accept was understood.

    Attributes:
        device: as it is now, with a session.
        accept: what the network said.
    """

    device: Device
    accept: JoinAccept


@dataclass(frozen=True, slots=True)
class Message:
    """Tell that a downlink was understood.

    Attributes:
        device: as it is now.
        f_cnt: all 32 bits of its counter.
        f_port: None: it has no payload.
        payload: in the clear.
        frame: as it came.
        acknowledges: counter of the confirmed uplink that it acknowledges; None: of none.
        commands: MAC commands in the clear.
    """

    device: Device
    f_cnt: int
    f_port: int | None
    payload: bytes
    frame: DataFrame
    acknowledges: int | None
    commands: bytes = b""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Tell why a device makes nothing of what it heard.

    Attributes:
        reason: one clause.
    """

    reason: str


Hearing: TypeAlias = Joined | Message | Ignored


def hear(device: Device, octets: bytes) -> Hearing:
    """Return what *device* makes of a frame that came in one of its windows."""
    try:
        frame = pull_frame(octets)
        match frame:
            case SealedJoinAccept() if device.asked is not None:
                return _let_in(device, device.asked, octets)
            case SealedJoinAccept() if device.rejoining is not None:
                return _let_in(device, asked_for(device, device.rejoining), octets)
            case DataFrame(mtype=MType.UNCONFIRMED_DOWN | MType.CONFIRMED_DOWN):
                return _told(device, frame)
            case _:
                return Ignored("this kind of frame is not expected")
    except PeerError as error:
        return Ignored(str(error))


def _let_in(device: Device, asked: JoinRequest | Rejoined, octets: bytes) -> Joined | Ignored:
    accept = open_join_accept(octets, device.root, device.version, asked)
    # LoRaWAN 1.1 section 6.2.3: a JoinNonce that is not greater than the last one is a replay.
    if device.version is Version.LORAWAN_1_1 and accept.join_nonce <= device.join_nonce:
        return Ignored(f"JoinNonce {accept.join_nonce} was there before: this is a replay")
    settings = accept.dl_settings
    speaks_1_1 = device.version is Version.LORAWAN_1_1 and settings.opt_neg
    session = Session(
        accept.dev_addr,
        accept.net_id,
        derive(
            device.root,
            device.version,
            settings.opt_neg,
            accept.join_nonce,
            accept.net_id,
            asked.join_eui,
            asked.dev_nonce if isinstance(asked, JoinRequest) else asked.request.rj_count,
        ),
        Version.LORAWAN_1_1 if speaks_1_1 else Version.LORAWAN_1_0,
        # LoRaWAN 1.1 section 6.2.3: RxDelay 0 means one second.
        max(1, accept.rx_delay),
        settings.rx1_dr_offset,
        settings.rx2_data_rate,
        ch_mask=pull_channel_masks(accept.cf_list),
    )
    if device.session is not None and device.rejoining is not None:
        session = _listening(session, device.session, device.rejoining)
    after = replace(device, join_nonce=accept.join_nonce, asked=None, rejoining=None)
    return Joined(replace(after, session=session), accept)


def _listening(new: Session, old: Session, rejoining: Rejoining) -> Session:
    """Return *new*; after a rejoin of type 2 the device listens as before."""
    # LoRaWAN 1.1 section 6.2.4.3: type 2 renews keys and address, and no radio parameter.
    if rejoining.kind is not RejoinKind.REKEY:
        return new
    return replace(
        new,
        rx_delay=old.rx_delay,
        rx1_dr_offset=old.rx1_dr_offset,
        rx2_data_rate=old.rx2_data_rate,
        ch_mask=old.ch_mask,
    )


def _told(device: Device, frame: DataFrame) -> Message | Ignored:
    session = device.session
    if session is None or frame.dev_addr != session.dev_addr:
        return Ignored(f"DevAddr {frame.dev_addr} is another device's")
    is_application = session.version is Version.LORAWAN_1_1 and bool(frame.f_port)
    least = session.a_f_cnt_down if is_application else session.n_f_cnt_down
    f_cnt = whole_counter(frame.f_cnt, least)
    acknowledged = session.unacknowledged if FCtrl.ACK in frame.f_ctrl else None
    right = data_mic(
        frame, Direction.DOWN, f_cnt, session.keys, session.version, conf_f_cnt=acknowledged or 0
    )
    if not compare_digest(right, frame.mic):
        return Ignored("the MIC is wrong: forged, damaged, or replayed")
    key = session.keys.nwk_s_enc_key if frame.f_port == 0 else session.keys.app_s_key
    payload = crypt(key, Direction.DOWN, session.dev_addr, f_cnt, frame.frm_payload)
    after = replace(
        session,
        n_f_cnt_down=session.n_f_cnt_down if is_application else f_cnt + 1,
        a_f_cnt_down=f_cnt + 1 if is_application else session.a_f_cnt_down,
        to_acknowledge=f_cnt if frame.mtype.confirmed else session.to_acknowledge,
        unacknowledged=None if FCtrl.ACK in frame.f_ctrl else session.unacknowledged,
    )
    return Message(
        replace(device, session=after),
        f_cnt,
        frame.f_port,
        payload,
        frame,
        acknowledged,
        payload if frame.f_port == 0 else _commands(frame, session, f_cnt),
    )


def _commands(frame: DataFrame, session: Session, f_cnt: int) -> bytes:
    if session.version is Version.LORAWAN_1_0:
        return frame.f_opts
    # The erratum on LoRaWAN 1.1 section 4.3.1.6: the block names the counter that was used.
    which = FOptsCounter.APPLICATION if frame.f_port else FOptsCounter.NETWORK
    key, address = session.keys.nwk_s_enc_key, session.dev_addr
    return crypt_f_opts(key, Direction.DOWN, address, f_cnt, frame.f_opts, which)
