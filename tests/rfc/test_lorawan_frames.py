"""Frames, MICs and keys of LoRaWAN 1.0 and 1.1, as three other implementations publish them.

Sources: brocaar/lorawan `phypayload_test.go`, `backend/joinserver/joinserver_test.go` (B), The
Things Stack `pkg/crypto/*_test.go` (T), lora-packet `__tests__` (L). What those get wrong (rejoin
keys of B, keys without OptNeg of L) is not here.
"""

import pytest

from lab.lorawan.frames import (
    DataFrame,
    Direction,
    DlSettings,
    JoinAccept,
    JoinRequest,
    RejoinRequest,
    pull_frame,
)
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.keys import RootKeys, SessionKeys, Version, derive, join_server_keys
from lab.lorawan.security import (
    FOptsCounter,
    crypt,
    crypt_f_opts,
    data_mic,
    join_request_mic,
    open_join_accept,
    rejoin_mic,
    seal_join_accept,
)

V10, V11 = Version.LORAWAN_1_0, Version.LORAWAN_1_1
NO_OPT_NEG, OPT_NEG = False, True


def key(text: str) -> bytes:
    return bytes.fromhex(text)


def session(f_nwk: str, s_nwk: str = "", enc: str = "") -> SessionKeys:
    return SessionKeys(key(f_nwk), key(s_nwk or f_nwk), key(enc or f_nwk), b"")


# Source, key, JoinEUI, DevEUI, DevNonce, the frame with its MIC.
JOIN_REQUESTS = [
    ("B", "01" * 16, "0102030401020304", "0203040502030405", 4141,
     "00040302010403020105040302050403022d106a990e12"),
    ("B", "0102030405060708090a0b0c0d0e0f10", "01" * 8, "02" * 8, 771,
     "0001010101010101010202020202020202030309b97b32"),
    ("T", "01" * 16, "0102030405060708", "0102030405060708", 258,
     "00080706050403020108070605040302010201e6e10c55"),
    ("L", "98929b92c49edba9676d646d3b612456", "aa13693363343639", "3331383274356905", 35076,
     "0039363463336913aa05693574323831330489c65b1304"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "secret", "join_eui", "dev_eui", "nonce", "octets"), JOIN_REQUESTS
)
def test_a_join_request_is_made_and_read(
    source: str, secret: str, join_eui: str, dev_eui: str, nonce: int, octets: str
) -> None:
    frame = pull_frame(bytes.fromhex(octets))
    assert isinstance(frame, JoinRequest), source
    assert frame == JoinRequest(
        Eui64.from_text(join_eui), Eui64.from_text(dev_eui), nonce, frame.mic
    )
    assert frame.mic == join_request_mic(frame, key(secret))
    assert frame.push().hex() == octets


REJOIN_REQUESTS = [
    ("B", "00" * 16, "c0020302010807060504030201db00", "3c8642ae"),
    ("B", "00" * 16, "c0010807060504030201100f0e0d0c0b0a09db00", "eac31072"),
    ("T", "01" * 16, "c00003020108070605040302010201", "11da47bd"),
    ("T", "01" * 16, "c001080706050403020108070605040302010201", "67f9abe7"),
    ("T", "01" * 16, "c00203020108070605040302010201", "2b459cf0"),
]


@pytest.mark.parametrize(("source", "secret", "covered", "mic"), REJOIN_REQUESTS)
def test_a_rejoin_request_is_read_and_its_mic_made(
    source: str, secret: str, covered: str, mic: str
) -> None:
    frame = pull_frame(bytes.fromhex(covered + mic))
    assert isinstance(frame, RejoinRequest), source
    assert frame.push().hex() == covered + mic
    assert rejoin_mic(frame, key(secret)).hex() == mic


# Source, key, JoinNonce, NetID, DevAddr, RxDelay, the sealed frame.
JOIN_ACCEPTS = [
    ("B", "00112233445566778899aabbccddeeff", 5704647, "221101", "02031980", 0,
     "20493eeb51fba2116f810edb3742975142"),
    ("B", "0102030405060708090a0b0c0d0e0f10", 65793, "020202", "01020304", 0,
     "2023cf335489aae3183c0be0baa8dee5f3"),
    ("T", "01" * 16, 66051, "010203", "01020304", 1, "20c9fbb259e11649096a568a9e3b7117c3"),
    ("L", "00" * 16, 0, "000000", "00000000", 0, "20e3de108795f776b8037610ef7869b5b3"),
]  # fmt: skip


