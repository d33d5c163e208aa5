"""Messages of the Backend Interfaces: every one both ways, and every way to be malformed."""

import json
from dataclasses import fields
from typing import Any

import pytest

from lab.backend.header import PROTOCOL_VERSION, AsId, Header, party_of
from lab.backend.messages import (
    ANSWERS,
    MAX_MESSAGE,
    MESSAGES,
    answer_malformed,
    pull_message,
    push_message,
    refuse,
)
from lab.backend.results import MalformedError, ResultCode
from lab.lorawan.identifiers import Eui64, NetId

HEAD = {
    "ProtocolVersion": "1.0",
    "SenderID": "00050b",
    "ReceiverID": "00005e100000002f",
    "TransactionID": 4294967295,
}
WITH_TOKENS = {**HEAD, "SenderToken": "01ff", "ReceiverToken": "02"}
SUCCESS = {"Result": {"ResultCode": "Success"}}
CLEAR = {"KEKLabel": "", "AESKey": "00112233445566778899aabbccddeeff"}
WRAPPED = {"KEKLabel": "as.afnic.fr", "AESKey": "aa" * 24}
JOIN = {
    "MACVersion": "1.0.3",
    "PHYPayload": "002f0000105e0000",
    "DevEUI": "0102030405060708",
    "DevAddr": "26000001",
    "DLSettings": "13",
    "RxDelay": 1,
    "CFList": "00" * 16,
}
GATEWAY = {
    "ID": "0a0b0c0d",
    "RFRegion": "EU868",
    "RSSI": -57.0,
    "SNR": 9.5,
    "Lat": 48.625,
    "Lon": 2.445,
    "ULToken": "beef",
    "DLAllowed": True,
}
UPLINK = {
    "DevEUI": "0102030405060708",
    "DevAddr": "26000001",
    "FPort": 1,
    "FCntDown": 3,
    "FCntUp": 70000,
    "Confirmed": True,
    "DataRate": 5,
    "ULFreq": 868.1,
    "Margin": -5,
    "Battery": 254,
    "FNSULToken": "c0ffee",
    "RecvTime": "2026-11-26T02:00:00Z",
    "RFRegion": "EU868",
    "GWCnt": 1,
    "GWInfo": [GATEWAY],
}
DOWNLINK = {
    "DevEUI": "0102030405060708",
    "FPort": 2,
    "FCntDown": 4,
    "Confirmed": True,
    "DLFreq1": 868.1,
    "DLFreq2": 869.525,
    "RXDelay1": 1,
    "ClassMode": "A",
    "DataRate1": 5,
    "DataRate2": 0,
    "FNSULToken": "c0ffee",
    "GWInfo": [GATEWAY],
    "HiPriorityFlag": True,
}
DEVICE_PROFILE = {
    "DeviceProfileID": "meter",
    "MACVersion": "1.0.3",
    "RegParamsRevision": "RP002-1.0.3",
    "SupportsJoin": True,
    "SupportsClassB": True,
    "SupportsClassC": True,
    "Supports32bitFCnt": True,
    "RFRegion": "EU868",
    "MaxEIRP": 16,
    "RXDelay1": 1,
    "RXDROffset1": 0,
    "RXDataRate2": 0,
    "RXFreq2": 869.525,
}
SERVICE_PROFILE = {
    "ServiceProfileID": "gold",
    "AddGWMetadata": True,
    "DRMin": 0,
    "DRMax": 5,
    "PRAllowed": True,
    "HRAllowed": True,
    "RAAllowed": True,
}
# Every member that a message of the lab can have, by MessageType.
WHOLE: dict[str, dict[str, Any]] = {
    "JoinReq": JOIN,
    "RejoinReq": JOIN,
    "JoinAns": {
        **SUCCESS,
        "PHYPayload": "20aabb",
        "Lifetime": 0,
        "NwkSKey": CLEAR,
        "FNwkSIntKey": CLEAR,
        "SNwkSIntKey": CLEAR,
        "NwkSEncKey": CLEAR,
        "AppSKey": WRAPPED,
        "SessionKeyID": "0badcafe",
    },
    "RejoinAns": {**SUCCESS, "PHYPayload": "20aabb"},
    "AppSKeyReq": {"DevEUI": "0102030405060708", "SessionKeyID": "0badcafe"},
    "AppSKeyAns": {
        **SUCCESS,
        "DevEUI": "0102030405060708",
        "AppSKey": WRAPPED,
        "SessionKeyID": "0badcafe",
    },
    "HomeNSReq": {"DevEUI": "0102030405060708"},
    "HomeNSAns": {**SUCCESS, "HNetID": "00050a", "HNSID": "0000000000000001"},
    "ProfileReq": {"DevEUI": "0102030405060708"},
    "ProfileAns": {
        **SUCCESS,
        "DeviceProfile": DEVICE_PROFILE,
        "DeviceProfileTimestamp": "2026-11-26T02:00:00Z",
        "RoamingActivationType": "Passive",
        "Lifetime": 3600,
    },
    "PRStartReq": {"PHYPayload": "40010000", "ULMetaData": UPLINK},
    "PRStartAns": {
        **SUCCESS,
        "PHYPayload": "20aabb",
        "Lifetime": 3600,
        "DevEUI": "0102030405060708",
        "DevAddr": "26000001",
        "ServiceProfile": SERVICE_PROFILE,
        "FCntUp": 1,
        "FNwkSIntKey": CLEAR,
        "NwkSKey": CLEAR,
        "DLMetaData": DOWNLINK,
    },
    "PRStopReq": {"DevEUI": "0102030405060708", "DevAddr": "26000001", "Lifetime": 60},
    "PRStopAns": {"Result": {"ResultCode": "Other", "Description": "not today"}},
    "XmitDataReq": {"PHYPayload": "40010000", "ULMetaData": UPLINK},
    "XmitDataAns": {**SUCCESS, "DLFreq1": 868.1, "DLFreq2": 869.525},
}


