"""One exchange of HTTP/1.1, between our own ends and with strange clients."""

from dataclasses import dataclass, field

import pytest
from twisted.internet.defer import CancelledError, Deferred

from lab.core.errors import InputError
from lab.dane.decision import Decision
from lab.net.http import (
    MAX_BODY,
    ClientExchange,
    Exchange,
    HttpRequest,
    HttpResponse,
    ServerExchange,
)
from tests.unit.net.wire import ABORTED, ACCEPTED, Recorder, SlowGate, Wire, at_once


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
    client = ClientExchange(request, "js.afnic.example")
    gate = at_once(ABORTED if refuse else ACCEPTED)
    wire = Wire(gate, at_server=ServerExchange(echo), at_client=client)
    client.use(wire.client)
    wire.pump()
    wire.lose(wire.client)
    return result_of(client.result)


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
    wire = Wire(at_server=ServerExchange(echo)).pump()
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
    client = ClientExchange(HttpRequest("GET", "/"), "x")
    wire = Wire(gate, at_server=ServerExchange(broken), at_client=client)
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


def asked(slow: Slow) -> tuple[Wire, ClientExchange]:
    """Return a connection whose request waits for *slow*."""
    client = ClientExchange(HttpRequest("GET", "/"), "x")
    wire = Wire(at_server=ServerExchange(slow), at_client=client)
    client.use(wire.client)
    wire.pump()
    return wire, client


def test_a_handler_may_take_its_time() -> None:
    slow = Slow()
    wire, client = asked(slow)
    slow.thinking.callback(HttpResponse(200, body=b"at last"))
    wire.pump()
    wire.lose(wire.client)
    response = result_of(client.result).response
    assert response is not None
    assert response.body == b"at last"


def test_nobody_thinks_about_the_answer_to_somebody_who_has_left() -> None:
    slow = Slow()
    wire, _ = asked(slow)
    wire.lose(wire.server)
    assert slow.given_up


def test_what_is_no_request_is_not_sent() -> None:
    with pytest.raises(InputError, match="cannot be sent"):
        ClientExchange(HttpRequest("GET", "/\r\nX: y"), "x")


def _spoilt(raw: bytes) -> Exchange:
    client = ClientExchange(HttpRequest("GET", "/"), "x")
    wire = Wire(at_client=client)
    client.use(wire.client)
    wire.pump()
    wire.server.write(raw)
    wire.server.finish()
    wire.pump()
    wire.lose(wire.client)
    return result_of(client.result)


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
