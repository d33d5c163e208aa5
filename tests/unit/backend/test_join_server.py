"""A join server: published answers, who is let in, nonces that never come twice, hidden keys."""

from dataclasses import replace
from typing import Any

import pytest

from lab.backend.device_record import JOIN_NONCES, SESSIONS_KEPT, DeviceHistory, DeviceRecord
from lab.backend.header import AsId, Header, PartyId
from lab.backend.join_messages import (
    AppSKeyAns,
    AppSKeyReq,
    HomeNSAns,
    HomeNSReq,
    JoinAns,
    JoinReq,
    RejoinAns,
    RejoinReq,
)
from lab.backend.join_server import (
    AppSKeyWay,
    Handled,
    JoinServer,
    JoinServerConfig,
    Kek,
    device_of,
)
from lab.backend.message import Message
from lab.backend.results import SUCCESS, ResultCode
from lab.backend.roaming_messages import ProfileReq, PRStopReq
from lab.core.entropy import SeededEntropy
from lab.lorawan.frames import DlSettings, JoinRequest, RejoinKind, RejoinRequest
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.key_envelope import KeyEnvelope, unwrap
from lab.lorawan.keys import RootKeys, derive, join_server_keys
from lab.lorawan.security import Rejoined, join_request_mic, open_join_accept, rejoin_mic

# The examples of brocaar/lorawan (backend/joinserver), whose frames it computes from these.
HOME, JOIN_EUI, DEVICE = (
    NetId(b"\1\2\3"),
    Eui64.from_text("0807060504030201"),
    Eui64.from_text("0102030405060708"),
)
NWK_KEY = bytes.fromhex("01020304050607080102030405060708")
APP = AsId("as.afnic.example")
ANOTHER = NetId(b"\0\5\x0b")
FRAME = bytes.fromhex("00010203040506070808070605040302010201cde6acb8")
CF_LIST = bytes.fromhex("988d8468958400000000000000000000")
NETWORK_KEK, APP_KEK = Kek("010203", bytes(16)), Kek("lora-app-server", bytes(16))
KEKS: dict[PartyId, Kek] = {HOME: NETWORK_KEK, APP: APP_KEK}
OLD = DeviceRecord(
    DEVICE,
    JOIN_EUI,
    RootKeys.of_1_0(NWK_KEY),
    "1.0.2",
    HOME,
    APP,
    history=DeviceHistory(join_nonce=65535),
)
NEW = replace(OLD, root=RootKeys(NWK_KEY, bytes(16)), mac_version="1.1.0")
COUNTING = replace(OLD, mac_version="1.0.4")
HEADER = Header("1.0", HOME, JOIN_EUI, 1234)


def handled(
    request: Message, record: DeviceRecord | None, config: JoinServerConfig | None = None
) -> Handled:
    server = JoinServer(config or JoinServerConfig(keks=KEKS))
    return server.handle(request, record, SeededEntropy("js"))


def join_req(settings: int = 0x15, frame: bytes = FRAME, **changes: Any) -> JoinReq:  # noqa: ANN401 fields of all kinds
    request = JoinReq(
        header=HEADER,
        mac_version="1.0.2",
        phy_payload=frame,
        dev_eui=DEVICE,
        dev_addr=DevAddr(b"\1\2\3\4"),
        dl_settings=DlSettings.pull(settings),
        rx_delay=1,
        cf_list=CF_LIST,
    )
    return replace(request, **changes)


def request_frame(nonce: int, join_eui: Eui64 = JOIN_EUI, device: Eui64 = DEVICE) -> bytes:
    frame = JoinRequest(join_eui, device, nonce)
    return replace(frame, mic=join_request_mic(frame, NWK_KEY)).push()


def code(result: Handled) -> ResultCode:
    """Return why the answer is a refusal; whatever is refused leaves no trace."""
    assert result.record is None
    return result.answer.result.code


def test_the_published_answer_about_a_1_0_device() -> None:
    result = handled(join_req(), replace(OLD, application=APP), JoinServerConfig(AppSKeyWay.CLEAR))
    answer = result.answer
    assert isinstance(answer, JoinAns)
    assert answer.result == SUCCESS
    assert answer.header == Header("1.0", JOIN_EUI, HOME, 1234)
    assert answer.phy_payload.hex() == (
        "2026f4b247f0a5d7e46a720e61c8bccbc5179f4566e185ed6889589bb1a9c68cc0"
    )
    assert answer.nwk_s_key == KeyEnvelope("", bytes.fromhex("df53c35f3034ccced0ff354c70de04df"))
    assert answer.app_s_key == KeyEnvelope("", bytes.fromhex("927b9c911183cffe4cb2ff4b75545f6d"))
    assert answer.f_nwk_s_int_key is answer.s_nwk_s_int_key is answer.nwk_s_enc_key is None


