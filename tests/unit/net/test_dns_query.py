"""A query as octets, beside what dnspython makes of the same; and what is no response to it."""

import dns.flags
import dns.message
import pytest
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.entropy import SeededEntropy
from lab.core.question import Question, Role, Server
from lab.net.dns_query import Edns, make_query
from tests.fakes import name

QNAME = name("www.EXAMPLE.")
ONE_OF_WALK, ONE_OF_STUB = (
    Question(QNAME, RdataType.TLSA, Server(name("ns.example."), "192.0.2.1", role))
    for role in (Role.AUTHORITATIVE, Role.RECURSIVE)
)
SENT = make_query(ONE_OF_WALK, Edns.USUAL, SeededEntropy("x"))


@pytest.mark.parametrize("block", [0, 1, 128])
@pytest.mark.parametrize("edns", list(Edns))
@pytest.mark.parametrize("question", [ONE_OF_WALK, ONE_OF_STUB])
def test_the_octets_are_those_of_dnspython_but_for_case(
    question: Question, edns: Edns, block: int
) -> None:
    sent = make_query(question, edns, SeededEntropy("x"), block)
    same = dns.message.make_query(QNAME, RdataType.TLSA, id=int.from_bytes(sent.wire[:2], "big"))
    if edns is not Edns.NONE:
        same.use_edns(0, dns.flags.DO, edns.value, pad=block)
    same.flags = dns.flags.Flag(
        dns.flags.RD | dns.flags.CD if question.server.role is Role.RECURSIVE else 0
    )
    expected, end = same.to_wire(), 12 + len(sent.name)
    assert sent.wire[12:end].lower() == sent.name.lower() == b"\x03www\x07example\x00"
    assert (sent.wire[:12], sent.wire[end:]) == (expected[:12], expected[end:])


def response(rcode: Rcode = Rcode.NOERROR) -> dns.message.Message:
    """Return a response to SENT."""
    made = dns.message.make_response(dns.message.from_wire(SENT.wire))
    made.set_rcode(rcode)
    return made


@pytest.mark.parametrize("rcode", [Rcode.NOERROR, Rcode.NXDOMAIN, Rcode.REFUSED, Rcode.SERVFAIL])
def test_only_who_does_not_answer_may_leave_the_question_out(rcode: Rcode) -> None:
    made = response(rcode)
    made.question.clear()
    taken = SENT.in_stream(made.to_wire()) is not None
    assert taken is (rcode in {Rcode.REFUSED, Rcode.SERVFAIL})


def test_a_second_question_makes_it_another_response() -> None:
    assert SENT.in_stream(response().to_wire()) is not None
    made = response()
    made.question *= 2
    assert SENT.in_stream(made.to_wire()) is None


@pytest.mark.parametrize("octets", [0, 1, 11, 12])
def test_what_ends_in_its_header_is_none(octets: int) -> None:
    assert SENT.in_stream(response().to_wire()[:octets]) is None
