"""The resolver for other programs: octets in, octets out, bounded."""

import dns.message
import pytest
from dns.rcode import Rcode
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

import lab.app.forwarder
from lab.app.forwarder import QUESTIONS, Forwarder
from lab.app.plan import Plan
from lab.app.words import parse_loopback
from lab.core.errors import InputError
from lab.core.question import Question, Response
from lab.nameserver.query import Peer, Transport
from lab.validator.cache import Cache
from tests.unit.validator.scenes import WORLD
from tests.unit.validator.zone import NOW

PEER = Peer("127.0.0.1", 4711, Transport.UDP)


class Waiting:
    """Stand for the walk: every question waits until the test answers it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[Deferred[object]] = []

        async def walk(*_arguments: object) -> object:
            one: Deferred[object] = Deferred()
            self.asked.append(one)
            return await one

        monkeypatch.setattr(lab.app.forwarder, "_walk", walk)

    def answer(self) -> None:
        for one in self.asked:
            one.callback(WORLD.ask("www.example.fr."))


def forwarder() -> Forwarder:
    return Forwarder(Clock(), lambda: Plan(WORLD.settings(), 53, NOW))  # type: ignore[arg-type]  # no socket is opened


def ask(one: Forwarder, qname: str, answers: list[bytes | None]) -> None:
    wire = dns.message.make_query(qname, "A").to_wire()
    Deferred.fromCoroutine(one.receive(wire, PEER)).addCallback(answers.append)


def test_the_same_question_is_worked_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, answers = Waiting(monkeypatch), list[bytes | None]()
    one = forwarder()
    ask(one, "www.example.fr.", answers)
    ask(one, "WWW.example.fr.", answers)
    assert (len(waiting.asked), answers) == (1, [])
    waiting.answer()
    messages = [dns.message.from_wire(wire) for wire in answers if wire is not None]
    assert [message.rcode() for message in messages] == [Rcode.NOERROR] * 2
    assert [str(one.question[0].name) for one in messages] == ["WWW.example.fr.", "www.example.fr."]


def test_too_many_questions_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, answers = Waiting(monkeypatch), list[bytes | None]()
    one = forwarder()
    for number in range(QUESTIONS + 1):
        ask(one, f"w{number}.example.fr.", answers)
    assert len(waiting.asked) == QUESTIONS
    (refused,) = answers
    assert refused is not None
    assert dns.message.from_wire(refused).rcode() == Rcode.SERVFAIL
    waiting.answer()
    ask(one, "again.example.fr.", answers)
    assert len(waiting.asked) == QUESTIONS + 1


def test_octets_that_are_no_query_are_refused_or_passed_over() -> None:
    answers: list[bytes | None] = []
    one = forwarder()
    for wire in (b"", b"\x00\x01\x81\x80" + bytes(8), b"\x00\x01\x28\x00" + bytes(8)):
        Deferred.fromCoroutine(one.receive(wire, PEER)).addCallback(answers.append)
    assert answers[:2] == [None, None]
    assert answers[2] is not None
    assert dns.message.from_wire(answers[2]).rcode() == Rcode.NOTIMP


class InMemory(Plan):
    """Start in a world without sockets.

    Attributes:
        asked: what its servers were asked.
    """

    asked: list[Question] = []  # noqa: RUF012 emptied by each test

    def client(self, _reactor: object, _lines: object) -> "InMemory":  # type: ignore[override]  # no DnsClient
        return self

    async def ask(self, question: Question) -> Response:
        self.asked.append(question)
        return WORLD.answer(question)


@pytest.mark.parametrize(("cache", "again"), [(Cache(), 0), (None, 6)])
def test_a_second_question_is_answered_from_the_cache_if_there_is_one(
    cache: Cache | None, again: int
) -> None:
    times = iter([NOW, NOW + 100])
    InMemory.asked.clear()
    one = Forwarder(Clock(), lambda: InMemory(WORLD.settings(), 53, next(times)), cache)  # type: ignore[arg-type]  # no socket is opened
    answers: list[bytes | None] = []
    ask(one, "www.example.fr.", answers)
    before = len(InMemory.asked)
    ask(one, "www.example.fr.", answers)
    assert len(InMemory.asked) - before == again
    messages = [dns.message.from_wire(wire) for wire in answers if wire is not None]
    assert [message.rcode() for message in messages] == [Rcode.NOERROR] * 2
    ttls = [message.answer[0].ttl for message in messages]
    assert ttls[0] - ttls[1] == (0 if cache is None else 100)


ADDRESSES = {
    "127.0.0.53": ("127.0.0.53", 53),
    "127.0.0.53:5353": ("127.0.0.53", 5353),
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_may_have_a_port(text: str) -> None:
    assert parse_loopback(text) == ADDRESSES[text]


@pytest.mark.parametrize("text", ["", "x", "192.0.2.1", "127.0.0.1:x", "127.0.0.1:70000", "::1"])
def test_the_resolver_listens_on_this_machine_only(text: str) -> None:
    with pytest.raises(InputError, match=r"."):
        parse_loopback(text)
