"""The attempts of one question, without a socket: what the answer to one makes of the next."""

import dns.flags
import dns.message
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.entropy import SeededEntropy
from lab.core.errors import TransportError
from lab.core.question import Carrier, Question, Response, Server
from lab.net.dns_exchange import Attempt, CaseLostError, exchange, read_datagram
from lab.net.dns_query import Edns, make_query
from tests.fakes import name

QUESTION = Question(name("www.example."), RdataType.A, Server(name("ns.example."), "192.0.2.1"))


class Played:
    """Answer each attempt as a script says: by a message with these flags and RCODE, or not."""

    def __init__(self, *script: TransportError | dns.flags.Flag | Rcode) -> None:
        self.script = list(script)
        self.attempts: list[tuple[Carrier, int]] = []
        dialogue = exchange(QUESTION, SeededEntropy("x"))
        self.response: Response = answer_all(dialogue, self.perform).result

    def perform(self, attempt: Attempt) -> Message:
        query = dns.message.from_wire(attempt.sent.wire)
        self.attempts.append((attempt.carrier, query.payload if query.edns >= 0 else 0))
        line = self.script.pop(0)
        if isinstance(line, TransportError):
            raise line
        response = dns.message.make_response(query)
        if isinstance(line, Rcode):
            response.use_edns(False)  # noqa: FBT003 dnspython's way to say none
            response.set_rcode(line)
        else:
            response.flags |= line
        return response


SILENT = TransportError("no answer")
ANSWER = dns.flags.AA


def test_the_first_answer_is_the_response() -> None:
    played = Played(ANSWER)
    assert played.attempts == [(Carrier.UDP, 1232)]
    assert played.response.server is QUESTION.server
    assert played.response.carrier is Carrier.UDP


def test_after_silence_a_smaller_answer_is_asked_for() -> None:
    assert Played(SILENT, ANSWER).attempts == [(Carrier.UDP, 1232), (Carrier.UDP, 512)]


@pytest.mark.parametrize("why", [dns.flags.TC, CaseLostError("case")])
def test_what_udp_cannot_carry_or_protect_goes_over_tcp(why: TransportError) -> None:
    played = Played(why, ANSWER)
    assert played.attempts == [(Carrier.UDP, 1232), (Carrier.TCP, 1232)]
    assert played.response.carrier is Carrier.TCP


def test_a_server_that_does_not_know_edns_is_asked_without() -> None:
    played = Played(Rcode.FORMERR, ANSWER)
    assert played.attempts == [(Carrier.UDP, 1232), (Carrier.UDP, 0)]


def test_the_last_failure_is_the_one_that_is_told() -> None:
    with pytest.raises(TransportError, match="the second"):
        Played(SILENT, TransportError("the second"))


def test_a_datagram_in_another_case_is_suspicious_and_one_of_another_query_is_not() -> None:
    sent = make_query(QUESTION, Edns.USUAL, SeededEntropy("x"))
    wire = dns.message.make_response(dns.message.from_wire(sent.wire)).to_wire()
    assert isinstance(read_datagram(sent, wire), Message)
    assert read_datagram(sent, b"\0\0" + wire[2:]) is None
    with pytest.raises(CaseLostError):
        read_datagram(sent, wire[:12] + wire[12:25].lower() + wire[25:])
