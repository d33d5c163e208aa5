import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer

from lab.app.asking import NotRunningError, ask
from lab.app.control import Asker, Command, ControlFactory, Emit, Event
from lab.app.state import StateFolder
from lab.core.errors import LabError


class Connection:
    """Send lines to a control connection."""

    def __init__(self, commands: dict[str, Command]) -> None:
        self.protocol = ControlFactory(commands).buildProtocol(None)
        self.transport = StringTransport()
        self.protocol.makeConnection(self.transport)

    def send(self, octets: bytes) -> None:
        self.protocol.dataReceived(octets)

    @property
    def events(self) -> list[Event]:
        return [json.loads(line) for line in self.transport.value().splitlines()]


async def echo(request: Event, emit: Emit) -> None:
    emit({"echo": request})


async def refuse(_request: Event, _emit: Emit) -> None:
    raise LabError("not today")


async def stumble(_request: Event, _emit: Emit) -> None:
    raise KeyError("text")


def request(**parts: object) -> bytes:
    return json.dumps(parts).encode() + b"\n"


@pytest.fixture
def connection() -> Connection:
    return Connection({"echo": echo, "refuse": refuse, "stumble": stumble})


@pytest.fixture
def defects() -> Iterator[list[str]]:
    """Collect what is logged as a failure."""
    seen: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if "log_failure" in event:
            seen.append(str(event["log_format"]))

    globalLogPublisher.addObserver(observe)
    yield seen
    globalLogPublisher.removeObserver(observe)


def test_a_command_answers_with_events_and_an_end(connection: Connection) -> None:
    connection.send(request(do="echo", x=1))
    assert connection.events == [{"echo": {"do": "echo", "x": 1}}, {"done": True}]


def test_a_refusal_is_one_sentence(connection: Connection) -> None:
    connection.send(request(do="refuse"))
    assert connection.events == [{"error": "not today"}]


MALFORMED = [b"", b"x", b"[]", b'"do"', b"{}", b"\xff"]


@pytest.mark.parametrize("octets", MALFORMED)
def test_what_is_no_request_is_told_what_is(octets: bytes, connection: Connection) -> None:
    connection.send(octets + b"\n")
    (event,) = connection.events
    assert event["error"].startswith('expected a JSON object with "do", one of echo, refuse')


@pytest.mark.parametrize("wanted", ["fly", []])
def test_what_cannot_be_done_is_named(wanted: object, connection: Connection) -> None:
    connection.send(request(do=wanted))
    (event,) = connection.events
    assert event["error"].startswith(f"what is running here cannot do {str(wanted)!r}; it knows")


def test_a_defect_is_admitted_and_logged(connection: Connection, defects: list[str]) -> None:
    connection.send(request(do="stumble"))
    assert connection.events == [{"error": "the lab has a defect here; its log says more"}]
    assert defects == ["defect while answering a control request"]


def test_requests_of_one_connection_are_answered_in_turn() -> None:
    waiting: Deferred[None] = Deferred()

    async def slow(_request: Event, emit: Emit) -> None:
        emit({"slow": "begins"})
        await waiting
        emit({"slow": "ends"})

    connection = Connection({"slow": slow, "echo": echo})
    connection.send(request(do="slow") + request(do="echo"))
    assert connection.events == [{"slow": "begins"}]
    waiting.callback(None)
    assert [next(iter(one)) for one in connection.events] == [
        "slow",
        "slow",
        "done",
        "echo",
        "done",
    ]


def test_half_a_line_waits_for_its_end(connection: Connection) -> None:
    octets = request(do="refuse")
    connection.send(octets[:5])
    assert connection.events == []
    connection.send(octets[5:])
    assert connection.events == [{"error": "not today"}]


def test_without_a_lab_there_is_nobody_to_ask(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match="no lab is running in"):
        next(ask(StateFolder(tmp_path), {"do": "status"}))


async def asks_back(_request: Event, asker: Asker) -> None:
    asker({"which": "one"})
    asker({"got": await asker.reply()})


def test_a_command_may_ask_back_and_the_next_line_is_its_reply() -> None:
    connection = Connection({"ask": asks_back, "echo": echo})
    connection.send(request(do="ask"))
    connection.send(request(do="echo"))
    assert connection.events[1:] == [{"got": {"do": "echo"}}, {"done": True}]


@pytest.mark.parametrize("octets", [b"x\n", b"[]\n"])
def test_a_reply_that_is_none_ends_the_command(octets: bytes) -> None:
    connection = Connection({"ask": asks_back})
    connection.send(request(do="ask"))
    connection.send(octets)
    assert connection.events[-1] == {
        "error": "expected a JSON object as the reply",
        "input": True,
    }


def test_who_leaves_instead_of_replying_ends_the_command() -> None:
    heard: list[str] = []

    async def listens(_request: Event, asker: Asker) -> None:
        for _ in range(2):
            try:
                await asker.reply()
            except LabError as error:
                heard.append(str(error))

    connection = Connection({"listen": listens})
    connection.send(request(do="listen"))
    connection.protocol.connectionLost(Failure(ConnectionDone()))
    assert heard == ["who asked has left", "who asked has left"]
