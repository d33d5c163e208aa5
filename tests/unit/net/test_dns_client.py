import dns.flags
import dns.message
import dns.rrset
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from lab.core.entropy import SeededEntropy
from lab.core.errors import TransportError
from lab.core.question import Question, Response, Server
from lab.net.dns_client import DnsClient
from tests.fakes import name
from tests.unit.net.sockets import FakeReactor

SERVER = Server(name("ns.example."), "127.53.0.1")
QUESTION = Question(name("www.example."), RdataType.A, SERVER)


class Asking:
    """Ask one question, and hold what came of it."""

    def __init__(self) -> None:
        self.reactor = FakeReactor()
        client = DnsClient(self.reactor.reactor, 5300, SeededEntropy("x"), timeout_s=1)
        self.responses: list[Response] = []
        self.errors: list[BaseException] = []
        Deferred.fromCoroutine(client.ask(QUESTION)).addCallbacks(
            self.responses.append, lambda failure: self.errors.append(failure.value)
        )

    @property
    def query(self) -> Message:
        """Return the query that went out last."""
        return dns.message.from_wire(self.reactor.datagrams()[0][0])

    def answer(self, *, flags: int = 0) -> bytes:
        response = dns.message.make_response(self.query)
        response.flags |= flags
        return response.to_wire()

    def receive(self, wire: bytes) -> None:
        self.reactor.udp[-1][1].datagramReceived(wire, (SERVER.address, 5300))

    @property
    def quiet(self) -> bool:
        """Tell whether every socket and timer is gone."""
        return not (
            any(port.open for port, _ in self.reactor.udp) or self.reactor.getDelayedCalls()
        )


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_a_query_is_iterative_with_do_to_the_server_asked(asking: Asking) -> None:
    query = asking.query
    assert query.question[0].to_text().lower() == "www.example. in a"
    assert not query.flags & dns.flags.RD
    assert query.ednsflags & dns.flags.DO
    assert asking.reactor.udp[0][1].transport.peer == (SERVER.address, 5300)  # type: ignore[union-attr]  # the stand-in's


def test_an_answer_is_returned_with_its_server(asking: Asking) -> None:
    asking.receive(asking.answer())
    (response,) = asking.responses
    assert response.server is SERVER
    assert asking.quiet


def forged(asking: Asking, case: str) -> bytes:
    """Return octets that are no answer to the query."""
    wire = asking.answer()
    if case == "another ID":
        return bytes([wire[0] ^ 1]) + wire[1:]
    if case == "another question":
        return wire[:13] + b"ftp" + wire[16:]
    if case == "a query":
        return asking.query.to_wire()
    return {"nothing": b"", "noise": b"noise" * 5, "half a header": wire[:11]}[case]


FORGED = ["another ID", "another question", "a query", "nothing", "noise", "half a header"]


@pytest.mark.parametrize("case", FORGED)
def test_what_is_no_answer_is_ignored_and_the_wait_goes_on(case: str, asking: Asking) -> None:
    asking.receive(forged(asking, case))
    assert not asking.responses
    assert not asking.errors
    asking.receive(asking.answer())
    assert len(asking.responses) == 1


def test_a_record_that_cannot_be_read_does_not_spoil_the_answer(asking: Asking) -> None:
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x03abc"  # an A record of 3 octets
    wire = asking.answer()
    end = len(wire) - 11  # where the OPT record starts
    asking.receive(wire[:6] + b"\x00\x01" + wire[8:end] + record + wire[end:])
    (response,) = asking.responses
    assert response.message.answer == []


def test_a_second_answer_changes_nothing(asking: Asking) -> None:
    protocol = asking.reactor.udp[-1][1]
    wire = asking.answer()
    protocol.datagramReceived(wire, (SERVER.address, 5300))
    protocol.datagramReceived(wire, (SERVER.address, 5300))
    protocol.connectionRefused()
    assert len(asking.responses) == 1


def test_a_silent_server_is_asked_again_from_another_port(asking: Asking) -> None:
    asking.reactor.advance(1)
    assert len(asking.reactor.udp) == 2
    assert [port.open for port, _ in asking.reactor.udp] == [False, True]
    asking.receive(asking.answer())
    assert len(asking.responses) == 1


def test_a_server_that_stays_silent_is_an_error(asking: Asking) -> None:
    asking.reactor.pump([1, 1])
    (error,) = asking.errors
    assert isinstance(error, TransportError)
    assert str(error) == "no answer from ns.example. (127.53.0.1)"
    assert asking.quiet


