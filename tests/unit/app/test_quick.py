"""Which datagrams are answered at once, and that those are limited and told of like others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

from dns.name import Name
from twisted.internet.task import Clock

from lab.app.answering import Answering
from lab.app.quick import QuickAnswers
from lab.app.server import RunningServer
from lab.nameserver.event import QueryEvent
from lab.nameserver.exchange import Service
from lab.nameserver.query import Transport
from lab.nameserver.server import NameServer
from lab.nameserver.tree import ServedZone
from tests.fakes import NOW, query, served

ADDRESS, ASKER = "127.53.0.2", ("127.0.0.1", 4711)
ZONES = served({"example.": "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n"})
WIRE = query("ns.example.").to_wire()


@dataclass
class Lab:
    """Have what quick answers need of a running server."""

    per_second: int = 0
    beside: Mapping[Name, ServedZone] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reactor, self.port = Clock(), 53
        self.clock = SimpleNamespace(now=lambda: NOW)
        self.desk = SimpleNamespace(secondaries=SimpleNamespace(beside=lambda _: self.beside))
        self.world = SimpleNamespace(
            name_servers={ADDRESS: NameServer(ZONES)},
            sources=ZONES,
            materials=SimpleNamespace(service=Service(secrets=(bytes(16),))),
        )
        self.answering = Answering(cast("RunningServer", self), self.per_second)

    def ask(self, wire: bytes = WIRE, address: str = ADDRESS) -> bytes | None:
        quick = QuickAnswers(cast("RunningServer", self), self.answering, address)
        return quick()(wire, ASKER)


def test_every_listener_is_told_of_a_quick_answer() -> None:
    lab, seen = Lab(), list[QueryEvent]()
    lab.answering.on_query.append(seen.append)
    answer = lab.ask()
    assert answer is not None
    assert [(one.query, one.answer, one.octets) for one in seen] == [(WIRE, answer, len(answer))]
    peer = seen[0].peer
    assert (peer.host, peer.port, peer.transport) == (*ASKER, Transport.UDP)
    assert lab.answering.counters.snapshot()["queries"] == 1


def test_quick_answers_have_a_limit_like_others() -> None:
    lab = Lab(per_second=2)
    answers = [lab.ask() for _ in range(6)]
    whole = lab.ask(query("example.").to_wire())
    assert whole is not None
    assert [one is not None and len(one) > len(WIRE) for one in answers[:2]] == [True, True]
    # What is over the limit is cut short or dropped, in turns.
    assert sorted(len(one or b"") for one in answers[2:])[:2] == [0, 0]
    assert lab.answering.counters.snapshot()["silent"] == 2


def test_what_is_served_beside_the_world_is_never_answered_quickly() -> None:
    assert Lab(beside=ZONES).ask() is None
    assert Lab().ask(address="127.53.0.3") is None


def test_a_defect_is_left_to_the_responder() -> None:
    lab = Lab()
    broken = SimpleNamespace(zones=ZONES, service=Service(), closest=None)
    lab.world.name_servers = {ADDRESS: broken}
    assert lab.ask(query("example.", "SOA").to_wire()) is None
