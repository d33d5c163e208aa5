"""Take data frames of devices that are at home here (LoRaWAN 1.1 sections 4.3 and 4.4).

The MIC finds the session, and with it the whole counter; what is wrong or was there before goes no
further. The counter is on disk before anybody hears of the frame. Payloads go on, encrypted as they
are, to the application server; whatever is to be said to the device goes into the first window.
"""

from dataclasses import replace
from hmac import compare_digest

from lab.backend.adaptation import noted, wishes
from lab.backend.arrivals import Arrival, metadata_of
from lab.backend.commands import answers_to
from lab.backend.downlinks import downlink_metadata, header_to, send_down
from lab.backend.needs import Keep, SessionsAt, Working, asked, session_of
from lab.backend.network import Ground, NetworkSession, Windows, candidates
from lab.backend.network_rules import MIC_RIGHT
from lab.backend.reports import report_of
from lab.backend.roaming_messages import XmitDataReq
from lab.backend.visits import end_visits
from lab.core.checks import Outcome, Report, broken, check
from lab.core.frozen import dataclass
from lab.lorawan.counters import COUNTER, whole_counter
from lab.lorawan.data_frames import MAX_F_OPTS
from lab.lorawan.frames import DataFrame, Direction, FCtrl, MType
from lab.lorawan.keys import Version
from lab.lorawan.regions import RECEIVE_DELAY_S, Region
from lab.lorawan.security import FOptsCounter, crypt_f_opts, data_mic


@dataclass(frozen=True, slots=True)
class Recognised:
    """Hold a frame with the session that it belongs to.

    Attributes:
        session: as it was before.
        f_cnt: all 32 bits.
        repeated: whether it is the last frame once more, because its device heard no answer.
    """

    session: NetworkSession
    f_cnt: int
    repeated: bool = False


def take_data(frame: DataFrame, arrival: Arrival, ground: Ground) -> Working[Report]:
    """Do everything about a data frame of a device of this network."""
    title = f"uplink {frame.f_cnt} of {frame.dev_addr}"
    sessions = yield SessionsAt(frame.dev_addr)
    assert isinstance(sessions, tuple), "SessionsAt is replied to by a tuple"
    found = recognise(frame, arrival, sessions, ground.network.region)
    if found is None:
        failed = broken(MIC_RIGHT, title, sessions=len(sessions))
        return Report(title, Outcome.FAILED, "dropped", (failed,))
    good = check(
        MIC_RIGHT,
        holds=True,
        subject=title,
        dev_eui=found.session.dev_eui,
        f_cnt=found.f_cnt,
    )
    counted, region = _counted(found, frame), ground.network.region
    commands = _commands(frame, found)
    yield Keep(counted if found.repeated else noted(counted, frame, arrival, commands, region))
    parts = []
    if frame.f_port and not found.repeated:
        parts.append((yield from _deliver(frame, arrival, found, ground)))
    parts += yield from _answer(frame, arrival, found, ground)
    parts += yield from end_visits(found.session.dev_eui, ground)
    said = "once more" if found.repeated else "taken"
    return Report(title, conclusion=said, checks=(good,), parts=tuple(parts))


def recognise(
    frame: DataFrame, arrival: Arrival, sessions: tuple[NetworkSession, ...], region: Region
) -> Recognised | None:
    """Return the session whose keys made the MIC of *frame*; None: none of *sessions*."""
    for session in (one for each in sessions for one in candidates(each)):
        new = Recognised(session, whole_counter(frame.f_cnt, session.f_cnt_up))
        # A device repeats a confirmed uplink, counter and all, until it is acknowledged.
        last = Recognised(session, session.f_cnt_up - 1, repeated=True)
        for one in (new, last):
            if one.f_cnt >= 0 and compare_digest(_mic(frame, arrival, one, region), frame.mic):
                return one
    return None


def _mic(frame: DataFrame, arrival: Arrival, one: Recognised, region: Region) -> bytes:
    session = one.session
    acknowledged = session.unacknowledged if FCtrl.ACK in frame.f_ctrl else None
    return data_mic(
        frame,
        Direction.UP,
        one.f_cnt,
        session.keys,
        session.version,
        conf_f_cnt=acknowledged or 0,
        tx_dr=arrival.data_rate,
        tx_ch=channel_of(arrival.frequency, region),
    )


def channel_of(frequency: int, region: Region) -> int:
    """Return the number of the channel at *frequency*; 0 if the region does not know it."""
    return region.channels.index(frequency) if frequency in region.channels else 0


