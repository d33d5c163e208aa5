"""The Semtech UDP protocol: what packet forwarders send and understand."""

import json

import pytest

from lab.core.errors import PeerError
from lab.lorawan.gateway_protocol import (
    Datagram,
    PullAck,
    PullData,
    PullResp,
    PushAck,
    PushData,
    TxAck,
    pull_datagram,
    push_datagram,
)
from lab.lorawan.identifiers import Eui64
from lab.lorawan.packets import Received, Transmit

GATEWAY = Eui64.from_text("aa555a0000000101")
HEARD = Received(b"\x40\x01\x02", 3512348611, 868_100_000, "SF7BW125", -35, 5.1, 2)
SENT = Transmit(b"\x60\x01", 3517348611, 868_100_000, "SF7BW125")

# The first example of PROTOCOL.TXT section 4; its base64 has the other alphabet and no padding.
EXAMPLE = {
    "time": "2013-03-31T16:21:17.528002Z",
    "tmst": 3512348611,
    "chan": 2,
    "rfch": 0,
    "freq": 866.349812,
    "stat": 1,
    "modu": "LORA",
    "datr": "SF7BW125",
    "codr": "4/6",
    "rssi": -35,
    "lsnr": 5.1,
    "size": 32,
    "data": "-DS4CGaDCdG+48eJNM3Vai-zDpsR71Pn9CPA9uCON84",
}
FSK = EXAMPLE | {"modu": "FSK", "datr": 50000}
BAD_CRC = EXAMPLE | {"stat": -1}


def push_data(*packets: object) -> bytes:
    return b"\x02\x12\x34\x00" + GATEWAY.octets + json.dumps({"rxpk": packets}).encode()


@pytest.mark.parametrize(
    "datagram",
    [
        PushData(1, GATEWAY, (HEARD,)),
        PushData(65535, GATEWAY, (HEARD, HEARD), {"rxnb": 2, "time": "2026-11-26 02:00:00 GMT"}),
        PushData(7, GATEWAY, (), {"rxnb": 0}),
        PushAck(513),
        PullData(2, GATEWAY),
        PullAck(2),
        PullResp(9, SENT),
        PullResp(9, Transmit(b"", None, 869_525_000, "SF12BW125", 27)),
        TxAck(9, GATEWAY),
        TxAck(9, GATEWAY, "TOO_LATE"),
    ],
)
def test_a_datagram_comes_back_as_it_was(datagram: Datagram) -> None:
    assert pull_datagram(push_datagram(datagram)) == datagram


def test_the_example_of_the_protocol_text_is_read() -> None:
    told = pull_datagram(push_data(EXAMPLE))
    assert isinstance(told, PushData)
    (heard,) = told.received
    assert len(heard.octets) == EXAMPLE["size"]
    assert heard.octets[:3].hex() == "f834b8"
    assert (heard.frequency, heard.data_rate, heard.rssi) == (866_349_812, "SF7BW125", -35)
    assert (told.token, told.gateway) == (0x1234, GATEWAY)


def test_what_came_by_fsk_or_damaged_is_left_out() -> None:
    told = pull_datagram(push_data(FSK, EXAMPLE, BAD_CRC))
    assert isinstance(told, PushData)
    assert len(told.received) == 1


def test_octets_stand_where_the_protocol_text_puts_them() -> None:
    assert push_datagram(PushAck(0x1234)).hex() == "02123401"
    assert push_datagram(PullData(0x1234, GATEWAY)).hex() == "02123402aa555a0000000101"
    assert push_datagram(PullAck(0x1234)).hex() == "02123404"
    assert push_datagram(PullResp(0x1234, SENT))[:5].hex() == "021234037b"
    assert push_datagram(TxAck(0x1234, GATEWAY))[:12].hex() == "02123405aa555a0000000101"


def test_a_gateway_of_version_1_is_understood() -> None:
    assert pull_datagram(b"\x01\x00\x07\x02" + GATEWAY.octets) == PullData(7, GATEWAY)


@pytest.mark.parametrize("body", [b"", b"\0", b"\r\n"])
def test_an_empty_tx_ack_means_that_all_is_well(body: bytes) -> None:
    assert pull_datagram(b"\x02\x00\x07\x05" + GATEWAY.octets + body) == TxAck(7, GATEWAY)


@pytest.mark.parametrize(
    ("octets", "because"),
    [
        (b"", "no datagram"),
        (b"\x03\x00\x00\x01", "no datagram"),
        (b"\x02\x00\x00\x09", "type 9"),
        (b"\x02\x00\x00\x02\x01", "within the EUI"),
        (push_data(EXAMPLE)[:-1], "no JSON"),
        (b"\x02\x00\x00\x00" + GATEWAY.octets + b"[" * 100_000, "no JSON"),
        (b"\x02\x00\x00\x00" + GATEWAY.octets + b"[]", "JSON object"),
        (b"\x02\x00\x00\x00" + GATEWAY.octets + b'{"rxpk":{}}', "list"),
        (push_data(1), "objects"),
        (push_data(EXAMPLE | {"tmst": 1.5}), "whole number"),
        (push_data(EXAMPLE | {"tmst": True}), "tmst"),
        (push_data(EXAMPLE | {"freq": float("nan")}), "freq"),
        (push_data(EXAMPLE | {"datr": 7}), "datr"),
        (push_data(EXAMPLE | {"data": "%%%%"}), "base64"),
        (push_data(EXAMPLE | {"data": "ABCDE"}), "base64"),
        (b'\x02\x00\x00\x03{"txpk":[]}', "txpk"),
    ],
)
def test_what_is_malformed_is_told_in_one_sentence(octets: bytes, because: str) -> None:
    with pytest.raises(PeerError, match=because):
        pull_datagram(octets)
