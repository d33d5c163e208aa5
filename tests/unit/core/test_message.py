"""Responses as octets: what cannot be read is left out, but no DS is."""

import copy

import dns.message
import dns.rrset
import pytest
from dns.exception import DNSException
from dns.message import Message
from dns.rdata import from_text as rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from lab.core.message import Undecoded, make_odd_ds, pull_message

ODD = ["00010f0011", "00010f01" + "11" * 19, "00010f02" + "11" * 33, "00010f02", "00010f04" + "11"]


def response(*ds: DS) -> Message:
    query = dns.message.make_query("example.", "DS")
    message = dns.message.make_response(query)
    message.answer = [dns.rrset.from_rdata_list("example.", 60, list(ds))]
    message.authority = [dns.rrset.from_text("example.", 60, "IN", "NS", "ns.example.")]
    return message


def good() -> DS:
    made = rdata("IN", "DS", f"1 15 2 {'22' * 32}")
    assert isinstance(made, DS)
    return made


@pytest.mark.parametrize("octets", ODD)
def test_a_ds_is_kept_whatever_its_digest(octets: str) -> None:
    odd = make_odd_ds(bytes.fromhex(octets))
    wire = response(good(), odd).to_wire()
    (rrset,) = pull_message(wire).answer
    assert set(rrset) == {good(), odd}
    assert rrset.ttl == 60
    assert pull_message(pull_message(wire).to_wire()) == pull_message(wire)
    assert [one.rdtype for one in pull_message(wire).authority] == [RdataType.NS]


def test_an_odd_ds_alone_is_kept_too() -> None:
    odd = make_odd_ds(bytes.fromhex(ODD[0]))
    (rrset,) = pull_message(response(odd).to_wire()).answer
    assert [str(one) for one in rrset] == ["1 15 0 11"]


def test_another_record_that_cannot_be_read_is_left_out() -> None:
    wire = response(good()).to_wire()
    broken = wire.replace(b"\x00\x2b\x00\x01", b"\x00\x01\x00\x01", 2)
    assert not [one for one in pull_message(broken).answer if len(one)]


def test_a_ds_of_three_octets_is_none() -> None:
    """RFC 4034 section 5.1: its fields are four octets, and then the digest."""
    wire = response(make_odd_ds(bytes.fromhex("00010f00"))).to_wire()
    cut = wire.replace(b"\x00\x04\x00\x01\x0f\x00", b"\x00\x03\x00\x01\x0f")
    assert not [one for one in pull_message(cut).answer if len(one)]


@pytest.mark.parametrize("octets", ODD)
def test_no_truncation_raises_anything_but_what_is_promised(octets: str) -> None:
    wire = response(make_odd_ds(bytes.fromhex(octets))).to_wire()
    for end in range(len(wire)):
        try:
            pull_message(wire[:end])
        except (DNSException, ValueError):
            assert end < 12


def test_a_response_is_decoded_at_the_first_look() -> None:
    wire = response(good()).to_wire()
    message = Undecoded(wire)
    assert (message.wire, message.flags) == (wire, pull_message(wire).flags)
    assert not message.decoded
    assert message.answer == pull_message(wire).answer
    assert message.decoded
    assert message == pull_message(wire)
    assert not hasattr(message, "nonsense")


def test_a_copy_of_what_is_not_decoded_can_be_decoded() -> None:
    assert copy.copy(Undecoded(response(good()).to_wire())).answer


@pytest.mark.parametrize("end", [12, 13, 20, 30, 40])
def test_a_response_that_ends_early_is_decoded_as_far_as_it_goes(end: int) -> None:
    assert Undecoded(response(good()).to_wire()[:end]).answer == []