def test_the_published_answer_about_a_1_1_device_with_wrapped_keys() -> None:
    answer = handled(join_req(0x95), NEW).answer
    assert isinstance(answer, JoinAns)
    assert answer.phy_payload.hex() == (
        "20a4c899795a42f5d16067a822c21b379af8aaa301a90d1c60d4cb792cb8eeb0a3"
    )
    published = {
        "f_nwk_s_int_key": ("010203", "5755e6c3241ee7e6646f0ffe87787a002cf9e4b083498f00"),
        "s_nwk_s_int_key": ("010203", "f6b0b81f3d3029125591c0b0b88d76c93b48aca4041685d3"),
        "nwk_s_enc_key": ("010203", "4ee1ecdbbd9752ef6de28c41e9bdae2527cef1f2027f9df7"),
        "app_s_key": ("lora-app-server", "f8d7c9fa37b0d1c6354e6db8e19d9d7ab4e5c7581e9f1e20"),
    }
    for name, (label, key) in published.items():
        assert getattr(answer, name) == KeyEnvelope(label, bytes.fromhex(key)), name
    assert answer.nwk_s_key is None


def test_a_1_1_device_in_a_1_0_network_has_the_keys_of_1_0() -> None:
    answer = handled(join_req(0x15), NEW, JoinServerConfig(AppSKeyWay.CLEAR)).answer
    assert isinstance(answer, JoinAns)
    assert answer.f_nwk_s_int_key is None
    accept = open_join_accept(answer.phy_payload, NEW.root, NEW.version, _pulled(FRAME))
    keys = derive(NEW.root, NEW.version, False, accept.join_nonce, HOME, JOIN_EUI, 0x0102)  # noqa: FBT003 OptNeg
    assert answer.nwk_s_key == KeyEnvelope("", keys.f_nwk_s_int_key)
    assert answer.app_s_key == KeyEnvelope("", keys.app_s_key)


def _pulled(octets: bytes) -> JoinRequest:
    nonce = int.from_bytes(octets[17:19], "little")
    return JoinRequest(JOIN_EUI, DEVICE, nonce, octets[19:])


@pytest.mark.parametrize("record", [OLD, NEW, COUNTING], ids=lambda one: one.mac_version)
def test_a_dev_nonce_that_was_answered_is_never_answered_again(record: DeviceRecord) -> None:
    first = handled(join_req(), record)
    assert first.record is not None
    assert code(handled(join_req(), first.record)) is ResultCode.JOIN_REQ_FAILED
    second = handled(join_req(frame=request_frame(0x0103)), first.record)
    assert second.record is not None
    assert code(handled(join_req(), second.record)) is ResultCode.JOIN_REQ_FAILED


def test_version_1_1_of_the_interfaces_has_a_code_for_a_replay() -> None:
    request = join_req(header=replace(HEADER, protocol_version="1.1"))
    record = handled(request, OLD).record
    assert code(handled(request, record)) is ResultCode.FRAME_REPLAYED


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (OLD, ResultCode.SUCCESS),
        (COUNTING, ResultCode.JOIN_REQ_FAILED),
        (NEW, ResultCode.JOIN_REQ_FAILED),
    ],
)
def test_a_smaller_dev_nonce_is_new_only_where_it_is_random(
    record: DeviceRecord, wanted: ResultCode
) -> None:
    after = handled(join_req(frame=request_frame(500)), record).record
    again = handled(join_req(frame=request_frame(499)), after)
    assert again.answer.result.code is wanted


def test_join_nonces_increase_strictly_and_refusals_use_none() -> None:
    record: DeviceRecord = OLD
    nonces = []
    for dev_nonce in (7, 7, 3, 7, 65535):
        result = handled(join_req(frame=request_frame(dev_nonce)), record)
        if result.record is None:
            continue
        record = result.record
        assert isinstance(result.answer, JoinAns)
        request = JoinRequest(JOIN_EUI, DEVICE, dev_nonce)
        accept = open_join_accept(result.answer.phy_payload, OLD.root, OLD.version, request)
        nonces.append(accept.join_nonce)
    assert nonces == [65536, 65537, 65538]
    assert record.history.join_nonce == 65538


