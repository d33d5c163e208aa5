"""An end device joins, speaks and listens; its network is played by hand."""

from dataclasses import replace

import pytest

from lab.core.errors import InputError
from lab.lorawan.device import (
    MAX_NONCE,
    Confirmation,
    Device,
    Saying,
    Session,
    activated_by_hand,
    join,
    uplink,
    without_power,
)
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    DlSettings,
    FCtrl,
    JoinAccept,
    JoinRequest,
    MType,
    RejoinKind,
    pull_frame,
)
from lab.lorawan.hearing import Hearing, Ignored, Joined, Message, hear
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.keys import RootKeys, SessionKeys, Version
from lab.lorawan.rejoining import rejoin
from lab.lorawan.security import Rejoined, crypt, data_mic, join_request_mic, seal_join_accept

EUI = Eui64.from_text("00005e1000001001")
JOIN_EUI = Eui64.from_text("00005e100000002f")
NETWORK = NetId.from_text("00050b")
ADDRESS = NETWORK.dev_addr(7)
ROOT = RootKeys(bytes(range(16)), bytes(range(16, 32)))
VERSIONS = list(Version)
PAYLOAD = b"21.5 degrees"


def device(version: Version = Version.LORAWAN_1_0) -> Device:
    return Device(EUI, JOIN_EUI, version, ROOT)


def accepting(asked: Device, settings: DlSettings | None = None, rx_delay: int = 5) -> bytes:
    """Return the Join-Accept of a join server that knows *asked*."""
    assert asked.asked is not None
    new = asked.version is Version.LORAWAN_1_1
    accept = JoinAccept(1, NETWORK, ADDRESS, settings or DlSettings(new, 1, 3), rx_delay)
    return seal_join_accept(accept, ROOT, asked.version, asked.asked)


def joined(version: Version = Version.LORAWAN_1_0) -> Device:
    _, asked = join(device(version))
    heard = hear(asked, accepting(asked))
    assert isinstance(heard, Joined)
    return heard.device


def session_of(one: Device) -> Session:
    assert one.session is not None
    return one.session


def downlink(to: Device, f_cnt: int, frame: DataFrame, acknowledges: int = 0) -> bytes:
    """Return *frame* as the network sends it."""
    session = session_of(to)
    key = session.keys.app_s_key if frame.f_port else session.keys.nwk_s_enc_key
    payload = crypt(key, Direction.DOWN, session.dev_addr, f_cnt, frame.frm_payload)
    bare = replace(frame, f_cnt=f_cnt & 0xFFFF, frm_payload=payload)
    mic = data_mic(
        bare, Direction.DOWN, f_cnt, session.keys, session.version, conf_f_cnt=acknowledges
    )
    return replace(bare, mic=mic).push()


def message(heard: Hearing) -> Message:
    assert isinstance(heard, Message), heard
    return heard


DATA = DataFrame(MType.UNCONFIRMED_DOWN, ADDRESS, FCtrl.NONE, 0, f_port=5, frm_payload=PAYLOAD)


def test_a_join_request_proves_the_root_key_and_never_repeats_a_nonce() -> None:
    first, after = join(device())
    second, _ = join(after)
    assert pull_frame(first.push()) == first
    assert first.mic == join_request_mic(first, ROOT.nwk_key)
    assert (first.dev_nonce, second.dev_nonce) == (0, 1)


def test_a_device_without_nonces_asks_no_more() -> None:
    with pytest.raises(InputError, match="every DevNonce"):
        join(replace(device(), dev_nonce=MAX_NONCE + 1))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_join_accept_begins_a_session(version: Version) -> None:
    session = session_of(joined(version))
    assert (session.dev_addr, session.net_id, session.version) == (ADDRESS, NETWORK, version)
    assert (session.rx_delay, session.rx1_dr_offset, session.rx2_data_rate) == (5, 1, 3)
    in_1_0 = session.keys.s_nwk_s_int_key == session.keys.f_nwk_s_int_key
    assert in_1_0 is (version is Version.LORAWAN_1_0)


def test_a_device_of_1_1_speaks_1_0_in_an_old_network() -> None:
    _, asked = join(device(Version.LORAWAN_1_1))
    heard = hear(asked, accepting(asked, DlSettings()))
    assert isinstance(heard, Joined)
    assert session_of(heard.device).version is Version.LORAWAN_1_0


