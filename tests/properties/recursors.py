"""A recursive server for a random tree, and what somebody on the way may do to its octets."""

from collections.abc import Callable
from dataclasses import dataclass, field

import dns.message
from dns.flags import Flag
from dns.name import Name
from dns.rdatatype import RdataType
from hypothesis import strategies as st

from lab.core.message import Undecoded
from lab.core.question import Question, Response, Role, Server
from lab.validator.resolve import Settings
from tests.fakes import NOW, TCP_PEER, name, query
from tests.properties.trees import APEXES, Change, Tree

FORWARDER = Server(name("."), "127.53.0.53", Role.RECURSIVE)

Forge = Callable[[bytes], bytes]


@dataclass
class Recursor:
    """Give the answers of the zones of a tree, and leave their validation to who asks.

    Attributes:
        tree: of zones.
        forge: what becomes of the octets of each answer.
        asked: every question so far.
        given: answers so far; whoever asks again is given the same.
    """

    tree: Tree
    forge: Callable[[Question, bytes], bytes] = lambda _, wire: wire
    asked: list[Question] = field(default_factory=list)
    given: dict[Question, bytes] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Return what a validator is told that asks this server alone."""
        return Settings((), (self.tree.internet.anchor,)).through(FORWARDER)

    def answer(self, question: Question) -> Response:
        self.asked.append(question)
        if question not in self.given:
            octets = self.octets(question.qname, question.rdtype)
            self.given[question] = self.forge(question, octets)
        return Response(Undecoded(self.given[question]), FORWARDER)

    def octets(self, qname: Name, rdtype: RdataType) -> bytes:
        """Return the answer as the closest zone gives it."""
        at = qname.parent() if rdtype == RdataType.DS and len(qname) > 1 else qname
        above = (one for one in self.tree.apexes if at.is_subdomain(name(one)))
        number = APEXES.index(max(above, key=lambda one: len(name(one)))) + 1
        server = self.tree.internet.servers[f"127.53.9.{number}"]
        wire = server.respond(query(qname, rdtype, payload=65535).to_wire(), TCP_PEER, NOW)
        assert wire is not None
        return wire[:3] + bytes([wire[3] | Flag.RA]) + wire[4:]


@st.composite
def forgeries(draw: st.DrawFn) -> Forge:
    """Draw what is done to the octets of a message; some of it makes no difference."""
    at, octet = draw(st.integers(0, 2000)), draw(st.integers(1, 255))
    every: list[Forge] = [
        _flipped(at, octet),
        # Header and counts, then the question and the first records.
        _flipped(at % 12, octet),
        _flipped(12 + at % 60, 1 << octet % 8),
        lambda wire: wire[: 12 + at % max(1, len(wire) - 12)],
        lambda wire: wire + bytes(octet),
        _with_ttls(octet - 1),
        _with_ttls(2**31 - 1),
        _with_records(lambda message: message.answer.reverse()),
        _with_records(lambda message: message.answer.pop(octet % len(message.answer))),
        _with_records(lambda message: message.answer.extend(message.authority)),
        _with_records(_other_case),
        _with_records(lambda message: message.use_edns(0, octet << 24)),
        _repeated,
    ]
    return every[draw(st.integers(0, len(every) - 1))]


def _flipped(at: int, octet: int) -> Forge:
    def flip(wire: bytes) -> bytes:
        place = at % len(wire)
        return wire[:place] + bytes([wire[place] ^ octet]) + wire[place + 1 :]

    return flip


def _with_records(change: Callable[[dns.message.Message], object]) -> Forge:
    def forge(wire: bytes) -> bytes:
        message = dns.message.from_wire(wire)
        if message.answer:
            change(message)
        return message.to_wire(max_size=65535)

    return forge


def _with_ttls(ttl: int) -> Forge:
    def change(message: dns.message.Message) -> None:
        for one in message.answer[:1]:
            one.ttl = ttl

    return _with_records(change)


def _other_case(message: dns.message.Message) -> None:
    for one in message.answer:
        one.name = Name([label.upper() for label in one.name.labels])


def _repeated(wire: bytes) -> bytes:
    """Say twice what the answer section begins with, if its owner is compressed there."""
    begin = wire.find(b"\xc0\x0c")
    if begin < 0 or begin + 12 > len(wire):
        return wire
    end = begin + 12 + int.from_bytes(wire[begin + 10 : begin + 12], "big")
    count = int.from_bytes(wire[6:8], "big") + 1
    return wire[:6] + count.to_bytes(2, "big") + wire[8:end] + wire[begin:end] + wire[end:]


def changing(change: Change) -> Callable[[Question, bytes], bytes]:
    """Return what changes one octet of one RRset, wherever it appears."""

    def forge(question: Question, wire: bytes) -> bytes:
        del question
        message = dns.message.from_wire(wire)
        change.apply(message)
        return message.to_wire(max_size=65535)

    return forge


def only_at(place: int, forge: Forge) -> Callable[[Question, bytes], bytes]:
    """Return what acts on the answers to one question, chosen by its name and type."""

    def act(question: Question, wire: bytes) -> bytes:
        chosen = (len(question.qname) * 2 + (question.rdtype == RdataType.DNSKEY)) % 5
        return forge(wire) if chosen == place else wire

    return act
