"""One exchange of HTTP/1.1, between our own ends and with strange clients."""

from dataclasses import dataclass, field

import pytest
from twisted.internet.defer import CancelledError, Deferred

from lab.core.errors import InputError
from lab.dane.decision import Decision
from lab.net.http import MAX_BODY, Exchange, HttpRequest, HttpResponse
from lab.net.http_client import ClientLine
from lab.net.http_server import ServerLine
from tests.unit.net.wire import ABORTED, ACCEPTED, LIMITS, Recorder, SlowGate, Wire, at_once


async def echo(request: HttpRequest, decision: Decision) -> HttpResponse:
    """Return what came."""
    head = f"{request.method} {request.target} {decision.verdict.value} ".encode()
    return HttpResponse(200, (("x-lab", "yes"),), head + request.body)


def result_of(exchanging: "Deferred[Exchange]") -> Exchange:
    """Return what has come already."""
    got: list[Exchange] = []
    exchanging.addCallback(got.append)
    (exchange,) = got
    return exchange


def exchanged(request: HttpRequest, *, refuse: bool = False) -> Exchange:
    """Play one exchange to its end."""
    client = ClientLine("js.afnic.example")
    asking = client.ask(request)
    gate = at_once(ABORTED if refuse else ACCEPTED)
    wire = Wire(gate, at_server=ServerLine(echo), at_client=client)
    client.use(wire.client)
    wire.pump()
    wire.lose(wire.client)
    return result_of(asking)


def test_a_request_is_answered() -> None:
    result = exchanged(HttpRequest("POST", "/join?x=1", body=b"hello"))
    assert result.response is not None
    assert (result.response.status, result.refusal) == (200, "")
    assert result.response.body == b"POST /join?x=1 accept hello"
    assert ("x-lab", "yes") in result.response.headers
    assert result.decision is ACCEPTED


def test_a_big_body_passes() -> None:
    result = exchanged(HttpRequest("POST", "/", body=bytes(MAX_BODY - 100)))
    assert result.response is not None
    assert result.response.status == 200


def test_a_body_that_is_too_big_is_refused() -> None:
    result = exchanged(HttpRequest("POST", "/", body=bytes(MAX_BODY + 1)))
    assert result.response is not None
    assert result.response.status == 413


def test_head_is_answered_without_body() -> None:
    result = exchanged(HttpRequest("HEAD", "/"))
    assert result.response is not None
    assert (result.response.status, result.response.body) == (200, b"")


def test_a_refusal_is_told_from_a_response() -> None:
    result = exchanged(HttpRequest("GET", "/"), refuse=True)
    assert (result.response, result.refusal) == (None, "handshake_failure (40)")
    assert result.decision is ACCEPTED


def answered(*pieces: bytes) -> bytes:
    """Return what the server says to raw octets."""
    wire = Wire(at_server=ServerLine(echo)).pump()
    for piece in pieces:
        wire.client.write(piece)
        wire.pump()
    assert isinstance(wire.at_client, Recorder)
    return wire.at_client.data


@pytest.mark.parametrize(
    "noise", [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 9 + b"\r\n\r\n"]
)
def test_what_is_no_request_gets_400(noise: bytes) -> None:
    assert answered(noise).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_request_may_come_in_pieces() -> None:
    head, rest = b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Le", b"ngth: 4\r\n\r\nab"
    assert answered(head, rest, b"cd").endswith(b"PUT /a accept abcd")


def test_a_second_request_is_not_read() -> None:
    get = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    assert answered(get + get).count(b"200 OK") == 1
    assert answered(get, get).count(b"200 OK") == 1


def test_a_handler_that_breaks_ends_the_connection() -> None:
    async def broken(_request: HttpRequest, _decision: Decision) -> HttpResponse:
        raise ZeroDivisionError

    gate = SlowGate()
    client = ClientLine("x")
    client.ask(HttpRequest("GET", "/"))
    wire = Wire(gate, at_server=ServerLine(broken), at_client=client)
    client.use(wire.client)
    wire.pump()
    gate.waiting.callback(ACCEPTED)
    assert wire.server_side.aborted


@dataclass
class Slow:
    """A handler that takes its time."""

    thinking: "Deferred[HttpResponse]" = field(default_factory=Deferred)
    given_up: bool = False

    async def __call__(self, _request: HttpRequest, _decision: Decision) -> HttpResponse:
        try:
            return await self.thinking
        except CancelledError:
            self.given_up = True
            raise


def asked(slow: Slow) -> "tuple[Wire, Deferred[Exchange]]":
    """Return a connection whose request waits for *slow*."""
    client = ClientLine("x")
    asking = client.ask(HttpRequest("GET", "/"))
    wire = Wire(at_server=ServerLine(slow), at_client=client)
    client.use(wire.client)
    wire.pump()
    return wire, asking


