"""Properties of LoRaWAN's codecs: what is pushed is pulled, and noise is told in one sentence."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import InputError, PeerError
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
from lab.lorawan.key_envelope import KeyEnvelope, unwrap, wrap
from lab.lorawan.keys import RootKeys, Version, key_from_text
from lab.lorawan.mac_commands import (
    LAYOUTS,
    MacCommand,
    command,
    pull_commands,
    push_commands,
)
from lab.lorawan.regions import pull_cf_list, push_cf_list
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


commands = st.sampled_from(tuple(LAYOUTS.values())).flatmap(
    lambda layout: st.fixed_dictionaries(
        {field: st.integers(0, 2**bits - 1) for field, bits in layout.fields if field != "_"}
    ).map(lambda values: (layout.direction, command(layout.name, **values)))
)


@given(st.lists(commands, max_size=6), st.sampled_from(Direction))
def test_mac_commands_come_back(
    sent: list[tuple[Direction, MacCommand]], direction: Direction
) -> None:
    those = tuple(one for way, one in sent if way is direction)
    assert pull_commands(direction, push_commands(those)).known == those


@given(st.sampled_from(Direction), st.binary(max_size=30))
def test_noise_is_read_as_commands_as_far_as_it_makes_sense(
    direction: Direction, noise: bytes
) -> None:
    read = pull_commands(direction, noise)
    assert noise.endswith(read.unread)
    assert len(push_commands(read.known)) + len(read.unread) == len(noise)


@given(st.lists(st.integers(1, 2**24 - 1).map(lambda number: 100 * number), max_size=5))
def test_channels_of_a_join_accept_come_back(frequencies: list[int]) -> None:
    assert pull_cf_list(push_cf_list(tuple(frequencies))) == tuple(frequencies)


@given(keys, st.sampled_from([16, 24, 32]).flatmap(octets), st.text(min_size=1, max_size=9))
def test_a_wrapped_key_opens(key: bytes, kek: bytes, label: str) -> None:
    assert unwrap(wrap(key, label, kek), {label: kek}) == key


@given(st.text(max_size=4), st.binary(max_size=40), keys)
def test_what_is_no_envelope_is_told(label: str, noise: bytes, kek: bytes) -> None:
    with contextlib.suppress(PeerError):
        assert len(unwrap(KeyEnvelope(label, noise), {label: kek})) == 16


@given(euis)
def test_an_identifier_comes_back_from_each_of_its_forms(eui: Eui64) -> None:
    text = str(eui)
    parts = "-".join(text[at : at + 2] for at in range(0, 16, 2))
    for form in (text, text.upper(), "0x" + text, parts, parts.replace("-", ":")):
        assert Eui64.from_text(form) == eui
    assert Eui64.from_wire(eui.wire) == eui


@given(st.text(max_size=20))
def test_a_text_is_an_identifier_or_told_not_to_be(text: str) -> None:
    for kind in (Eui64, NetId, DevAddr):
        with contextlib.suppress(InputError):
            assert len(kind.from_text(text).octets) == kind.SIZE
    with contextlib.suppress(InputError):
        assert len(key_from_text(text)) == 16


@given(net_ids, st.data())
def test_an_address_belongs_to_the_network_that_gave_it(net_id: NetId, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, (1 << (32 - net_id.prefix_bits)) - 1))
    assert net_id.owns(net_id.dev_addr(number))