def test_rx_delay_0_means_one_second() -> None:
    _, asked = join(device())
    heard = hear(asked, accepting(asked, rx_delay=0))
    assert isinstance(heard, Joined)
    assert session_of(heard.device).rx_delay == 1


def test_a_join_accept_for_another_device_is_ignored() -> None:
    _, asked = join(device())
    other = replace(asked, root=RootKeys.of_1_0(bytes(16)))
    assert isinstance(hear(other, accepting(asked)), Ignored)


def test_nobody_is_let_in_who_has_not_asked() -> None:
    _, asked = join(device())
    octets = accepting(asked)
    assert isinstance(hear(joined(), octets), Ignored)


def test_a_replayed_join_accept_is_ignored() -> None:
    _, asked = join(replace(joined(Version.LORAWAN_1_1), dev_nonce=0))
    heard = hear(asked, accepting(asked))
    assert isinstance(heard, Ignored)
    assert "JoinNonce" in heard.reason


def test_the_old_session_stays_until_the_device_is_let_in_anew() -> None:
    before = joined()
    _, asked = join(before)
    assert asked.session == before.session


@pytest.mark.parametrize("version", VERSIONS)
def test_an_uplink_is_read_by_who_has_the_keys(version: Version) -> None:
    before = joined(version)
    session = session_of(before)
    saying = Saying(5, PAYLOAD, Confirmation.CONFIRMED, data_rate=5, channel=2)
    frame, after = uplink(before, saying)
    right = data_mic(frame, Direction.UP, 0, session.keys, version, tx_dr=5, tx_ch=2)
    assert frame.mic == right
    assert frame.mtype is MType.CONFIRMED_UP
    clear = crypt(session.keys.app_s_key, Direction.UP, ADDRESS, 0, frame.frm_payload)
    assert clear == PAYLOAD
    assert session_of(after).f_cnt_up == 1
    assert session_of(after).unacknowledged == 0


def test_the_counter_on_air_wraps_while_that_under_the_mic_goes_on() -> None:
    far = replace(session_of(joined()), f_cnt_up=0x1_0002)
    frame, _ = uplink(replace(joined(), session=far), Saying(1, b"x"))
    assert frame.f_cnt == 2
    assert frame.mic == data_mic(frame, Direction.UP, 0x1_0002, far.keys, far.version)


def test_a_device_that_has_not_joined_has_nobody_to_speak_to() -> None:
    with pytest.raises(InputError, match="has not joined"):
        uplink(device(), Saying(1, b"x"))


@pytest.mark.parametrize("kind", RejoinKind)
def test_a_device_rejoins_and_has_new_keys(kind: RejoinKind) -> None:
    before = joined(Version.LORAWAN_1_1)
    request, asking = rejoin(before, kind)
    assert request.rj_count == 0
    again, _ = rejoin(asking, kind)
    assert again.rj_count == 1
    accept = JoinAccept(2, NETWORK, ADDRESS, DlSettings(opt_neg=True, rx2_data_rate=5), 9)
    rejoined = Rejoined(request, JOIN_EUI)
    heard = hear(asking, seal_join_accept(accept, ROOT, Version.LORAWAN_1_1, rejoined))
    assert isinstance(heard, Joined)
    old, new = session_of(before), session_of(heard.device)
    assert new.keys != old.keys
    # Type 2 changes no radio parameter.
    listens = (new.rx_delay, new.rx2_data_rate)
    assert listens == ((5, 3) if kind is RejoinKind.REKEY else (9, 5))
    # RJcount0 begins anew with each session, RJcount1 never.
    after, _ = rejoin(heard.device, kind)
    assert after.rj_count == (kind is RejoinKind.ROAM)


def test_an_old_answer_to_a_rejoin_request_is_none_to_the_next() -> None:
    request, asking = rejoin(joined(Version.LORAWAN_1_1), RejoinKind.RESET)
    _, asking = rejoin(asking, RejoinKind.RESET)
    accept = JoinAccept(2, NETWORK, ADDRESS, DlSettings(opt_neg=True))
    sealed = seal_join_accept(accept, ROOT, Version.LORAWAN_1_1, Rejoined(request, JOIN_EUI))
    assert isinstance(hear(asking, sealed), Ignored)


