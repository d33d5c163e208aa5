"""lora-packet, an independent implementation (npm), reads our frames, and we read its frames.

One process does all jobs. Not asked is what it does otherwise than the specification: session keys
without OptNeg, ConfFCnt on FPort 0, and its Join-Accepts, whose octets it does not return.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

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
    pull_frame,
)
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.keys import RootKeys, SessionKeys, Version, derive, join_server_keys
from lab.lorawan.security import (
    FOptsCounter,
    Rejoined,
    crypt,
    crypt_f_opts,
    data_mic,
    join_request_mic,
    rejoin_mic,
    seal_join_accept,
)
from tests.e2e.running import Tool, miss

Judge = Callable[[Iterable[dict[str, Any]]], list[dict[str, Any]]]

ROOT = Path(__file__).parents[2]
NODE = ROOT / "tests" / "e2e" / "node"
V10, V11 = Version.LORAWAN_1_0, Version.LORAWAN_1_1
MANY = 40
NAMES = {
    MType.UNCONFIRMED_UP: "Unconfirmed Data Up",
    MType.UNCONFIRMED_DOWN: "Unconfirmed Data Down",
    MType.CONFIRMED_UP: "Confirmed Data Up",
    MType.CONFIRMED_DOWN: "Confirmed Data Down",
}


@pytest.fixture(scope="session")
def judge(tool: Tool) -> Judge:
    """Give lora-packet jobs, and return its results."""
    if not (NODE / "node_modules" / "lora-packet").exists():
        miss(f"lora-packet is not installed (npm ci --prefix {NODE.relative_to(ROOT)})")

    def judged(jobs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(job) + "\n" for job in jobs)
        said = tool("node", str(NODE / "lora_packet.js"), feed=lines, check=True)
        return [json.loads(line) for line in said.stdout.splitlines()]

    return judged


@dataclass(frozen=True)
class Sent:
    """Hold a data frame with all that is hidden in it."""

    frame: DataFrame
    keys: SessionKeys
    f_cnt: int
    f_opts: bytes
    payload: bytes
    conf_f_cnt: int = 0
    tx_dr: int = 0
    tx_ch: int = 0

    @property
    def msb(self) -> str:
        """Return the half of the counter that does not travel, as lora-packet takes it."""
        return (self.f_cnt >> 16).to_bytes(2, "little").hex()


def session(chance: Random) -> SessionKeys:
    return SessionKeys(*(chance.randbytes(16) for _ in range(4)))


def sent(chance: Random, version: Version) -> Sent:
    """Return any data frame, encrypted and with its MIC."""
    keys, mtype = session(chance), chance.choice(list(NAMES))
    f_cnt, address = chance.randrange(1 << 32), DevAddr(chance.randbytes(4))
    flags = FCtrl(chance.randrange(16) << 4)
    f_port = chance.choice([None, 0, 1, 42, 223])
    f_opts = b"" if f_port == 0 else chance.randbytes(chance.randrange(16))
    payload = b"" if f_port is None else chance.randbytes(chance.randrange(1, 60))
    way = mtype.direction
    if version is V10:
        keys = SessionKeys.of_1_0(keys.f_nwk_s_int_key, keys.app_s_key)
    key = keys.app_s_key if f_port else keys.nwk_s_enc_key
    hidden = crypt(key, way, address, f_cnt, payload)
    options = f_opts
    if version is V11:
        application = way is Direction.DOWN and bool(f_port)
        counter = FOptsCounter.APPLICATION if application else FOptsCounter.NETWORK
        options = crypt_f_opts(keys.nwk_s_enc_key, way, address, f_cnt, f_opts, counter)
    frame = DataFrame(mtype, address, flags, f_cnt & 0xFFFF, options, f_port, hidden)
    conf = chance.randrange(1 << 16) if FCtrl.ACK in flags else 0
    whole = Sent(
        frame, keys, f_cnt, f_opts, payload, conf, chance.randrange(6), chance.randrange(8)
    )
    mic = data_mic(
        frame, way, f_cnt, keys, version,
        conf_f_cnt=conf, tx_dr=whole.tx_dr, tx_ch=whole.tx_ch,
    )  # fmt: skip
    return replace(whole, frame=replace(frame, mic=mic))


def corpus(version: Version) -> list[Sent]:
    chance = Random(version.value)
    return [sent(chance, version) for _ in range(MANY)]


@pytest.mark.parametrize("version", Version)
def test_data_frames_are_read_alike(judge: Judge, version: Version) -> None:
    ours = corpus(version)
    theirs = judge({"job": "read", "phy": one.frame.push().hex()} for one in ours)
    for one, read in zip(ours, theirs, strict=True):
        frame = one.frame
        assert read["type"] == NAMES[frame.mtype]
        assert read["direction"] == frame.direction.name.lower()
        assert read["dev_addr"] == str(frame.dev_addr)
        assert (read["f_cnt"], read["f_port"]) == (frame.f_cnt, frame.f_port)
        assert read["f_opts"] == frame.f_opts.hex()
        assert read["frm_payload"] == frame.frm_payload.hex()
        flags = (FCtrl.ADR, FCtrl.ADR_ACK_REQ, FCtrl.ACK, FCtrl.F_PENDING)
        assert read["flags"] == [flag in frame.f_ctrl for flag in flags]
        assert read["mic"] == frame.mic.hex()


def verifying(one: Sent, version: Version) -> dict[str, Any]:
    job = {"job": "verify", "phy": one.frame.push().hex(), "msb": one.msb}
    if version is V10:
        return {**job, "first": one.keys.f_nwk_s_int_key.hex()}
    job |= {"first": one.keys.f_nwk_s_int_key.hex(), "second": one.keys.s_nwk_s_int_key.hex()}
    if one.frame.direction is Direction.DOWN:
        return {**job, "conf": one.conf_f_cnt.to_bytes(2, "little").hex()}
    conf = one.conf_f_cnt.to_bytes(2, "big") + bytes([one.tx_dr, one.tx_ch])
    return {**job, "conf": conf.hex()}


@pytest.mark.parametrize("version", Version)
def test_mics_are_right_for_both(judge: Judge, version: Version) -> None:
    ours = corpus(version)
    assert all(one["right"] for one in judge(verifying(one, version) for one in ours))
    wrong = [replace(one, f_cnt=one.f_cnt ^ 0x10000) for one in ours]
    assert not any(one["right"] for one in judge(verifying(one, version) for one in wrong))


@pytest.mark.parametrize("version", Version)
def test_payloads_are_decrypted(judge: Judge, version: Version) -> None:
    ours = [one for one in corpus(version) if one.payload]
    jobs = (
        {
            "job": "decrypt",
            "phy": one.frame.push().hex(),
            "app": one.keys.app_s_key.hex(),
            "nwk": one.keys.nwk_s_enc_key.hex(),
            "msb": one.msb,
        }
        for one in ours
    )
    assert [one["plain"] for one in judge(jobs)] == [one.payload.hex() for one in ours]


def test_f_opts_of_1_1_are_decrypted(judge: Judge) -> None:
    ours = [one for one in corpus(V11) if one.f_opts]
    jobs = (
        {
            "job": "f_opts",
            "phy": one.frame.push().hex(),
            "enc": one.keys.nwk_s_enc_key.hex(),
            "msb": one.msb,
        }
        for one in ours
    )
    assert [one["plain"] for one in judge(jobs)] == [one.f_opts.hex() for one in ours]


def test_frames_that_it_makes_are_ours_too(judge: Judge) -> None:
    ours = [one for one in corpus(V10) if one.frame.f_port is not None]
    jobs = (
        {
            "job": "make",
            "mtype": int(one.frame.mtype),
            "dev_addr": str(one.frame.dev_addr),
            "f_cnt": one.frame.f_cnt,
            "f_opts": one.f_opts.hex(),
            "f_port": one.frame.f_port,
            "payload": one.payload.hex(),
            "flags": [
                flag in one.frame.f_ctrl
                for flag in (FCtrl.ADR, FCtrl.ADR_ACK_REQ, FCtrl.ACK, FCtrl.F_PENDING)
            ],
            "app": one.keys.app_s_key.hex(),
            "nwk": one.keys.nwk_s_enc_key.hex(),
            "msb": one.msb,
        }
        for one in ours
    )
    for one, made in zip(ours, judge(jobs), strict=True):
        assert pull_frame(bytes.fromhex(made["phy"])) == one.frame


def test_join_requests_are_read_alike_and_made_alike(judge: Judge) -> None:
    key = bytes(range(16))
    bare = JoinRequest(Eui64(b"joinserv"), Eui64(b"device-1"), 0x1234)
    frame = replace(bare, mic=join_request_mic(bare, key))
    phy = frame.push().hex()
    names = {
        "join_eui": str(frame.join_eui),
        "dev_eui": str(frame.dev_eui),
        "dev_nonce": f"{frame.dev_nonce:04x}",
    }
    read, verified, made = judge(
        [
            {"job": "read", "phy": phy},
            {"job": "verify", "phy": phy, "second": key.hex()},
            {"job": "request", "key": key.hex(), **names},
        ]
    )
    assert {name: read[name] for name in names} == names
    assert verified["right"]
    assert made["phy"] == phy


def rejoin(kind: RejoinKind) -> RejoinRequest:
    home = Eui64(b"joinserv") if kind is RejoinKind.ROAM else NetId.from_text("60050a")
    return RejoinRequest(kind, home, Eui64(b"device-1"), 0x1234)


@pytest.mark.parametrize("kind", RejoinKind)
def test_rejoin_requests_are_read_alike(judge: Judge, kind: RejoinKind) -> None:
    key = bytes(range(16))
    frame = replace(rejoin(kind), mic=rejoin_mic(rejoin(kind), key))
    phy = frame.push().hex()
    read, verified = judge(
        [
            {"job": "read", "phy": phy},
            {"job": "verify", "phy": phy, "first": key.hex(), "second": key.hex()},
        ]
    )
    assert read["dev_eui"] == str(frame.dev_eui)
    assert read["join_eui" if kind is RejoinKind.ROAM else "net_id"] == str(frame.home)
    assert verified["right"]


@pytest.mark.parametrize("cf_list", [b"", bytes.fromhex("184f84e85684b85e84886684586e8400")])
@pytest.mark.parametrize("version", Version)
def test_join_accepts_are_opened(judge: Judge, version: Version, cf_list: bytes) -> None:
    root = RootKeys(bytes(range(16)), bytes(range(16, 32)))
    request = JoinRequest(Eui64(b"joinserv"), Eui64(b"device-1"), 0x1234)
    settings = DlSettings(opt_neg=version is V11, rx1_dr_offset=2, rx2_data_rate=3)
    net_id = NetId.from_text("60050a")
    accept = JoinAccept(0xABCDEF, net_id, net_id.dev_addr(7), settings, 5, cf_list)
    js_int_key, _ = join_server_keys(root, request.dev_eui)
    (opened,) = judge(
        [
            {
                "job": "accept",
                "phy": seal_join_accept(accept, root, version, request).hex(),
                "enc": root.nwk_key.hex(),
                "int": js_int_key.hex(),
                "join_eui": str(request.join_eui),
                "dev_nonce": f"{request.dev_nonce:04x}",
            }
        ]
    )
    assert opened["right"]
    assert opened["join_nonce"] == "abcdef"
    assert (opened["net_id"], opened["dev_addr"]) == (str(net_id), str(accept.dev_addr))
    assert (opened["dl_settings"], opened["rx_delay"]) == (f"{settings.push():02x}", "05")
    assert opened["cf_list"] == cf_list.hex()


def test_the_answer_to_a_rejoin_opens_with_the_key_of_the_join_server(judge: Judge) -> None:
    root = RootKeys(bytes(range(16)), bytes(range(16, 32)))
    request = Rejoined(rejoin(RejoinKind.ROAM), Eui64(b"joinserv"))
    net_id = NetId.from_text("60050a")
    accept = JoinAccept(5, net_id, net_id.dev_addr(7), DlSettings(opt_neg=True))
    _, js_enc_key = join_server_keys(root, request.request.dev_eui)
    phy = seal_join_accept(accept, root, V11, request).hex()
    names = {"join_eui": "", "dev_nonce": "", "int": js_enc_key.hex(), "enc": js_enc_key.hex()}
    (opened,) = judge([{"job": "accept", "phy": phy, **names}])
    assert (opened["join_nonce"], opened["dev_addr"]) == ("000005", str(accept.dev_addr))


def test_session_keys_are_derived_alike(judge: Judge) -> None:
    opt_neg = True
    root = RootKeys(bytes(range(16)), bytes(range(16, 32)))
    net_id, join_eui = NetId.from_text("60050a"), Eui64(b"joinserv")
    nonces = {"join_nonce": "abcdef", "dev_nonce": "1234"}
    names = {"nwk": root.nwk_key.hex(), "join_eui": str(join_eui), "net_id": str(net_id)}
    old, new = judge(
        [
            {"job": "keys_1_0", "app": root.nwk_key.hex(), **names, **nonces},
            {"job": "keys_1_1", "app": root.app_key.hex(), **names, **nonces},
        ]
    )
    first = derive(root, V10, opt_neg, 0xABCDEF, net_id, join_eui, 0x1234)
    assert old == {
        "nwk_s_key": first.f_nwk_s_int_key.hex(),
        "app_s_key": first.app_s_key.hex(),
    }
    second = derive(root, V11, opt_neg, 0xABCDEF, net_id, join_eui, 0x1234)
    assert new == {
        "f": second.f_nwk_s_int_key.hex(),
        "s": second.s_nwk_s_int_key.hex(),
        "enc": second.nwk_s_enc_key.hex(),
        "app": second.app_s_key.hex(),
    }