@pytest.mark.parametrize("row", JOIN_ACCEPTS)
def test_a_join_accept_of_1_0_is_sealed_and_opened(
    row: tuple[str, str, int, str, str, int, str],
) -> None:
    source, secret, nonce, net_id, dev_addr, delay, octets = row
    root = RootKeys.of_1_0(key(secret))
    request = JoinRequest(Eui64(bytes(8)), Eui64(bytes(8)), 0)
    accept = JoinAccept(
        nonce, NetId.from_text(net_id), DevAddr.from_text(dev_addr), DlSettings(), delay
    )
    assert seal_join_accept(accept, root, V10, request).hex() == octets, source
    assert open_join_accept(bytes.fromhex(octets), root, V10, request) == accept


def test_a_join_accept_with_channels_is_sealed_and_opened() -> None:
    # B: joinserver_test.go, valid join-request of LoRaWAN 1.0 and of 1.1.
    root = RootKeys(key("01020304050607080102030405060708"), bytes(16))
    request = JoinRequest(
        Eui64.from_text("0807060504030201"), Eui64.from_text("0102030405060708"), 258
    )
    channels = bytes.fromhex("988d8468958400000000000000000000")
    for version, opt_neg, octets in (
        (V10, False, "2026f4b247f0a5d7e46a720e61c8bccbc5179f4566e185ed6889589bb1a9c68cc0"),
        (V11, True, "20a4c899795a42f5d16067a822c21b379af8aaa301a90d1c60d4cb792cb8eeb0a3"),
    ):
        accept = JoinAccept(
            65536,
            NetId.from_text("010203"),
            DevAddr.from_text("01020304"),
            DlSettings(opt_neg=opt_neg, rx1_dr_offset=1, rx2_data_rate=5),
            1,
            channels,
        )
        assert seal_join_accept(accept, root, version, request).hex() == octets
        assert open_join_accept(bytes.fromhex(octets), root, version, request) == accept


# Source, AppKey, DevNonce, JoinNonce, NetID, NwkSKey, AppSKey.
SESSION_KEYS_1_0 = [
    ("B", "01020304050607080102030405060708", 258, 65536, "010203",
     "df53c35f3034ccced0ff354c70de04df", "927b9c911183cffe4cb2ff4b75545f6d"),
    ("T", "bec499c69e9c939e413b663961636c61", 29545, 11418396, "020101",
     "0db924ee6af90698e05fc7ce48303c01", "8c1e0543a229088de6f84e74bb46bd62"),
    ("L", "98929b92c49edba9676d646d3b612456", 61838, 3629880, "aabbcc",
     "4e3d6e6afbcc67af2ba3c8e8ec4acf4b", "610897aa6f1460623443b527d3ac6a9d"),
]  # fmt: skip


@pytest.mark.parametrize("row", SESSION_KEYS_1_0)
def test_session_keys_of_1_0(row: tuple[str, str, int, int, str, str, str]) -> None:
    source, app_key, dev_nonce, join_nonce, net_id, nwk_s_key, app_s_key = row
    keys = derive(
        RootKeys.of_1_0(key(app_key)),
        V10,
        NO_OPT_NEG,
        join_nonce,
        NetId.from_text(net_id),
        Eui64(bytes(8)),
        dev_nonce,
    )
    assert keys == SessionKeys.of_1_0(key(nwk_s_key), key(app_s_key)), source


