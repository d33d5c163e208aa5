"""Properties of LoRaWAN's codecs: what is pushed is pulled, and noise is told in one sentence."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import PeerError
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    DlSettings,
    FCtrl,
    Frame,
    JoinAccept,
    JoinRequest,
    MType,
    Proprietary,
    RejoinKind,
    RejoinRequest,
    SealedJoinAccept,
    pull_frame,
)
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.keys import RootKeys, Version
from lab.lorawan.security import crypt, crypt_f_opts, open_join_accept, seal_join_accept

DATA_TYPES = [one for one in MType if 2 <= one <= 5]


def data_frame(
    mtype: MType,
    dev_addr: DevAddr,
    f_ctrl: FCtrl,
    f_cnt: int,
    rest: tuple[bytes, int | None, bytes],
    mic: bytes,
) -> DataFrame:
    f_opts, f_port, frm_payload = rest
    return DataFrame(mtype, dev_addr, f_ctrl, f_cnt, f_opts, f_port, frm_payload, mic)


def octets(count: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=count, max_size=count)


euis, net_ids, dev_addrs = (octets(one.SIZE).map(one) for one in (Eui64, NetId, DevAddr))
keys, mics = octets(16), octets(4)
u16, u32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
flags = st.sampled_from([0, 0x80, 0x40, 0x20, 0x10, 0xF0, 0xA0]).map(FCtrl)
payloads = st.one_of(
    st.tuples(st.binary(max_size=15), st.none(), st.just(b"")),
    st.tuples(st.binary(max_size=15), st.integers(1, 255), st.binary(max_size=200)),
    st.tuples(st.just(b""), st.just(0), st.binary(max_size=200)),
)
join_requests = st.builds(JoinRequest, euis, euis, u16, mics)
data_frames = st.builds(
    data_frame, st.sampled_from(DATA_TYPES), dev_addrs, flags, u16, payloads, mics
)
frames: st.SearchStrategy[Frame] = st.one_of(
    join_requests,
    st.builds(
        RejoinRequest,
        st.sampled_from([RejoinKind.RESET, RejoinKind.REKEY]),
        net_ids,
        euis,
        u16,
        mics,
    ),
    st.builds(RejoinRequest, st.just(RejoinKind.ROAM), euis, euis, u16, mics),
    st.sampled_from([16, 32]).flatmap(octets).map(lambda body: SealedJoinAccept(b"\x20" + body)),
    st.binary(max_size=60).map(Proprietary),
    data_frames,
)
accepts = st.builds(
    JoinAccept,
    st.integers(0, 2**24 - 1),
    net_ids,
    dev_addrs,
    st.builds(DlSettings, st.booleans(), st.integers(0, 7), st.integers(0, 15)),
    st.integers(0, 15),
    st.one_of(st.just(b""), octets(16)),
)


@given(frames)
def test_a_frame_comes_back(frame: Frame) -> None:
    assert pull_frame(frame.push()) == frame


@given(st.one_of(st.binary(max_size=300), frames.map(lambda one: one.push()[:-1])))
def test_octets_are_a_frame_or_are_told_not_to_be(noise: bytes) -> None:
    with contextlib.suppress(PeerError):
        assert pull_frame(noise).push() == noise


@given(accepts, keys, keys, st.sampled_from(Version), join_requests)
def test_a_sealed_join_accept_opens(
    accept: JoinAccept, nwk_key: bytes, app_key: bytes, version: Version, request: JoinRequest
) -> None:
    root = RootKeys(nwk_key, app_key)
    sealed = seal_join_accept(accept, root, version, request)
    assert open_join_accept(sealed, root, version, request) == accept


@given(keys, st.sampled_from(Direction), dev_addrs, u32, st.binary(max_size=242))
def test_encrypting_twice_is_decrypting(
    key: bytes, direction: Direction, dev_addr: DevAddr, f_cnt: int, payload: bytes
) -> None:
    sealed = crypt(key, direction, dev_addr, f_cnt, payload)
    assert len(sealed) == len(payload)
    assert crypt(key, direction, dev_addr, f_cnt, sealed) == payload
    f_opts = payload[:15]
    once = crypt_f_opts(key, direction, dev_addr, f_cnt, f_opts)
    assert crypt_f_opts(key, direction, dev_addr, f_cnt, once) == f_opts


@given(net_ids, st.data())
def test_an_address_belongs_to_the_network_that_gave_it(net_id: NetId, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, (1 << (32 - net_id.prefix_bits)) - 1))
    assert net_id.owns(net_id.dev_addr(number))
