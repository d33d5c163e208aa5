"""MICs bind what they must, and a Join-Accept opens for one device only."""

from dataclasses import replace

import pytest

from lab.core.errors import PeerError
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    DlSettings,
    FCtrl,
    JoinAccept,
    JoinRequest,
    MType,
    RejoinKind,
    RejoinRequest,
)
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.keys import RootKeys, SessionKeys, Version
from lab.lorawan.security import (
    Rejoined,
    data_mic,
    forwarding_mic,
    open_join_accept,
    seal_join_accept,
    sealing,
)

V10, V11 = Version.LORAWAN_1_0, Version.LORAWAN_1_1
DEV_EUI, JOIN_EUI = Eui64(b"devicexx"), Eui64(b"joinserv")
NET_ID = NetId.from_text("60050a")
ROOT = RootKeys(b"n" * 16, b"a" * 16)
REQUEST = JoinRequest(JOIN_EUI, DEV_EUI, 7)
REJOINS = [
    Rejoined(RejoinRequest(RejoinKind.RESET, NET_ID, DEV_EUI, 7), JOIN_EUI),
    Rejoined(RejoinRequest(RejoinKind.ROAM, JOIN_EUI, DEV_EUI, 7), JOIN_EUI),
    Rejoined(RejoinRequest(RejoinKind.REKEY, NET_ID, DEV_EUI, 7), JOIN_EUI),
]
ACCEPT = JoinAccept(5, NET_ID, NET_ID.dev_addr(9), DlSettings(opt_neg=True))
KEYS = SessionKeys(b"f" * 16, b"s" * 16, b"e" * 16, b"a" * 16)
FRAME = DataFrame(MType.CONFIRMED_UP, DevAddr(b"addr"), FCtrl.ACK, 1, b"", 3, b"payload")


@pytest.mark.parametrize("request_", [REQUEST, *REJOINS])
def test_a_join_accept_opens_for_the_request_that_it_answers(
    request_: JoinRequest | Rejoined,
) -> None:
    sealed = seal_join_accept(ACCEPT, ROOT, V11, request_)
    assert open_join_accept(sealed, ROOT, V11, request_) == ACCEPT


@pytest.mark.parametrize(
    "other", [replace(REQUEST, dev_nonce=8), replace(REQUEST, join_eui=DEV_EUI), *REJOINS]
)
def test_in_1_1_it_does_not_open_for_another_request(other: JoinRequest | Rejoined) -> None:
    sealed = seal_join_accept(ACCEPT, ROOT, V11, REQUEST)
    with pytest.raises(PeerError, match="the MIC of this Join-Accept is wrong"):
        open_join_accept(sealed, ROOT, V11, other)


def test_the_three_kinds_of_rejoin_have_three_mics() -> None:
    covered = ACCEPT.without_mic()
    mics = {sealing(ROOT, V11, ACCEPT.dl_settings, one).mic(covered) for one in REJOINS}
    assert len(mics) == 3


def test_in_1_0_the_request_is_not_under_the_mic() -> None:
    sealed = seal_join_accept(ACCEPT, ROOT, V10, REQUEST)
    assert open_join_accept(sealed, ROOT, V10, replace(REQUEST, dev_nonce=8)) == ACCEPT


def test_another_device_reads_noise() -> None:
    sealed = seal_join_accept(ACCEPT, ROOT, V10, REQUEST)
    with pytest.raises(PeerError, match="the MIC of this Join-Accept is wrong"):
        open_join_accept(sealed, RootKeys.of_1_0(b"x" * 16), V10, REQUEST)


def test_another_kind_of_frame_is_no_join_accept() -> None:
    with pytest.raises(PeerError, match="this frame is no Join-Accept"):
        open_join_accept(REQUEST.push(), ROOT, V10, REQUEST)


@pytest.mark.parametrize("changed", [{"conf_f_cnt": 9}, {"tx_dr": 1}, {"tx_ch": 1}])
def test_a_1_1_uplink_binds_how_it_was_sent(changed: dict[str, int]) -> None:
    usual = data_mic(FRAME, Direction.UP, 1, KEYS, V11)
    other = data_mic(FRAME, Direction.UP, 1, KEYS, V11, **changed)
    assert usual[:2] != other[:2]
    assert usual[2:] == other[2:]


def test_a_frame_that_acknowledges_nothing_binds_no_other_counter() -> None:
    frame = replace(FRAME, f_ctrl=FCtrl.NONE)
    for direction in Direction:
        usual = data_mic(frame, direction, 1, KEYS, V11)
        assert data_mic(frame, direction, 1, KEYS, V11, conf_f_cnt=9) == usual


def test_the_counter_s_high_bits_are_under_the_mic_though_they_do_not_travel() -> None:
    low, high = (data_mic(FRAME, Direction.UP, f_cnt, KEYS, V10) for f_cnt in (1, 0x10001))
    assert low != high


def test_a_forwarding_network_checks_half_of_an_uplink() -> None:
    whole = data_mic(FRAME, Direction.UP, 1, KEYS, V11, tx_dr=4)
    assert forwarding_mic(FRAME, 1, KEYS.f_nwk_s_int_key) == whole[2:]