# Source, NwkKey, AppKey, JoinEUI, DevNonce, JoinNonce, the four keys.
SESSION_KEYS_1_1 = [
    ("B", "01020304050607080102030405060708", "00" * 16, "0807060504030201", 258, 65536,
     ("537f8aae896c79e015d102d06286354e", "589498993092cfdb5fd2e02ac7510bf1",
      "9898283c4f66eb6c6fd5165882046c40", "01621215d1ca08febf0c602cc2ad90fa")),
    ("T", "bec499c69e9c939e413b663961636c61", "bec499c69e9c939e413b663961636c61",
     "0000001223224242", 29545, 11418396,
     ("379084e7ce22ff191bff4b77536f2aa3", "63c59309d53485bc5164dbf71627aeb9",
      "ce07a009a3970ac0519a099ed53e550b", "b035cce24e4a040eb5cecbf21724412d")),
    ("L", "00000000000000000000000000000001", "01000000000000000000000000000001",
     "0000000000000001", 59586, 3,
     ("bbd966509be6435f4bcb63acc310466a", "dea9e621c747af79a65f82dcaed92a99",
      "c8eefda7400395c94ab072e9c353b29d", "eb45a0a167b6f1cccb9a678d761c0b03")),
]  # fmt: skip


@pytest.mark.parametrize("row", SESSION_KEYS_1_1)
def test_session_keys_of_1_1(row: tuple[str, str, str, str, int, int, tuple[str, ...]]) -> None:
    source, nwk_key, app_key, join_eui, dev_nonce, join_nonce, wanted = row
    keys = derive(
        RootKeys(key(nwk_key), key(app_key)),
        V11,
        OPT_NEG,
        join_nonce,
        NetId(bytes(3)),
        Eui64.from_text(join_eui),
        dev_nonce,
    )
    assert keys == SessionKeys(*map(key, wanted)), source


@pytest.mark.parametrize(
    ("nwk_key", "dev_eui", "js_int_key", "js_enc_key"),
    [
        ("bec499c69e9c939e413b663961636c61", "0042004213424341",
         "cb8e9ee114c3fb5ce472a5aa13ab1855", "bb711eefb9829b4a75866f8616bacd6d"),
        ("089234b089c2d8490edf8c9f9b8e8f9c", "0123456789abcdef",
         "bd147194430d6fec1351a327ee40e264", "8c61658dc01ee8add0c0becf90d2dc50"),
    ],
)  # fmt: skip
def test_keys_of_the_join_server(
    nwk_key: str, dev_eui: str, js_int_key: str, js_enc_key: str
) -> None:
    keys = join_server_keys(RootKeys(key(nwk_key), bytes(16)), Eui64.from_text(dev_eui))
    assert keys == (key(js_int_key), key(js_enc_key))


LONG = (
    "40f17dbe490004000155332de41a11adc072553544429ce7787707d1c316e027e7e5e334263376affb8aa17ad3"
    "0075293f28dea8a20af3c5e7"
)
# Source, NwkSKey, key of the payload, FCnt, the frame, what the payload hides.
DATA_1_0 = [
    ("B", "02" * 16, "01" * 16, 1, "400403020180010001a694642615d6c3b582", b"hello"),
    ("B", "01" * 16, "01" * 16, 0, "4004030201030000020305016a3798f5b64dc039", b"\1\2\3\4"),
    ("B", "01" * 16, "01" * 16, 0, "40040302010000000069369eee6aa508", b"\2\3\5"),
    ("B", "0102030405060708090a0b0c0d0e0f10", "100f0e0d0c0b0a090807060504030201", 0,
     "80040302010300000673070ae264d4f7e117d2c0", b"\1\2\3\4"),
    ("L", "44024241ed4ce9a68c6a8bc055233fd3", "ec925802ae430ca77fd3dd73cb2cc588", 2,
     "40f17dbe4900020001954378762b11ff0d", b"test"),
    ("L", "44024241ed4ce9a68c6a8bc055233fd3", "ec925802ae430ca77fd3dd73cb2cc588", 4,
     LONG, b"The quick brown fox jumps over the lazy dog."),
    ("L", "44024241ed4ce9a68c6a8bc055233fd3", "00" * 16, 3, "40f17dbe49000300012a3518af", b""),
    ("L", "44024241ed4ce9a68c6a8bc055233fd3", "00" * 16, 2, "60f17dbe4920020001f9d65d27", b""),
    ("L", "581c4d08ef04cda30b1fef7a8b2c74b8", "00" * 16, 116, "4006dc00fcc07400000244925050",
     None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "nwk_s_key", "payload_key", "f_cnt", "octets", "plain"), DATA_1_0
)
def test_a_data_frame_of_1_0(
    source: str, nwk_s_key: str, payload_key: str, f_cnt: int, octets: str, plain: bytes | None
) -> None:
    frame = pull_frame(bytes.fromhex(octets))
    assert isinstance(frame, DataFrame), source
    assert frame.push().hex() == octets
    assert data_mic(frame, frame.direction, f_cnt, session(nwk_s_key), V10) == frame.mic
    if plain is not None:
        opened = crypt(key(payload_key), frame.direction, frame.dev_addr, f_cnt, frame.frm_payload)
        assert opened == plain


