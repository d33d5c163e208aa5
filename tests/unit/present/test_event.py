"""A query in one line and as JSON."""

import json
from dataclasses import replace

import dns.message
import pytest

from lab.nameserver.event import QueryEvent
from lab.nameserver.query import Peer, push_refusal
from lab.nameserver.server import NameServer
from lab.present.event import event_line, event_to_json
from tests.fakes import NOW, PEER, TCP_PEER, query, served

SERVER = NameServer(
    served({"example.": "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 127.0.0.1\n"})
)
UPDATE = b"\x00\x01\x28\x00\x00\x01" + bytes(6) + b"\x01a\x00\x00\x06\x00\x01"


def event(wire: bytes, answer: bytes | None, peer: Peer = PEER) -> QueryEvent:
    octets = 0 if answer is None else len(answer)
    return QueryEvent(1_795_000_000.25, "127.53.0.1", 53, peer, wire, answer, 1, octets)


def ask(qname: str, edns: int = 0) -> QueryEvent:
    wire = query(qname, edns=edns).to_wire()
    return event(wire, SERVER.respond(wire, PEER, NOW))


CASES = {
    "an answer": (ask("ns.example."), "ns.example. A  NOERROR"),
    "a denial": (ask("x.example."), "x.example. A  NXDOMAIN"),
    "a refusal": (ask("x.test."), "x.test. A  REFUSED"),
    "another EDNS": (ask("ns.example.", edns=1), "ns.example. A  BADVERS"),
    "no query": (event(bytes(12), push_refusal(bytes(12))), "a malformed query  FORMERR"),
    "UPDATE": (event(UPDATE, push_refusal(UPDATE)), "UPDATE a. SOA  NOTIMP"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_query_is_one_line(case: str) -> None:
    seen, words = CASES[case]
    assert event_line(seen) == f"127.53.0.1  {words}  {seen.octets} octets UDP"


def test_silence_is_said() -> None:
    assert event_line(event(b"abc", None, TCP_PEER)) == "127.53.0.1  3 octets of TCP ignored"


def test_a_transfer_and_a_key_are_said() -> None:
    asked = query("example.", "AXFR")
    asked.use_tsig({dns.name.from_text("key."): b"secret"})
    seen = replace(event(asked.to_wire(), ask("ns.example.").answer, TCP_PEER), messages=3)
    assert " 3 messages, " in event_line(seen)
    assert event_line(seen).endswith("  key key.")


def test_names_cannot_change_the_terminal() -> None:
    seen = ask("x.example.")
    assert "\x1b" not in event_line(replace(seen, query=seen.query.replace(b"\x01x", b"\x01\x1b")))


def test_an_event_is_json() -> None:
    document = event_to_json(ask("x.test."))
    assert json.loads(json.dumps(document)) == document
    assert document["time"] == "2026-11-18T11:06:40.250+00:00"
    assert (document["qname"], document["qtype"], document["qclass"]) == ("x.test.", "A", "IN")
    assert (document["rcode"], document["ede"], document["do"]) == ("REFUSED", [20], True)
    assert (document["flags"], document["transport"]) == (["QR"], "UDP")


def test_what_cannot_be_read_is_null() -> None:
    document = event_to_json(event(b"abc", None))
    unread = ("opcode", "qname", "qtype", "qclass", "key", "rcode")
    assert {document[field] for field in unread} == {None}
