"""RFC 8945: who sent this message, and how the answer is sealed. dnspython is the other side."""

import dns.message
import dns.tsig
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.tsig import Key

from lab.core.errors import PeerError
from lab.nameserver.query import push_failure
from lab.nameserver.tsig import ALGORITHMS, open_message
from tests.fakes import name, query

KEY = Key("lab-key.", b"0123456789abcdef0123456789abcdef", dns.tsig.HMAC_SHA256)
KEYS = {KEY.name: KEY}


def signed(key: Key = KEY) -> Message:
    asked = query("example.", "AXFR")
    asked.use_tsig(key)
    asked.to_wire()
    return asked


def time_of(asked: Message) -> int:
    assert asked.tsig is not None
    return int(asked.tsig[0].time_signed)


def octets(asked: Message) -> bytes:
    wire: bytes = asked.wire or b""
    return wire


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_message_of_dnspython_opens_and_the_answer_satisfies_it(algorithm: str) -> None:
    key = Key("lab-key.", b"0123456789abcdef", ALGORITHMS[algorithm])
    asked = signed(key)
    opened = open_message(octets(asked), {key.name: key}, time_of(asked))
    assert opened.key == key.name
    assert dns.message.from_wire(opened.wire).tsig is None
    assert opened.seal is not None
    sealed = opened.seal.sealed(push_failure(opened.wire, Rcode.REFUSED))
    answer = dns.message.from_wire(sealed, keyring=key, request_mac=asked.mac)
    assert answer.had_tsig
    assert answer.rcode() == Rcode.REFUSED


def test_every_message_of_a_transfer_is_signed_on_top_of_the_one_before() -> None:
    asked = signed()
    opened = open_message(octets(asked), KEYS, time_of(asked))
    assert opened.seal is not None
    context = None
    for wire in opened.seal.each([push_failure(opened.wire, Rcode.NOERROR)] * 3):
        answer = dns.message.from_wire(
            wire, keyring=KEY, request_mac=asked.mac, multi=True, tsig_ctx=context
        )
        context = answer.tsig_ctx
        assert answer.had_tsig


def test_a_message_without_tsig_is_nobodys() -> None:
    wire = query("example.").to_wire()
    opened = open_message(wire, KEYS, 0)
    assert (opened.wire, opened.key, opened.refused) == (wire, None, False)


def test_the_name_of_a_key_may_be_written_in_any_case() -> None:
    asked = signed(Key("LAB-key.", KEY.secret, KEY.algorithm))
    assert open_message(octets(asked), KEYS, time_of(asked)).key == KEY.name


def refused_with(opened_error: Rcode, asked: Message, wire: bytes, now: int) -> Message:
    """Return the sealed NOTAUTH, unverified."""
    opened = open_message(wire, KEYS, now)
    assert opened.refused
    assert opened.key is None
    assert opened.seal is not None
    answer = opened.seal.sealed(push_failure(opened.wire, Rcode.NOTAUTH))
    read = dns.message.from_wire(answer, keyring=False, request_mac=asked.mac)
    assert read.tsig_error == opened_error
    return read


def test_an_unknown_key_is_told_so_without_a_signature() -> None:
    asked = signed(Key("other.", KEY.secret, KEY.algorithm))
    assert refused_with(Rcode.BADKEY, asked, octets(asked), time_of(asked)).mac == b""


def test_another_algorithm_than_that_of_the_key_is_badkey() -> None:
    asked = signed(Key("lab-key.", KEY.secret, dns.tsig.HMAC_SHA512))
    assert refused_with(Rcode.BADKEY, asked, octets(asked), time_of(asked)).mac == b""


def test_one_changed_bit_is_badsig_without_a_signature() -> None:
    asked = signed()
    wire = bytearray(octets(asked))
    wire[3] ^= 0x10
    assert refused_with(Rcode.BADSIG, asked, bytes(wire), time_of(asked)).mac == b""


@pytest.mark.parametrize("late", [-301, 301])
def test_a_wrong_clock_is_told_our_time_and_signed(late: int) -> None:
    asked = signed()
    now = time_of(asked) + late
    answer = refused_with(Rcode.BADTIME, asked, octets(asked), now)
    assert answer.tsig is not None
    tsig = answer.tsig[0]
    assert int.from_bytes(tsig.other, "big") == now
    assert time_of(answer) == time_of(asked)
    assert answer.mac
    wire = octets(answer)
    with pytest.raises(dns.tsig.PeerBadTime):
        dns.message.from_wire(wire, keyring=KEY, request_mac=asked.mac)


def with_mac(asked: Message, size: int) -> bytes:
    assert asked.tsig is not None
    tsig = asked.tsig[0]
    short = tsig.replace(mac=(tsig.mac + bytes(8))[:size])
    head = octets(asked)[: octets(asked).index(b"\x07lab-key\x00")]
    rdata: bytes = short.to_wire()
    record = b"\x00\xfa\x00\xff\x00\x00\x00\x00" + len(rdata).to_bytes(2, "big") + rdata
    return head + b"\x07lab-key\x00" + record


def test_half_a_mac_is_true_but_refused_by_policy() -> None:
    asked = signed()
    wire = with_mac(asked, 16)
    assert refused_with(Rcode.BADTRUNC, asked, wire, time_of(asked)).mac


@pytest.mark.parametrize("size", [0, 15, 33])
def test_a_mac_of_an_impossible_length_is_malformed(size: int) -> None:
    asked = signed()
    with pytest.raises(PeerError, match="impossible length"):
        open_message(with_mac(asked, size), KEYS, time_of(asked))


def test_a_record_behind_the_tsig_is_malformed() -> None:
    asked = signed()
    wire = bytearray(octets(asked))
    wire[11] += 1
    record = b"\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\x7f\x00\x00\x01"
    with pytest.raises(PeerError, match="not the last"):
        open_message(bytes(wire) + record, KEYS, time_of(asked))
    with pytest.raises(PeerError, match="behind"):
        open_message(octets(asked) + b"\x00", KEYS, time_of(asked))


@pytest.mark.parametrize("cut", range(12, 90, 7))
def test_a_torn_message_is_malformed_or_has_no_tsig(cut: int) -> None:
    wire = octets(signed())[:cut] + b"\x00\xfa\x00\xff"
    with pytest.raises(PeerError):
        open_message(wire, KEYS, 0)


def test_the_id_that_a_forwarder_changed_does_not_break_the_signature() -> None:
    asked = signed()
    wire = b"\x12\x34" + octets(asked)[2:]
    opened = open_message(wire, KEYS, time_of(asked))
    assert opened.key == name("lab-key.")
    assert opened.wire[:2] == b"\x12\x34"
