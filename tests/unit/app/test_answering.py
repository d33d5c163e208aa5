"""What stands around an answer: a defect, a limit, a peer that goes away."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import dns.message
from dns.edns import EDECode, EDEOption
from dns.rcode import Rcode
from twisted.internet.task import Clock

from lab.app.answering import Answering
from lab.app.server import RunningServer
from lab.nameserver.event import QueryEvent
from lab.nameserver.exchange import Service
from lab.nameserver.query import Peer
from lab.net.dns_stream import Wait
from tests.fakes import NOW, PEER, TCP_PEER, name, query
from tests.unit.net.sockets import FakeReactor

QUERY = query("www.example.").to_wire()
ANSWER = dns.message.make_response(dns.message.from_wire(QUERY)).to_wire()


@dataclass
class Desk:
    """Answer with what a test says."""

    answers: Callable[[], Iterable[bytes]]

    seconds: float = 0.0

    def delay(self, _address: str, _wire: bytes) -> float:
        return self.seconds

    def receive(self, _address: str, _wire: bytes, _peer: Peer) -> Iterable[bytes]:
        return self.answers()


@dataclass
class Server:
    """Have what answering needs of a running server."""

    desk: Desk
    reactor: Clock = field(default_factory=FakeReactor)
    port: int = 53

    def __post_init__(self) -> None:
        self.clock = SimpleNamespace(now=lambda: NOW)
        materials = SimpleNamespace(service=Service(secrets=(bytes(16),)))
        self.world = SimpleNamespace(sources={name("example."): None}, materials=materials)


def answering(answers: Callable[[], Iterable[bytes]], per_second: int = 0) -> Answering:
    return Answering(cast("RunningServer", Server(Desk(answers))), per_second)


def test_a_defect_is_answered_and_the_reason_is_not_told() -> None:
    def broken() -> Iterable[bytes]:
        raise RuntimeError("a secret")

    at = answering(broken)
    (octets,) = at.responder("127.53.0.1")(QUERY, PEER)
    assert isinstance(octets, bytes)
    message = dns.message.from_wire(octets)
    assert message.rcode() == Rcode.SERVFAIL
    assert message.extended_errors() == [EDEOption(EDECode.OTHER)]
    assert at.counters.snapshot()["rcode"] == {"SERVFAIL": 1}


def test_a_transfer_is_one_event() -> None:
    seen: list[QueryEvent] = []
    at = answering(lambda: (ANSWER, ANSWER, ANSWER))
    at.on_query.append(seen.append)
    assert len(tuple(at.responder("127.53.0.1")(QUERY, TCP_PEER))) == 3
    assert [(one.messages, one.octets) for one in seen] == [(3, 3 * len(ANSWER))]


def test_a_peer_that_goes_away_in_between_is_told_of() -> None:
    at = answering(lambda: (ANSWER, ANSWER))
    answers = iter(at.responder("127.53.0.1")(QUERY, TCP_PEER))
    next(answers)
    del answers
    assert at.counters.snapshot()["messages_out"] == 1


def test_silence_is_counted() -> None:
    at = answering(tuple)
    assert tuple(at.responder("127.53.0.1")(b"", PEER)) == ()
    assert at.counters.snapshot()["silent"] == 1


def test_a_slow_zone_makes_its_askers_wait_before_anything_is_said() -> None:
    at = Answering(cast("RunningServer", Server(Desk(lambda: (ANSWER,), seconds=2.5))), 0)
    assert tuple(at.responder("127.53.0.1")(QUERY, PEER)) == (Wait(2.5), ANSWER)
    assert at.counters.snapshot()["messages_out"] == 1


def test_a_limit_bounds_what_is_sent_over_udp() -> None:
    at = answering(lambda: (ANSWER,), per_second=2)
    udp = [tuple(at.responder("127.53.0.1")(QUERY, PEER)) for _ in range(6)]
    assert [one == (ANSWER,) for one in udp] == [True, True, False, False, False, False]
    assert tuple(at.responder("127.53.0.1")(QUERY, TCP_PEER)) == (ANSWER,)
    assert at.limiter is not None
    assert sum(at.limiter.counts.values()) == 4
    assert at.counters.snapshot()["zone"] == {"example.": 7}


def test_a_zone_is_one_however_askers_write_it() -> None:
    at = answering(lambda: (ANSWER,), per_second=2)
    for qname in ("www.example.", "www.EXAMPLE.", "WWW.Example.", "example.", "EXAMPLE."):
        tuple(at.responder("127.53.0.1")(query(qname).to_wire(), PEER))
    assert at.counters.snapshot()["zone"] == {"example.": 5}