def test_a_handler_may_take_its_time() -> None:
    slow = Slow()
    wire, asking = asked(slow)
    slow.thinking.callback(HttpResponse(200, body=b"at last"))
    wire.pump()
    response = result_of(asking).response
    assert response is not None
    assert response.body == b"at last"


def test_nobody_thinks_about_the_answer_to_somebody_who_has_left() -> None:
    slow = Slow()
    wire, _ = asked(slow)
    wire.lose(wire.server)
    assert slow.given_up


@dataclass
class Always:
    """Let a decision hold until it is over."""

    over: bool = False

    def holds(self, _decision: Decision) -> bool:
        return not self.over


def kept(term: Always | None = None) -> tuple[Wire, ClientLine]:
    """Return a connection that may carry several requests."""
    client = ClientLine("x")
    wire = Wire(at_server=ServerLine(echo, term or Always()), at_client=client)
    client.use(wire.client)
    return wire, client


def said(wire: Wire, client: ClientLine, body: bytes, *headers: tuple[str, str]) -> Exchange:
    """Ask over a connection, perhaps of before."""
    asking = client.ask(HttpRequest("POST", "/", headers, body))
    wire.pump()
    if wire.server_side.disconnecting:
        wire.lose(wire.server)
        wire.lose(wire.client)
    return result_of(asking)


def test_a_connection_carries_one_request_after_the_other() -> None:
    wire, client = kept()
    got = [said(wire, client, body) for body in (b"first", b"other")]
    assert [one.response.body[-5:] for one in got if one.response] == [b"first", b"other"]
    assert [one.number for one in got] == [1, 2]
    assert client.is_free


def test_a_connection_whose_term_is_over_ends_before_another_request_is_read() -> None:
    term = Always()
    wire, client = kept(term)
    assert said(wire, client, b"first").response is not None
    term.over = True
    assert said(wire, client, b"other").response is None
    assert client.was_left


def test_the_last_answer_within_the_term_says_that_it_is_the_last() -> None:
    ended: list[ClientLine] = []
    term = Always(over=True)
    client = ClientLine("x", ended.append)
    wire = Wire(at_server=ServerLine(echo, term), at_client=client)
    client.use(wire.client)
    response = said(wire, client, b"only").response
    assert response is not None
    assert ("connection", "close") in response.headers
    assert ended == [client]


def test_a_client_may_ask_for_the_end() -> None:
    wire, client = kept()
    assert said(wire, client, b"only", ("connection", "close")).response is not None
    assert wire.server_side.disconnecting
    assert not client.is_free


def test_a_connection_at_rest_is_closed_after_a_while_and_a_busy_one_is_not() -> None:
    wire, client = kept()
    said(wire, client, b"first")
    wire.clock.advance(LIMITS.idle_s - 1)
    assert said(wire, client, b"other").response is not None
    wire.clock.advance(LIMITS.idle_s - 1)
    assert not wire.server_side.disconnecting
    wire.clock.advance(1)
    assert wire.server_side.disconnecting
    assert not wire.server_side.aborted


def test_what_a_server_says_unasked_ends_the_connection() -> None:
    wire, client = kept()
    said(wire, client, b"first")
    wire.server.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    wire.pump()
    assert not client.is_free


def test_who_waits_no_longer_for_an_answer_leaves_no_half_of_it_to_the_next() -> None:
    slow = Slow()
    wire, asking = asked(slow)
    asking.addErrback(lambda failure: failure.trap(CancelledError))
    asking.cancel()
    assert wire.client_side.disconnecting


def test_what_is_no_request_is_not_sent() -> None:
    with pytest.raises(InputError, match="cannot be sent"):
        ClientLine("x").ask(HttpRequest("GET", "/\r\nX: y"))


def _spoilt(raw: bytes) -> Exchange:
    client = ClientLine("x")
    asking = client.ask(HttpRequest("GET", "/"))
    wire = Wire(at_client=client)
    client.use(wire.client)
    wire.pump()
    wire.server.write(raw)
    wire.server.finish()
    wire.pump()
    wire.lose(wire.client)
    return result_of(asking)


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"nonsense\r\n\r\n", "the response is malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "the connection was closed"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(MAX_BODY + 1), "the response is too long"),
        (b"", "the connection was closed"),
    ],
)
def test_a_spoilt_response_is_no_response(raw: bytes, refusal: str) -> None:
    result = _spoilt(raw)
    assert result.response is None
    assert result.refusal.startswith(refusal)