@pytest.mark.parametrize("one", [device(Version.LORAWAN_1_1), joined()], ids=["none", "1.0"])
def test_who_has_no_session_of_1_1_does_not_rejoin(one: Device) -> None:
    with pytest.raises(InputError, match=r"no session of LoRaWAN 1\.1"):
        rejoin(one, RejoinKind.RESET)


def test_a_session_given_by_hand_works_like_another_one() -> None:
    by_hand = activated_by_hand(device(), session_of(joined()))
    saying = Saying(1, b"x")
    assert uplink(by_hand, saying)[0] == uplink(joined(), saying)[0]


def test_a_device_that_was_without_power_joins_with_a_nonce_that_is_new() -> None:
    before = joined()
    after = without_power(before, device())
    assert after.session is None
    assert join(after)[0].dev_nonce == before.dev_nonce
    assert after.join_nonce == before.join_nonce


def test_a_session_given_by_hand_begins_anew_without_power_and_gives_payloads_away() -> None:
    new = activated_by_hand(device(), session_of(joined()))
    first, after = uplink(new, Saying(1, b"open"))
    again, _ = uplink(without_power(after, new), Saying(1, b"shut"))
    assert first.f_cnt == again.f_cnt
    # The same stream of AES lies under both.
    difference = bytes(a ^ b for a, b in zip(first.frm_payload, again.frm_payload, strict=True))
    assert difference == bytes(a ^ b for a, b in zip(b"open", b"shut", strict=True))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_downlink_is_read_and_counted(version: Version) -> None:
    before = joined(version)
    heard = message(hear(before, downlink(before, 3, DATA)))
    assert (heard.f_cnt, heard.f_port, heard.payload) == (3, 5, PAYLOAD)
    session = session_of(heard.device)
    is_new = version is Version.LORAWAN_1_1
    assert (session.n_f_cnt_down, session.a_f_cnt_down) == ((0, 4) if is_new else (4, 0))


def test_a_replayed_downlink_is_ignored() -> None:
    before = joined()
    octets = downlink(before, 3, DATA)
    after = message(hear(before, octets)).device
    assert isinstance(hear(after, octets), Ignored)


def test_a_downlink_with_one_octet_changed_is_ignored() -> None:
    before = joined()
    octets = bytearray(downlink(before, 0, DATA))
    octets[-6] ^= 1
    assert isinstance(hear(before, bytes(octets)), Ignored)


def test_what_is_for_another_address_is_ignored() -> None:
    before = joined()
    other = replace(DATA, dev_addr=DevAddr.from_text("ffffffff"))
    assert isinstance(hear(before, downlink(before, 0, other)), Ignored)


@pytest.mark.parametrize("octets", [b"", b"\x40", b"\xff" * 20, JoinRequest(EUI, EUI, 1).push()])
def test_noise_is_ignored(octets: bytes) -> None:
    assert isinstance(hear(joined(), octets), Ignored)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_acknowledgement_is_for_the_confirmed_uplink(version: Version) -> None:
    _, before = uplink(joined(version), Saying(5, PAYLOAD))
    _, before = uplink(before, Saying(5, PAYLOAD, Confirmation.CONFIRMED))
    ack = DataFrame(MType.UNCONFIRMED_DOWN, ADDRESS, FCtrl.ACK, 0)
    heard = message(hear(before, downlink(before, 0, ack, acknowledges=1)))
    assert heard.acknowledges == 1
    assert session_of(heard.device).unacknowledged is None


@pytest.mark.parametrize("version", VERSIONS)
def test_the_next_uplink_acknowledges_a_confirmed_downlink(version: Version) -> None:
    before = joined(version)
    confirmed = replace(DATA, mtype=MType.CONFIRMED_DOWN)
    after = message(hear(before, downlink(before, 9, confirmed))).device
    frame, later = uplink(after, Saying(1, b"x"))
    session = session_of(after)
    assert FCtrl.ACK in frame.f_ctrl
    right = data_mic(frame, Direction.UP, 0, session.keys, version, conf_f_cnt=9)
    assert frame.mic == right
    assert FCtrl.ACK not in uplink(later, Saying(1, b"x"))[0].f_ctrl


def test_no_key_is_shown() -> None:
    keys = SessionKeys(*(bytes([number]) * 16 for number in range(4)))
    one = replace(joined(), session=replace(session_of(joined()), keys=keys))
    assert "\\x03" not in repr(one)
    assert ROOT.nwk_key.hex() not in repr(one)
