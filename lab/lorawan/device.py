"""Be an end device: ask to join, send uplinks, and understand what comes down.

A `Device` is a frozen value: whoever keeps it keeps its counters. Each function returns what goes
on air together with the device as it is afterwards, to be stored before anything is sent: a
DevNonce or a frame counter that is used twice gives the session away (LoRaWAN 1.1 sections 4.3.1.5
and 6.2.5). Left to others: when a window is (`lab.lorawan.windows`), and what MAC commands mean.
"""

from dataclasses import replace
from enum import Enum

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.lorawan.counters import COUNTER
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    FCtrl,
    JoinRequest,
    MType,
    RejoinKind,
)
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.keys import RootKeys, SessionKeys, Version
from lab.lorawan.security import crypt, crypt_f_opts, data_mic, join_request_mic

MAX_NONCE = 0xFFFF


class Confirmation(Enum):
    """Tell whether the receiver of a frame shall acknowledge it."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Session:
    """Hold what a device knows while it is in a network.

    Attributes:
        dev_addr: its address.
        net_id: who let it in.
        keys: all four.
        version: what the network speaks, which may be less than the device could.
        rx_delay: seconds from the end of an uplink to the first window.
        rx1_dr_offset: how much slower that window is.
        rx2_data_rate: of the second one.
        f_cnt_up: counter of the next uplink.
        n_f_cnt_down: least counter that the next downlink may have; in 1.1 of those without
            application payload.
        a_f_cnt_down: the same, in 1.1, of those with one.
        to_acknowledge: counter of a confirmed downlink that the next uplink acknowledges.
        unacknowledged: counter of a confirmed uplink that nobody has acknowledged yet.
        rj_count_0: of the next Rejoin-Request of type 0 or 2.
        data_rate: that the network wants; None: that of the device.
        ch_mask: bits of the region's channels that it may use; 0: all.
        rx2_frequency: Hz of the second window; 0: that of the region.
        answers: to MAC commands, in the clear, for the next uplink.
    """

    dev_addr: DevAddr
    net_id: NetId
    keys: SessionKeys
    version: Version
    rx_delay: int = 1
    rx1_dr_offset: int = 0
    rx2_data_rate: int = 0
    f_cnt_up: int = 0
    n_f_cnt_down: int = 0
    a_f_cnt_down: int = 0
    to_acknowledge: int | None = None
    unacknowledged: int | None = None
    rj_count_0: int = 0
    data_rate: int | None = None
    ch_mask: int = 0
    rx2_frequency: int = 0
    answers: bytes = b""


@dataclass(frozen=True, slots=True)
class Rejoining:
    """Remember a Rejoin-Request.

    Attributes:
        kind: what was asked.
        count: its RJcount.
    """

    kind: RejoinKind
    count: int


@dataclass(frozen=True, slots=True)
class Device:
    """Hold an end device.

    Attributes:
        dev_eui: its own name.
        join_eui: that of its join server.
        version: what it can speak.
        root: shared with the join server.
        dev_nonce: the next one; a counter, as LoRaWAN 1.0.4 and 1.1 demand.
        join_nonce: the last one that it accepted; -1: none.
        asked: the Join-Request that waits for its answer.
        session: None before the first join. A device that joins anew keeps the old session until
            it is let in (LoRaWAN 1.1 section 6.2.5 has it so for rejoins).
        rj_count_1: of the next Rejoin-Request of type 1.
        rejoining: the Rejoin-Request that waits for its answer, instead of *asked*.
    """

    dev_eui: Eui64
    join_eui: Eui64
    version: Version
    root: RootKeys
    dev_nonce: int = 0
    join_nonce: int = -1
    asked: JoinRequest | None = None
    session: Session | None = None
    rj_count_1: int = 0
    rejoining: Rejoining | None = None


def activated_by_hand(device: Device, session: Session) -> Device:
    """Return *device* with a session that nobody negotiated (ABP, LoRaWAN 1.1 section 6.3).

    Its keys never change, and whoever loses the counters must not reset them: why OTAA is better.
    """
    return replace(device, session=session)


def without_power(device: Device, new: Device) -> Device:
    """Return *device* after its battery was out: what it was when *new*, but for its nonces.

    LoRaWAN 1.1 section 6.1.2 has DevNonce, JoinNonce and RJcount1 in a memory that needs no power,
    and for a device that was activated by hand its frame counters too. Cheap ones save that, so a
    session given by hand begins anew, with the same keys.
    """
    return replace(device, asked=None, rejoining=None, session=new.session)


def join(device: Device) -> tuple[JoinRequest, Device]:
    """Return a Join-Request, and the device that waits for its answer.

    Raises:
        InputError: it has used up its nonces; only new root keys help.
    """
    if device.dev_nonce > MAX_NONCE:
        raise InputError(f"device {device.dev_eui} has used every DevNonce there is")
    bare = JoinRequest(device.join_eui, device.dev_eui, device.dev_nonce)
    request = replace(bare, mic=join_request_mic(bare, device.root.nwk_key))
    after = replace(device, dev_nonce=device.dev_nonce + 1, asked=request, rejoining=None)
    return request, after


@dataclass(frozen=True, slots=True)
class Saying:
    """Say what an uplink shall carry.

    Attributes:
        f_port: 1 to 223, whose the payload is; None: nothing is said.
        payload: in the clear.
        confirmation: whether it is to be acknowledged.
        data_rate: what it is sent with; under the MIC in 1.1.
        channel: the same.
        commands: MAC commands in the clear (see `lab.lorawan.mac_commands`), with those of the
            session that wait at most 15 octets.
        flags: e.g. ADR, if the network may choose the data rate.
    """

    f_port: int | None
    payload: bytes = b""
    confirmation: Confirmation = Confirmation.UNCONFIRMED
    data_rate: int = 0
    channel: int = 0
    commands: bytes = b""
    flags: FCtrl = FCtrl.NONE


def commands_up(session: Session, commands: bytes) -> bytes:
    """Return MAC commands as the next uplink carries them; 1.1 encrypts them (section 4.3.1.6)."""
    if session.version is Version.LORAWAN_1_0:
        return commands
    key, address = session.keys.nwk_s_enc_key, session.dev_addr
    return crypt_f_opts(key, Direction.UP, address, session.f_cnt_up, commands)


def uplink(device: Device, saying: Saying) -> tuple[DataFrame, Device]:
    """Return a data frame, and the device that has sent it.

    Raises:
        InputError: it has not joined.
    """
    session = device.session
    if session is None:
        raise InputError(f"device {device.dev_eui} has not joined any network")
    confirmed = saying.confirmation is Confirmation.CONFIRMED
    acknowledges = session.to_acknowledge
    bare = DataFrame(
        MType.CONFIRMED_UP if confirmed else MType.UNCONFIRMED_UP,
        session.dev_addr,
        saying.flags if acknowledges is None else saying.flags | FCtrl.ACK,
        session.f_cnt_up % COUNTER,
        commands_up(session, session.answers + saying.commands),
        f_port=saying.f_port,
        frm_payload=crypt(
            session.keys.nwk_s_enc_key if saying.f_port == 0 else session.keys.app_s_key,
            Direction.UP,
            session.dev_addr,
            session.f_cnt_up,
            saying.payload,
        ),
    )
    mic = data_mic(
        bare,
        Direction.UP,
        session.f_cnt_up,
        session.keys,
        session.version,
        conf_f_cnt=acknowledges or 0,
        tx_dr=saying.data_rate,
        tx_ch=saying.channel,
    )
    after = replace(
        session,
        f_cnt_up=session.f_cnt_up + 1,
        to_acknowledge=None,
        answers=b"",
        unacknowledged=session.f_cnt_up if confirmed else session.unacknowledged,
    )
    return replace(bare, mic=mic), replace(device, session=after)