def test_a_server_that_is_not_there_is_an_error(asking: Asking) -> None:
    for _ in range(2):
        asking.reactor.udp[-1][1].connectionRefused()
    assert [str(one) for one in asking.errors] == ["ns.example. (127.53.0.1) does not listen"]
    assert asking.quiet


def truncated(asking: Asking) -> tuple[StringTransport, object]:
    """Let the UDP answer be cut, and the TCP connection come up."""
    asking.receive(asking.answer(flags=dns.flags.TC))
    (connector,) = asking.reactor.connectors
    assert (connector.host, connector.port) == (SERVER.address, 5300)
    return connector.establish()


def framed(wire: bytes) -> bytes:
    return len(wire).to_bytes(2, "big") + wire


def test_a_truncated_answer_is_asked_for_again_over_tcp(asking: Asking) -> None:
    answer = asking.answer()
    query = asking.query
    transport, protocol = truncated(asking)
    assert dns.message.from_wire(transport.value()[2:]) == query
    octets = framed(b"noise") + framed(answer)
    protocol.dataReceived(octets[:9])  # type: ignore[attr-defined]  # the client's protocol
    protocol.dataReceived(octets[9:])  # type: ignore[attr-defined]  # the client's protocol
    assert len(asking.responses) == 1
    assert asking.reactor.connectors[0].closed
    assert asking.quiet


def test_a_connection_without_answer_is_an_error(asking: Asking) -> None:
    _, protocol = truncated(asking)
    protocol.connectionLost(Failure(ConnectionDone()))  # type: ignore[attr-defined]  # the client's protocol
    assert "closed the connection without an answer" in str(asking.errors[0])
    assert asking.quiet


def test_no_connection_is_an_error(asking: Asking) -> None:
    asking.receive(asking.answer(flags=dns.flags.TC))
    asking.reactor.connectors[0].fail(ConnectError())
    assert "no connection over TCP" in str(asking.errors[0])


def test_a_connection_that_stays_silent_is_an_error(asking: Asking) -> None:
    truncated(asking)
    asking.reactor.advance(1)
    assert "no answer over TCP from ns.example." in str(asking.errors[0])
    assert asking.quiet


def test_the_letters_of_the_name_go_out_in_random_case() -> None:
    names = {Asking().query.question[0].name.to_text() for _ in range(2)}
    assert names != {"www.example."}
    assert {one.lower() for one in names} == {"www.example."}


def test_names_come_back_in_the_case_of_the_asker(asking: Asking) -> None:
    response = dns.message.make_response(asking.query)
    response.answer = [dns.rrset.from_text(response.question[0].name, 60, "IN", "A", "192.0.2.1")]
    asking.receive(response.to_wire())
    (found,) = asking.responses
    assert found.message.answer[0].name.to_text() == "www.example."


def test_a_name_in_another_case_is_asked_for_over_tcp(asking: Asking) -> None:
    wire = asking.answer()
    asking.receive(wire[:12] + wire[12:25].lower() + wire[25:])
    assert not asking.responses
    (connector,) = asking.reactor.connectors
    _, protocol = connector.establish()
    protocol.dataReceived(framed(wire[:12] + wire[12:25].lower() + wire[25:]))  # type: ignore[attr-defined]  # the client's protocol
    assert len(asking.responses) == 1
    assert asking.quiet


def test_the_second_datagram_asks_for_a_smaller_answer(asking: Asking) -> None:
    assert asking.query.payload == 1232
    asking.reactor.advance(1)
    assert asking.query.payload == 512


def test_a_server_that_does_not_know_edns_is_asked_without(asking: Asking) -> None:
    refused = dns.message.make_response(asking.query)
    refused.use_edns(False)  # noqa: FBT003 dnspython's way to say none
    refused.set_rcode(Rcode.FORMERR)
    asking.receive(refused.to_wire())
    assert not asking.responses
    assert asking.query.edns < 0
    asking.receive(asking.answer())
    assert len(asking.responses) == 1


def test_after_the_deadline_nothing_is_asked() -> None:
    reactor = FakeReactor()
    client = DnsClient(reactor.reactor, 5300, SeededEntropy("x"), timeout_s=2).within(3)
    first = Deferred.fromCoroutine(client.ask(QUESTION))
    reactor.advance(2)
    reactor.advance(1)
    assert "no answer from ns.example." in error_of(first)
    second = Deferred.fromCoroutine(client.ask(QUESTION))
    assert "the time for this resolution is over" in error_of(second)


def error_of(waiting: "Deferred[Response]") -> str:
    """Return why *waiting* failed, as it has by now."""
    errors: list[str] = []
    waiting.addCallbacks(
        lambda response: errors.append(str(response)),
        lambda failure: errors.append(failure.getErrorMessage()),
    )
    return errors[0]