def test_a_device_whose_join_nonces_are_used_up_stays_outside() -> None:
    worn = replace(OLD, history=DeviceHistory(join_nonce=JOIN_NONCES - 2))
    last = handled(join_req(), worn).record
    assert last is not None
    assert last.history.join_nonce == JOIN_NONCES - 1
    refused = handled(join_req(frame=request_frame(1)), last)
    assert code(refused) is ResultCode.JOIN_REQ_FAILED
    assert "no JoinNonce is left" in refused.answer.result.description


@pytest.mark.parametrize(
    ("request_", "record", "wanted"),
    [
        (join_req(), None, ResultCode.UNKNOWN_DEV_EUI),
        (
            join_req(header=replace(HEADER, receiver_id=DEVICE)),
            OLD,
            ResultCode.UNKNOWN_DEV_EUI,
        ),
        (join_req(frame=FRAME[:-1] + b"\0"), OLD, ResultCode.MIC_FAILED),
        (join_req(frame=FRAME[:-1]), OLD, ResultCode.MALFORMED_REQUEST),
        (join_req(frame=b""), OLD, ResultCode.MALFORMED_REQUEST),
        (join_req(frame=b"\x40" + bytes(11)), OLD, ResultCode.MALFORMED_REQUEST),
        (
            join_req(frame=request_frame(1, device=JOIN_EUI)),
            OLD,
            ResultCode.MALFORMED_REQUEST,
        ),
        (join_req(frame=request_frame(1, join_eui=DEVICE)), OLD, ResultCode.JOIN_REQ_FAILED),
        (
            join_req(header=replace(HEADER, sender_id=ANOTHER)),
            OLD,
            ResultCode.ACTIVATION_DISALLOWED,
        ),
        (
            join_req(header=replace(HEADER, sender_id=APP)),
            OLD,
            ResultCode.ACTIVATION_DISALLOWED,
        ),
        (
            ProfileReq(header=HEADER, dev_eui=DEVICE),
            OLD,
            ResultCode.MALFORMED_REQUEST,
        ),
    ],
)
def test_who_is_not_let_in_gets_the_code_for_it(
    request_: Message, record: DeviceRecord | None, wanted: ResultCode
) -> None:
    result = handled(request_, record)
    assert code(result) is wanted
    assert result.answer.result.description


def test_the_app_s_key_is_unreadable_to_the_network_or_left_out() -> None:
    wrapped = handled(join_req(), OLD).answer
    assert isinstance(wrapped, JoinAns)
    assert wrapped.app_s_key is not None
    with pytest.raises(Exception, match="no key-encryption key"):
        unwrap(wrapped.app_s_key, {NETWORK_KEK.label: NETWORK_KEK.key})
    assert len(unwrap(wrapped.app_s_key, {APP_KEK.label: APP_KEK.key})) == 16
    for config in (
        JoinServerConfig(AppSKeyWay.ON_REQUEST, keks=KEKS),
        JoinServerConfig(AppSKeyWay.WRAPPED, keks={HOME: NETWORK_KEK}),
    ):
        left_out = handled(join_req(), OLD, config).answer
        assert isinstance(left_out, JoinAns)
        assert left_out.app_s_key is None
        assert left_out.session_key_id


def key_req(session: bytes, sender: PartyId = APP) -> AppSKeyReq:
    header = replace(HEADER, sender_id=sender)
    return AppSKeyReq(header=header, dev_eui=DEVICE, session_key_id=session)


def test_the_application_server_gets_the_key_when_it_asks() -> None:
    joined = handled(join_req(), OLD)
    assert joined.record is not None
    session = joined.record.history.sessions[0]
    result = handled(key_req(session.session_key_id), joined.record)
    assert isinstance(result.answer, AppSKeyAns)
    assert result.record is None
    assert result.answer.app_s_key is not None
    assert unwrap(result.answer.app_s_key, {APP_KEK.label: APP_KEK.key}) == session.app_s_key
    assert result.answer.session_key_id == session.session_key_id


def test_the_key_of_a_session_is_for_its_application_only() -> None:
    record = handled(join_req(), OLD).record
    assert record is not None
    session_key_id = record.history.sessions[0].session_key_id
    for asker in (HOME, AsId("as.evil.example")):
        assert code(handled(key_req(session_key_id, asker), record)) is ResultCode.UNKNOWN_SENDER
    assert code(handled(key_req(b"none"), record)) is ResultCode.OTHER