def _counted(found: Recognised, frame: DataFrame) -> NetworkSession:
    acknowledged = FCtrl.ACK in frame.f_ctrl
    return replace(
        found.session,
        f_cnt_up=found.f_cnt + 1,
        unacknowledged=None if acknowledged else found.session.unacknowledged,
    )


def _deliver(
    frame: DataFrame, arrival: Arrival, found: Recognised, ground: Ground
) -> Working[Report]:
    """Hand the payload to the application server, with what it needs to decrypt it."""
    session = found.session
    metadata = replace(
        metadata_of(arrival, ground),
        dev_eui=session.dev_eui,
        dev_addr=session.dev_addr,
        f_port=frame.f_port,
        f_cnt_up=found.f_cnt,
        f_cnt_down=session.application_f_cnt_down,
        confirmed=frame.mtype.confirmed,
    )
    request = XmitDataReq(
        header=header_to(session.application, ground),
        frm_payload=frame.frm_payload,
        ul_metadata=metadata,
        app_s_key=session.app_s_key,
        session_key_id=session.session_key_id,
    )
    reply = yield from asked(session.application, request)
    return report_of(reply, f"application server {session.application}")


def _answer(
    frame: DataFrame, arrival: Arrival, found: Recognised, ground: Ground
) -> Working[tuple[Report, ...]]:
    """Send a downlink if there is anything to say."""
    region = ground.network.region
    said = answers_to(_commands(frame, found), arrival, region)
    # The application server may have left a payload meanwhile, or the device may have joined again:
    # then it listens no longer to who answers in the old session.
    session = yield from session_of(found.session.dev_eui)
    if session is None or session.keys != found.session.keys:
        return ()
    wished = b"" if found.repeated else wishes(session, region)
    answers = said + wished if len(said + wished) <= MAX_F_OPTS else said
    wanted = frame.mtype.confirmed or FCtrl.ADR_ACK_REQ in frame.f_ctrl or answers
    if not (wanted or session.waiting):
        return ()
    if wished:
        session = replace(session, margins=())
    acknowledges = found.f_cnt if frame.mtype.confirmed else None
    octets, after = downlink(session, acknowledges, answers)
    yield Keep(after)
    # Who repeats itself has not heard the first window, or nothing came in it.
    windows = Windows.SECOND if found.repeated else None
    metadata = downlink_metadata(arrival, RECEIVE_DELAY_S, ground, windows)
    return ((yield from send_down(arrival, octets, metadata, ground)),)


def _commands(frame: DataFrame, found: Recognised) -> bytes:
    """Return the MAC commands of an uplink in the clear."""
    session = found.session
    if session.version is Version.LORAWAN_1_0 or not frame.f_opts:
        return frame.f_opts
    key = session.keys.nwk_s_enc_key
    return crypt_f_opts(key, Direction.UP, session.dev_addr, found.f_cnt, frame.f_opts)


def downlink(
    session: NetworkSession, acknowledges: int | None, answers: bytes
) -> tuple[bytes, NetworkSession]:
    """Return the next downlink, and the session after it.

    Args:
        session: of the device; what waits in it goes along if its counter is still right.
        acknowledges: counter of the confirmed uplink that is acknowledged; None: none.
        answers: MAC commands, at most 15 octets.
    """
    waiting = session.waiting
    if waiting is not None and waiting.f_cnt != session.application_f_cnt_down:
        waiting = None
    is_1_1 = session.version is Version.LORAWAN_1_1
    f_cnt = session.n_f_cnt_down if waiting is None else session.application_f_cnt_down
    which = FOptsCounter.NETWORK if waiting is None else FOptsCounter.APPLICATION
    key, address = session.keys.nwk_s_enc_key, session.dev_addr
    confirmed = waiting is not None and waiting.confirmed
    bare = DataFrame(
        MType.CONFIRMED_DOWN if confirmed else MType.UNCONFIRMED_DOWN,
        address,
        FCtrl.NONE if acknowledges is None else FCtrl.ACK,
        f_cnt % COUNTER,
        crypt_f_opts(key, Direction.DOWN, address, f_cnt, answers, which) if is_1_1 else answers,
        None if waiting is None else waiting.f_port,
        b"" if waiting is None else waiting.payload,
    )
    mic = data_mic(
        bare,
        Direction.DOWN,
        f_cnt,
        session.keys,
        session.version,
        conf_f_cnt=acknowledges or 0,
    )
    counts_application = is_1_1 and waiting is not None
    after = replace(
        session,
        n_f_cnt_down=session.n_f_cnt_down + (not counts_application),
        a_f_cnt_down=session.a_f_cnt_down + counts_application,
        waiting=None,
        unacknowledged=f_cnt if confirmed else session.unacknowledged,
    )
    return replace(bare, mic=mic).push(), after
