"""What is a plain question, and what is left to those who decode whole messages."""

from collections.abc import Callable

import dns.edns
import dns.message
import dns.opcode
import pytest
from dns.message import Message

from lab.nameserver.ready_question import pull_question
from tests.fakes import name, query


def test_a_plain_question_is_read_as_it_came() -> None:
    question = pull_question(query("Host.eXample.", "TLSA", payload=900).to_wire())
    assert question is not None
    assert question.name == b"\x04host\x07example\x00"
    assert question.offsets == (0, 5)
    assert question.rdtype == 52
    assert question.asked == b"\x04Host\x07eXample\x00\x00\x34\x00\x01"
    assert question.wants_dnssec
    assert question.has_edns
    assert question.room == 900


@pytest.mark.parametrize(("payload", "room"), [(0, 512), (512, 512), (1232, 1232), (4096, 1232)])
def test_the_room_for_an_answer_has_bounds(payload: int, room: int) -> None:
    question = pull_question(query("example.", payload=payload).to_wire())
    assert question is not None
    assert question.room == room


def test_without_edns_there_is_the_room_of_the_first_rfc() -> None:
    question = pull_question(query("example.", edns=None).to_wire())
    assert question is not None
    assert (question.has_edns, question.edns_flags, question.room) == (False, 0, 512)
    assert not question.wants_dnssec


def test_the_root_is_a_name_without_labels() -> None:
    question = pull_question(query(".", "NS").to_wire())
    assert question is not None
    assert (question.name, question.offsets) == (b"\0", ())


def with_cookie() -> Message:
    asked = query("example.")
    asked.use_edns(0, options=[dns.edns.CookieOption(b"12345678", b"")])
    return asked


def signed() -> Message:
    asked = query("example.")
    asked.use_tsig({name("key."): b"secret"})
    return asked


def of_class_chaos() -> Message:
    return dns.message.make_query("version.bind.", "TXT", "CH")


def response() -> Message:
    return dns.message.make_response(query("example."))


def notify() -> Message:
    asked = query("example.", "SOA")
    asked.set_opcode(dns.opcode.NOTIFY)
    return asked


@pytest.mark.parametrize("make", [with_cookie, signed, of_class_chaos, response, notify])
def test_what_needs_more_than_the_question_is_left_to_others(make: Callable[[], Message]) -> None:
    assert pull_question(make().to_wire()) is None


@pytest.mark.parametrize("edns", [None, 0])
def test_a_query_that_is_cut_off_or_goes_on_is_no_plain_one(edns: int | None) -> None:
    wire = query("www.example.", edns=edns).to_wire()
    assert pull_question(wire) is not None
    assert pull_question(wire + b"\0") is None
    assert not any(pull_question(wire[:length]) for length in range(len(wire)))


def test_names_that_are_none_are_left_to_others() -> None:
    head, tail = query("example.", edns=None).to_wire()[:12], b"\0\1\0\1"
    for qname in (b"\xc0\x0c", b"\x40" + b"a" * 64 + b"\0", b"\x01a" * 128 + b"\0"):
        assert pull_question(head + qname + tail) is None
    assert pull_question(head + b"\x01a" * 127 + b"\0" + tail) is not None