def written(message_type: str, **changes: object) -> bytes:
    """Return the JSON of a whole message; None takes a member away."""
    members = {"MessageType": message_type, **HEAD, **WHOLE[message_type], **changes}
    return json.dumps(
        {name: value for name, value in members.items() if value is not None}
    ).encode()


def refusal(octets: bytes) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        pull_message(octets)
    return caught.value


def test_every_message_has_an_example_here() -> None:
    assert set(WHOLE) == set(MESSAGES)


@pytest.mark.parametrize("message_type", WHOLE)
def test_a_message_is_read_and_written_again_without_loss(message_type: str) -> None:
    members = {"MessageType": message_type, **WITH_TOKENS, **WHOLE[message_type]}
    message = pull_message(json.dumps(members).encode())
    assert type(message).__name__ == message_type
    assert json.loads(push_message(message)) == members


@pytest.mark.parametrize("message_type", WHOLE)
def test_every_field_of_a_message_stands_in_its_example(message_type: str) -> None:
    message = pull_message(written(message_type))
    if message_type in {"RejoinAns", "XmitDataReq", "PRStopAns"}:
        return
    unset = [one.name for one in fields(message) if getattr(message, one.name) in (None, b"", "")]
    assert unset == []


@pytest.mark.parametrize(
    ("message_type", "member"),
    [
        (name, member)
        for name, members in WHOLE.items()
        for member in members
        if name.endswith("Req") and member not in {"CFList", "DevAddr", "Lifetime", "PHYPayload"}
    ],
)
def test_a_request_without_a_member_that_it_needs_is_malformed(
    message_type: str, member: str
) -> None:
    error = refusal(written(message_type, **{member: None}))
    assert error.result.code is ResultCode.MALFORMED_REQUEST
    assert member in error.result.description