# Source, FNwkSIntKey, SNwkSIntKey, FCnt, ConfFCnt, data rate, channel, what is covered, MIC.
DATA_1_1 = [
    ("B", "02" * 15 + "03", "02" * 16, 1, 0, 2, 3, "400403020180010001a694642615", "7612366a"),
    ("B", "02" * 15 + "03", "02" * 16, 1, 1, 2, 3, "4004030201a0010001a694642615", "f842c4b9"),
    ("B", "02" * 15 + "03", "02" * 16, 0, 0, 2, 3, "40040302010000000069369e", "fa931bd7"),
    ("B", "", "02" * 16, 0, 0, 0, 0, "6004030201030000dfb4f1", "e24f1f9f"),
    ("B", "", "02" * 16, 0, 0, 0, 0, "600403020103000002070101", "77701ea3"),
    ("T", "01" * 16, "01" * 16, 1, 0, 0, 0, "40040302010001000101020304", "3b073b07"),
    ("L", "e163635133105cc690cb2d57ba9c31b9", "05ec7c795b2f0b5bcdfa710db52b9d8f", 0, 0, 0, 1,
     "40736310e080000000c86c", "36165131"),
    ("L", "07c105892e1bbb7f7101d13a5f78249b", "f9162a2fcf6e70867cee523249282844", 0, 0, 0, 1,
     "40679810e080000000c2c5", "248de748"),
]  # fmt: skip


@pytest.mark.parametrize("row", DATA_1_1)
def test_the_mic_of_a_data_frame_of_1_1(
    row: tuple[str, str, str, int, int, int, int, str, str],
) -> None:
    source, f_nwk, s_nwk, f_cnt, conf, rate, channel, covered, mic = row
    frame = pull_frame(bytes.fromhex(covered + "00000000"))
    assert isinstance(frame, DataFrame), source
    keys = session(f_nwk or s_nwk, s_nwk)
    computed = data_mic(
        frame, frame.direction, f_cnt, keys, V11, conf_f_cnt=conf, tx_dr=rate, tx_ch=channel
    )
    assert computed.hex() == mic


# Source, NwkSEncKey, direction, DevAddr, counter, FCnt, plain, encrypted.
F_OPTS = [
    ("T", "01" * 16, Direction.UP, "01020304", FOptsCounter.NETWORK, 1, "01020304", "23615f18"),
    ("T", "01" * 16, Direction.DOWN, "01020304", FOptsCounter.NETWORK, 1, "01020304", "b2dbe391"),
    ("B", "02" * 15 + "04", Direction.DOWN, "01020304", FOptsCounter.NETWORK, 0, "020701",
     "dfb4f1"),
    ("B", "01" * 14 + "0200", Direction.DOWN, "01020304", FOptsCounter.APPLICATION, 0, "020701",
     "22ac0a"),
]  # fmt: skip


@pytest.mark.parametrize("row", F_OPTS)
def test_f_opts_of_1_1_are_encrypted_and_decrypted(
    row: tuple[str, str, Direction, str, FOptsCounter, int, str, str],
) -> None:
    source, secret, direction, dev_addr, counter, f_cnt, plain, sealed = row

    def turned(octets: str) -> str:
        address = DevAddr.from_text(dev_addr)
        data = bytes.fromhex(octets)
        return crypt_f_opts(key(secret), direction, address, f_cnt, data, counter).hex()

    assert (turned(plain), turned(sealed)) == (sealed, plain), source
