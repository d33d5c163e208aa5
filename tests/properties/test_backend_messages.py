"""Whatever a message holds, it is read as it was written; whatever octets come, nothing breaks."""

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from lab.backend.header import AsId, Header
from lab.backend.join_messages import AppSKeyReq, JoinAns, JoinReq
from lab.backend.message import Message
from lab.backend.messages import MESSAGES, answer_malformed, pull_message, push_message
from lab.backend.objects import GatewayReception, UplinkMetadata
from lab.backend.results import MalformedError, Result, ResultCode
from lab.backend.roaming_messages import PRStartReq, XmitDataReq
from lab.lorawan.frames import DlSettings
from lab.lorawan.identifiers import DevAddr, Eui64, NetId

EUIS = st.binary(min_size=8, max_size=8).map(Eui64)
AS_IDS = st.text(st.characters(codec="utf-8"), min_size=17, max_size=40).map(AsId)
PARTIES = st.one_of(EUIS, st.binary(min_size=3, max_size=3).map(NetId), AS_IDS)
COUNTERS = st.integers(0, 2**32 - 1)
HEADERS = st.builds(
    Header,
    protocol_version=st.sampled_from(["1.0", "1.1"]),
    sender_id=PARTIES,
    receiver_id=PARTIES,
    transaction_id=COUNTERS,
    sender_token=st.binary(max_size=9),
)
GATEWAYS = st.builds(
    GatewayReception,
    gateway_id=st.binary(min_size=4, max_size=4),
    rssi=st.none() | st.floats(-140, 0),
    ul_token=st.binary(max_size=9),
)
UPLINKS = st.builds(
    UplinkMetadata,
    dev_addr=st.none() | st.binary(min_size=4, max_size=4).map(DevAddr),
    f_cnt_up=st.none() | COUNTERS,
    ul_freq=st.none() | st.floats(0, 10000),
    gw_info=st.lists(GATEWAYS, max_size=3).map(tuple),
)
MESSAGES_OF_ALL_SORTS: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        JoinReq,
        header=HEADERS,
        mac_version=st.text(st.characters(codec="utf-8"), max_size=9),
        phy_payload=st.binary(max_size=64),
        dev_eui=EUIS,
        dev_addr=st.binary(min_size=4, max_size=4).map(DevAddr),
        dl_settings=st.integers(0, 255).map(DlSettings.pull),
        rx_delay=st.integers(0, 15),
    ),
    st.builds(AppSKeyReq, header=HEADERS, dev_eui=EUIS, session_key_id=st.binary(max_size=16)),
    st.builds(
        JoinAns,
        header=HEADERS,
        result=st.builds(Result, st.sampled_from(ResultCode), st.just("why")),
        phy_payload=st.binary(min_size=1, max_size=40),
        lifetime=st.none() | COUNTERS,
    ),
    st.builds(PRStartReq, header=HEADERS, phy_payload=st.binary(max_size=250), ul_metadata=UPLINKS),
    st.builds(
        XmitDataReq, header=HEADERS, phy_payload=st.binary(max_size=250), ul_metadata=UPLINKS
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(MESSAGES_OF_ALL_SORTS)
def test_a_message_is_read_as_it_was_written(message: Message) -> None:
    assert pull_message(push_message(message)) == message


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_octets_do_more_than_be_malformed(octets: bytes) -> None:
    with suppress(MalformedError):
        pull_message(octets)


@given(MESSAGES_OF_ALL_SORTS, st.data(), JSON)
def test_a_message_with_one_member_changed_is_read_or_refused_by_name(
    message: Message, data: st.DataObject, value: object
) -> None:
    members = json.loads(push_message(message))
    changed = data.draw(st.sampled_from(sorted(members)))
    try:
        pull_message(json.dumps({**members, changed: value}).encode())
    except MalformedError as error:
        answer = answer_malformed(error)
        assert answer is None or type(answer).__name__ in MESSAGES
        if answer is not None:
            assert pull_message(push_message(answer)) == answer