@pytest.mark.parametrize(
    ("message_type", "changes", "sentence"),
    [
        ("HomeNSReq", {"DevEUI": 1}, "DevEUI: expected text, not a number"),
        ("HomeNSReq", {"DevEUI": "01"}, "DevEUI: '01' is no EUI-64: expected 16 hex digits"),
        ("HomeNSReq", {"DevEUI": "\ud800"}, "DevEUI: expected text of whole characters"),
        (
            "JoinReq",
            {"PHYPayload": "0"},
            "PHYPayload: expected hexadecimal digits, two for each octet",
        ),
        (
            "JoinReq",
            {"PHYPayload": "00 11"},
            "PHYPayload: expected hexadecimal digits, two for each octet",
        ),
        (
            "JoinReq",
            {"DLSettings": "0011"},
            "DLSettings: expected 1 octets in hexadecimal, not 2",
        ),
        (
            "JoinReq",
            {"CFList": "00"},
            "CFList: expected 0 or 16 octets in hexadecimal, not 1",
        ),
        ("JoinReq", {"RxDelay": True}, "RxDelay: expected a whole number, not true or false"),
        ("JoinReq", {"RxDelay": 1.5}, "RxDelay: expected a whole number, not a fraction"),
        ("JoinReq", {"RxDelay": 16}, "RxDelay: expected 0 to 15, not 16"),
        ("JoinReq", {"RxDelay": -1}, "RxDelay: expected 0 to 15, not -1"),
        ("PRStartReq", {"ULMetaData": []}, "ULMetaData: expected an object, not an array"),
        (
            "PRStartReq",
            {"ULMetaData": {"GWInfo": {}}},
            "ULMetaData: GWInfo: expected an array, not an object",
        ),
        (
            "PRStartReq",
            {"ULMetaData": {"GWInfo": [{"RSSI": "strong"}]}},
            "ULMetaData: GWInfo: RSSI: expected a number, not text",
        ),
        (
            "PRStartReq",
            {"ULMetaData": {"Confirmed": 0}},
            "ULMetaData: Confirmed: expected true or false, not a number",
        ),
        (
            "ProfileAns",
            {"RoamingActivationType": "passive"},
            "RoamingActivationType: 'passive' is not one of Passive, Handover",
        ),
        (
            "AppSKeyAns",
            {"AppSKey": {"AESKey": "aa" * 24}},
            "AppSKey: AESKey: a key in the clear has 16 octets, not 24",
        ),
        (
            "AppSKeyAns",
            {"AppSKey": {"KEKLabel": "x", "AESKey": "aa" * 16}},
            "AppSKey: AESKey: a key wrapped has 24 octets, not 16",
        ),
        # A key that is written wrongly is not repeated.
        ("AppSKeyAns", {"AppSKey": "aa" * 16}, "AppSKey: expected an object, not text"),
        (
            "AppSKeyAns",
            {"AppSKey": {"AESKey": ["aa" * 16]}},
            "AppSKey: AESKey: expected text, not an array",
        ),
        (
            "AppSKeyAns",
            {"AppSKey": {"AESKey": "aa " * 16}},
            "AppSKey: AESKey: expected hexadecimal digits, two for each octet",
        ),
        ("AppSKeyAns", {"AppSKey": None}, "AppSKey is missing"),
        ("JoinAns", {"PHYPayload": None}, "PHYPayload is missing"),
        ("HomeNSAns", {"HNetID": None}, "HNetID is missing"),
        ("HomeNSAns", {"Result": {}}, "Result: ResultCode is missing"),
        ("XmitDataReq", {"ULMetaData": None}, "expected either ULMetaData or DLMetaData"),
        ("XmitDataReq", {"DLMetaData": DOWNLINK}, "expected either ULMetaData or DLMetaData"),
        ("XmitDataReq", {"FRMPayload": "00"}, "PHYPayload and FRMPayload exclude each other"),
        (
            "XmitDataReq",
            {"ULMetaData": None, "DLMetaData": {"DataRate1": 5}},
            "DLMetaData needs DLFreq1 or DLFreq2",
        ),
    ],
)
def test_a_malformed_member_is_named_in_one_sentence(
    message_type: str, changes: dict[str, object], sentence: str
) -> None:
    error = refusal(written(message_type, **changes))
    assert error.result.code is ResultCode.MALFORMED_REQUEST
    assert error.result.description == sentence
    assert error.header is not None


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"a"', "not JSON"),
        (b"[" * 20000, "not JSON"),
        (b'{"TransactionID": NaN}', "NaN is no JSON value"),
        (b'{"TransactionID": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"SenderID": "00050a", "SenderID": "00050b"}', "'SenderID' stands twice"),
        (b"[]", "expected a JSON object"),
        (b"{}", "ProtocolVersion is missing"),
        (b" " * (MAX_MESSAGE + 1), "at most 32768 octets"),
        (json.dumps({**HEAD, "SenderID": ""}).encode(), "SenderID: expected an identifier"),
        (json.dumps({**HEAD, "TransactionID": 2**32}).encode(), "TransactionID: expected 0 to"),
        (json.dumps({**HEAD, "TransactionID": "1"}).encode(), "TransactionID: expected a whole"),
    ],
)
def test_octets_without_a_readable_header_cannot_be_answered(octets: bytes, words: str) -> None:
    error = refusal(octets)
    assert words in error.result.description
    assert error.header is None
    assert answer_malformed(error) is None


