"""What an event says about a query and its answer, and what counters make of it."""

import json
from dataclasses import replace

import dns.message
import dns.name
import pytest
from dns.edns import EDEOption
from dns.opcode import Opcode
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.rules import Ede
from lab.nameserver.counters import LABELS, OTHER, Counters
from lab.nameserver.event import QueryEvent
from lab.nameserver.query import Transport, push_refusal
from lab.nameserver.server import NameServer
from tests.fakes import NOW, PEER, TCP_PEER, name, query, served

SERVER = NameServer(
    served({"example.": "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 127.0.0.1\n"})
)


def event(wire: bytes, answer: bytes | None = None) -> QueryEvent:
    octets = 0 if answer is None else len(answer)
    return QueryEvent(float(NOW), "127.53.0.1", 53, PEER, wire, answer, int(octets > 0), octets)


def asked(qname: str, rdtype: str = "A", edns: int = 0) -> QueryEvent:
    wire = query(qname, rdtype, edns=edns).to_wire()
    return event(wire, SERVER.respond(wire, PEER, NOW))


def test_an_answer_is_described() -> None:
    seen = asked("ns.example.")
    assert (seen.qname, seen.qtype, seen.opcode) == (
        name("ns.example."),
        RdataType.A,
        Opcode.QUERY,
    )
    assert (seen.rcode, seen.flags) == (Rcode.NOERROR, ("QR", "AA"))
    assert seen.wants_dnssec
    assert seen.key is None
    assert seen.transport is Transport.UDP


RCODES = {
    ("ns.example.", 0): (Rcode.NOERROR, ()),
    ("nobody.example.", 0): (Rcode.NXDOMAIN, ()),
    ("ns.test.", 0): (Rcode.REFUSED, (Ede.NOT_AUTHORITATIVE,)),
    ("ns.example.", 1): (Rcode.BADVERS, ()),
}


@pytest.mark.parametrize(("qname", "edns"), RCODES)
def test_codes_are_read_with_their_upper_bits(qname: str, edns: int) -> None:
    seen = asked(qname, edns=edns)
    assert (seen.rcode, seen.errors) == RCODES[qname, edns]


def test_a_tsig_key_is_named_although_it_is_not_known() -> None:
    message = query("ns.example.")
    message.use_tsig({dns.name.from_text("key."): b"secret"})
    assert event(message.to_wire()).key == name("key.")


MALFORMED = [b"", b"short", bytes(12), bytes(4) + b"\x00\x01" + bytes(6) + b"\x3f"]


@pytest.mark.parametrize("wire", MALFORMED)
def test_malformed_octets_are_an_event_too(wire: bytes) -> None:
    seen = event(wire, push_refusal(wire))
    assert seen.question is None
    assert (seen.qname, seen.qtype, seen.key, seen.wants_dnssec) == (None, None, None, False)
    assert seen.rcode in {None, Rcode.FORMERR}


def test_silence_has_no_code() -> None:
    seen = event(query("ns.example.").to_wire())
    assert (seen.rcode, seen.flags, seen.errors) == (None, (), ())


def test_what_was_asked_is_counted() -> None:
    counters = Counters(lambda qname: name("example.") if len(qname) > 2 else None, 100.5)
    for one in (
        asked("ns.example."),
        asked("nobody.example.", "TXT"),
        replace(asked("test."), peer=TCP_PEER),
        event(b"short"),
    ):
        counters(one)
    snapshot = counters.snapshot()
    assert (snapshot["since"], snapshot["queries"], snapshot["silent"]) == (100, 4, 1)
    assert snapshot["zone"] == {"example.": 2, "none": 2}
    assert snapshot["qtype"] == {"A": 2, "TXT": 1, "none": 1}
    assert snapshot["rcode"] == {"NOERROR": 1, "NXDOMAIN": 1, "REFUSED": 1, "none": 1}
    assert snapshot["transport"] == {"UDP": 3, "TCP": 1}
    assert snapshot["messages_out"] == 3


def test_what_one_process_has_counted_another_one_adds() -> None:
    counters, others = (Counters(lambda _qname: None, 0) for _ in range(2))
    counters(asked("ns.example."))
    others.put(json.loads(json.dumps(counters.taken())))
    counters(asked("ns.example."))
    others.put(counters.taken())
    assert others.snapshot()["queries"] == 2
    assert others.snapshot()["qtype"] == {"A": 2}
    assert counters.snapshot()["queries"] == 0
    assert counters.taken() == []


def test_strangers_cannot_make_the_counters_grow() -> None:
    counters = Counters(lambda _qname: None, 0)
    for number in range(LABELS + 50):
        counters(event(query("example.", RdataType(40000 + number)).to_wire()))
    by_type = counters.snapshot()["qtype"]
    assert len(by_type) == LABELS + 1
    assert by_type[OTHER] == 50


def test_an_error_option_of_our_own_is_what_dnspython_reads() -> None:
    wire = asked("ns.test.").answer
    assert wire is not None
    (option,) = dns.message.from_wire(wire).options
    assert isinstance(option, EDEOption)