def test_only_the_last_sessions_are_kept() -> None:
    record: DeviceRecord | None = OLD
    for nonce in range(SESSIONS_KEPT + 2):
        record = handled(join_req(frame=request_frame(nonce)), record).record
    assert record is not None
    assert len(record.history.sessions) == SESSIONS_KEPT


def home_req(sender: PartyId) -> HomeNSReq:
    return HomeNSReq(header=replace(HEADER, sender_id=sender), dev_eui=DEVICE)


def test_the_home_of_a_device_is_told_to_those_with_an_agreement() -> None:
    agreed = JoinServerConfig(agreements={HOME: frozenset({ANOTHER})})
    for sender in (HOME, ANOTHER):
        answer = handled(home_req(sender), OLD, agreed).answer
        assert isinstance(answer, HomeNSAns)
        assert answer.h_net_id == HOME
    refused = handled(home_req(ANOTHER), OLD)
    assert code(refused) is ResultCode.NO_ROAMING_AGREEMENT


def rejoin_frame(kind: RejoinKind, count: int, key: bytes | None = None) -> bytes:
    home = JOIN_EUI if kind is RejoinKind.ROAM else HOME
    frame = RejoinRequest(kind, home, DEVICE, count)
    js_int_key, _ = join_server_keys(NEW.root, DEVICE)
    return replace(frame, mic=rejoin_mic(frame, key or js_int_key)).push()


def rejoin_req(frame: bytes) -> RejoinReq:
    join = join_req(0x95, frame)
    return RejoinReq(
        header=HEADER,
        mac_version="1.1.0",
        phy_payload=frame,
        dev_eui=DEVICE,
        dev_addr=join.dev_addr,
        dl_settings=join.dl_settings,
        rx_delay=1,
    )


@pytest.mark.parametrize("kind", RejoinKind)
def test_a_device_of_1_1_gets_new_keys_on_rejoining(kind: RejoinKind) -> None:
    result = handled(rejoin_req(rejoin_frame(kind, 9)), NEW)
    assert isinstance(result.answer, RejoinAns)
    home = JOIN_EUI if kind is RejoinKind.ROAM else HOME
    request = Rejoined(RejoinRequest(kind, home, DEVICE, 9), JOIN_EUI)
    accept = open_join_accept(result.answer.phy_payload, NEW.root, NEW.version, request)
    assert accept.join_nonce == NEW.history.join_nonce + 1
    keys = derive(NEW.root, NEW.version, True, accept.join_nonce, HOME, JOIN_EUI, 9)  # noqa: FBT003 OptNeg
    assert result.record is not None
    assert result.record.history.sessions[0].app_s_key == keys.app_s_key


def test_rj_count_1_never_comes_twice() -> None:
    record = handled(rejoin_req(rejoin_frame(RejoinKind.ROAM, 9)), NEW).record
    assert record is not None
    for count in (9, 8):
        result = handled(rejoin_req(rejoin_frame(RejoinKind.ROAM, count)), record)
        assert code(result) is ResultCode.JOIN_REQ_FAILED
    assert handled(rejoin_req(rejoin_frame(RejoinKind.ROAM, 10)), record).record is not None


def test_a_rejoin_with_a_wrong_key_or_of_an_old_device_is_refused() -> None:
    forged = rejoin_req(rejoin_frame(RejoinKind.ROAM, 9, bytes(16)))
    assert code(handled(forged, NEW)) is ResultCode.MIC_FAILED
    honest = rejoin_req(rejoin_frame(RejoinKind.ROAM, 9))
    assert code(handled(honest, OLD)) is ResultCode.JOIN_REQ_FAILED
    assert code(handled(rejoin_req(FRAME), NEW)) is ResultCode.MALFORMED_REQUEST


def test_a_join_server_knows_what_is_for_others() -> None:
    assert device_of(PRStopReq(header=HEADER, dev_eui=DEVICE)) is None
    assert device_of(home_req(HOME)) == DEVICE


def test_keys_of_a_record_do_not_show() -> None:
    record = handled(join_req(), OLD).record
    assert record is not None
    assert NWK_KEY.hex() not in repr(record)
    assert repr(NWK_KEY)[2:-1] not in repr(record)
    assert repr(record.history.sessions[0].app_s_key)[2:-1] not in repr(record)