@pytest.mark.parametrize("message_type", ["ErrorNotif", "joinreq", 7, None, ["JoinReq"]])
def test_an_unknown_message_type_cannot_be_answered_either(message_type: object) -> None:
    error = refusal(json.dumps({**HEAD, "MessageType": message_type}).encode())
    assert "MessageType" in error.result.description
    assert answer_malformed(error) is None


@pytest.mark.parametrize("request_type", [cls.__name__ for cls in ANSWERS])
def test_another_protocol_version_is_told_from_a_malformed_request(request_type: str) -> None:
    error = refusal(written(request_type, ProtocolVersion="9.9"))
    answer = answer_malformed(error)
    assert answer is not None
    assert type(answer) is ANSWERS[MESSAGES[request_type]]
    assert answer.result.code is ResultCode.INVALID_PROTOCOL_VERSION
    assert answer.header.protocol_version == PROTOCOL_VERSION
    assert "'9.9' is not spoken here" in answer.result.description


def test_a_malformed_request_is_answered_to_whom_it_came_from() -> None:
    answer = answer_malformed(refusal(written("JoinReq", DevEUI="x", SenderToken="AA")))
    assert answer is not None
    assert answer.header == Header(
        "1.0",
        Eui64.from_text("00005e100000002f"),
        NetId.from_text("00050b"),
        4294967295,
        receiver_token=b"\xaa",
    )
    assert pull_message(push_message(answer)) == answer


def test_a_malformed_answer_is_not_answered() -> None:
    assert answer_malformed(refusal(written("JoinAns", Lifetime="long"))) is None


def test_a_refusal_needs_no_other_member() -> None:
    request = pull_message(written("JoinReq"))
    answer = refuse(request, ResultCode.MIC_FAILED, "wrong key")
    assert pull_message(push_message(answer)) == answer
    assert json.loads(push_message(answer))["Result"] == {
        "ResultCode": "MICFailed",
        "Description": "wrong key",
    }


def test_hexadecimal_text_may_have_a_prefix_and_either_case() -> None:
    members = {
        "SenderID": "0x00050B",
        "ReceiverID": "0X00005E100000002F",
        "DevEUI": "0x0102030405060708",
        "PHYPayload": "0xAABB",
        "DLSettings": "0X1F",
        "DevAddr": "0X26AB0001",
    }
    message = pull_message(written("JoinReq", **members))
    same = {name: value[2:].lower() for name, value in members.items()}
    assert message == pull_message(written("JoinReq", **same))


@pytest.mark.parametrize("spelling", ["UnkownReceiver", "UnknownReceiver"])
def test_both_spellings_of_unknown_receiver_are_read(spelling: str) -> None:
    message = pull_message(written("PRStopAns", Result={"ResultCode": spelling}))
    assert getattr(message, "result").code is ResultCode.UNKNOWN_RECEIVER  # noqa: B009 of Answer


def test_the_spelling_of_the_standard_is_written() -> None:
    answer = refuse(pull_message(written("HomeNSReq")), ResultCode.UNKNOWN_RECEIVER, "")
    assert json.loads(push_message(answer))["Result"] == {"ResultCode": "UnkownReceiver"}


def test_unknown_members_are_passed_over() -> None:
    plain = pull_message(written("HomeNSReq"))
    assert pull_message(written("HomeNSReq", VSExtension={"VendorID": "1"}, News=[1])) == plain


def test_a_party_is_known_by_the_look_of_its_identifier() -> None:
    assert party_of("00050A") == NetId.from_text("00050a")
    assert party_of("00-00-5e-10-00-00-00-2f") == Eui64.from_text("00005e100000002f")
    assert party_of("as.afnic.fr") == AsId("as.afnic.fr")


def test_keys_do_not_show_in_the_text_of_a_message() -> None:
    assert "00112233" not in repr(pull_message(written("JoinAns")))
    assert CLEAR["AESKey"] not in repr(pull_message(written("JoinAns")))
