"""The servers of a test without sockets: nameservers, and the validating resolver before them."""

import dns.flags
import dns.message
import pytest
from dns.message import Message
from dns.name import from_text
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.entropy import SeededEntropy
from lab.core.status import SecurityStatus
from lab.faults.servers import ServerSilent
from lab.faults.signatures import RrsigExpired
from lab.nameserver.query import Peer, Transport
from lab.testing.answering import Answering
from lab.testing.clock import MovableClock
from lab.world.build import World
from tests.unit.testing.test_tree import SHOP, grown

RESOLVER = "127.53.128.253"
WWW = from_text("www.shop.example.")
CLIENT = Peer("127.0.0.1", 4000, Transport.UDP)


def world(**settings: object) -> World:
    return grown("1", **settings).with_records(SHOP, "www 60 A 192.0.2.80")


@pytest.fixture
def answering() -> Answering:
    clock = MovableClock(lambda: 1800000000.0)
    return Answering(world(), RESOLVER, clock, SeededEntropy("m"))


def ask(answering: Answering, name: str = "www.shop.example.") -> Message:
    query = dns.message.make_query(name, "A", want_dnssec=True)
    wire = answering.recurse(query.to_wire(), CLIENT)
    assert wire is not None
    return dns.message.from_wire(wire)


def test_a_secure_answer_has_ad(answering: Answering) -> None:
    answer = ask(answering)
    assert answer.flags & dns.flags.AD
    assert [one.to_text() for one in answer.answer[0]] == ["192.0.2.80"]


def test_a_denial_has_ad_too(answering: Answering) -> None:
    answer = ask(answering, "nowhere.shop.example.")
    assert answer.flags & dns.flags.AD
    assert answer.rcode() == Rcode.NXDOMAIN


def test_an_insecure_answer_has_none(answering: Answering) -> None:
    answering.world = world(signed=False)
    answer = ask(answering)
    assert not answer.flags & dns.flags.AD
    assert answer.rcode() == Rcode.NOERROR


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_was_changed_is_not_answered_from_memory(answering: Answering, time: str) -> None:
    ask(answering)
    answering.world = answering.world.with_fault(RrsigExpired(owner=WWW))
    answer = ask(answering)
    if time == "second":
        answer = ask(answering)
    assert answer.rcode() == Rcode.SERVFAIL
    assert [int(one.code) for one in answer.extended_errors()] == [7]


def test_a_delegation_that_was_changed_is_looked_at_again(answering: Answering) -> None:
    ask(answering)
    answering.world = answering.world.with_delegation(SHOP, ())
    assert not ask(answering).flags & dns.flags.AD


def test_a_silent_server_costs_no_time(answering: Answering) -> None:
    answering.world = answering.world.with_fault(ServerSilent(zone=SHOP))
    verdict = answering.validate(WWW, RdataType.A)
    assert verdict.status in {SecurityStatus.INDETERMINATE, SecurityStatus.BOGUS}


def test_a_nameserver_that_is_not_here_gives_no_answer(answering: Answering) -> None:
    elsewhere = "$TTL 60\nfar NS ns.far\nns.far A 127.53.128.99\n"
    answering.world = answering.world.with_records(SHOP, elsewhere)
    verdict = answering.validate(from_text("far.shop.example."), RdataType.A)
    assert verdict.status is SecurityStatus.INDETERMINATE


def test_a_query_is_noted_with_who_asked(answering: Answering) -> None:
    ask(answering)
    first, *_, last = answering.events
    assert (first.peer.host, first.address) == (RESOLVER, "127.53.128.1")
    assert (last.peer.host, last.address) == ("127.0.0.1", RESOLVER)


def test_the_last_verdict_is_kept(answering: Answering) -> None:
    ask(answering)
    assert answering.last is not None
    assert answering.last.secure


def test_octets_that_are_no_query_are_refused(answering: Answering) -> None:
    answer = answering.recurse(b"\0" * 12, CLIENT)
    assert answer is not None
    assert dns.message.from_wire(answer).rcode() == Rcode.FORMERR
