"""TLSA records: shorthand, data, owner names."""

from hashlib import sha256, sha512

import dns.name
import dns.rdata
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dns.rdata import GenericRdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.errors import InputError, PeerError, UnsupportedError
from lab.dane.tlsa import (
    MatchingType,
    Parameters,
    Selector,
    TlsaRecord,
    Usage,
    association_data,
    client_owner,
    device_owner,
    make_tlsa,
    matched_octets,
    parse_parameters,
    server_owner,
)
from tests.unit.pki.chains import LEAF

TSP = dns.name.from_text("tsp.example")


def test_the_shorthand_names_three_numbers() -> None:
    parameters = Parameters(Usage.DANE_EE, Selector.SPKI, MatchingType.SHA2_256)
    assert parse_parameters("3 1 1") == parameters
    assert str(parameters) == "3 1 1"


@pytest.mark.parametrize(
    "text", ["", "3 1", "3 1 1 1", "4 1 1", "3 2 1", "3 1 3", "a b c", "-1 0 0"]
)
def test_other_shorthand_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no TLSA shorthand"):
        parse_parameters(text)


def test_the_data_are_the_part_or_its_digest() -> None:
    whole = LEAF.leaf.public_bytes(Encoding.DER)
    key = LEAF.leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    expected = {
        (Selector.CERT, MatchingType.FULL): whole,
        (Selector.SPKI, MatchingType.FULL): key,
        (Selector.CERT, MatchingType.SHA2_256): sha256(whole).digest(),
        (Selector.SPKI, MatchingType.SHA2_512): sha512(key).digest(),
    }
    for (selector, matching), data in expected.items():
        assert association_data(LEAF.leaf, selector, matching) == data


def test_an_unknown_digest_is_unsupported() -> None:
    with pytest.raises(UnsupportedError):
        matched_octets(b"", 3)


def test_a_record_is_made_and_read() -> None:
    rdata = make_tlsa(LEAF.leaf, Usage.DANE_EE, Selector.SPKI, MatchingType.SHA2_256)
    record = TlsaRecord.from_rdata(rdata)
    assert (record.usage, record.selector, record.matching) == (3, 1, 1)
    assert record.data == rdata.cert
    assert str(record) == f"TLSA 3 1 1 {rdata.cert[:8].hex()}…"


def test_unknown_numbers_are_read_too() -> None:
    rdata = dns.rdata.from_text(RdataClass.IN, RdataType.TLSA, "9 8 7 abcd")
    assert TlsaRecord.from_rdata(rdata) == TlsaRecord(9, 8, 7, b"\xab\xcd")


def test_a_record_that_is_cut_short_is_malformed() -> None:
    with pytest.raises(PeerError):
        TlsaRecord.from_rdata(GenericRdata(RdataClass.IN, RdataType.TLSA, b"\x03\x01"))


def test_owner_names() -> None:
    assert str(server_owner(TSP, 8003)) == "_8003._tcp.tsp.example."
    assert str(server_owner(TSP, 853, "udp")) == "_853._udp.tsp.example."
    assert client_owner("ns-client", TSP) == client_owner("_ns-client", TSP)
    assert str(client_owner("ns-client", TSP)) == "_ns-client.tsp.example."
    assert str(device_owner("sensor7", TSP)) == "sensor7._device.tsp.example."


@pytest.mark.parametrize("device", ["", "é", "a" * 64])
def test_what_is_no_label_makes_no_owner(device: str) -> None:
    with pytest.raises(InputError, match="no domain name"):
        device_owner(device, TSP)
