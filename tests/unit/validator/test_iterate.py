"""Which servers are asked, and what is believed of them."""

from dataclasses import replace

import dns.message
import dns.rrset
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.errors import TransportError
from lab.core.question import Question, Server
from lab.core.rrsets import RRset
from lab.core.rules import Ede
from lab.validator.resolve import Limits, ResolutionKind, Stub
from tests.unit.validator.scenes import (
    BOGUS,
    INDETERMINATE,
    INSECURE,
    SECURE,
    WORLD,
    forge,
    strip_all,
    two_servers,
    world,
    zones,
)
from tests.unit.validator.world import Tamper, build
from tests.unit.validator.zone import (
    TTL,
    name,
)


def test_a_silent_zone_is_indeterminate() -> None:
    made = build(zones())
    made.silent = frozenset({"127.53.2.1"})
    found = made.ask("www.example.fr.")
    assert (found.status, found.rcode) == (INDETERMINATE, Rcode.SERVFAIL)
    assert found.ede == (Ede.NO_REACHABLE_AUTHORITY,)
    assert found.resolution.require(INDETERMINATE).kind is ResolutionKind.FAILURE


def refuse(_question: Question, message: Message) -> Message:
    refusal = dns.message.Message(message.id)
    refusal.set_rcode(Rcode.REFUSED)
    return refusal


def refer_up(_question: Question, message: Message) -> Message:
    lame = dns.message.make_response(dns.message.make_query(".", "A"))
    lame.authority.append(dns.rrset.from_text(".", TTL, "IN", "NS", "ns.root."))
    lame.id = message.id
    return lame


@pytest.mark.parametrize(
    "first", [refuse, strip_all, refer_up, forge("www.example.fr.", "A", "9.9.9.9")]
)
def test_another_server_is_asked_where_one_is_bad(first: Tamper) -> None:
    found = two_servers(first).ask("www.example.fr.")
    assert found.status is SECURE
    assert any(one.failed for one in found.report.every_check())


def test_bogus_data_of_all_servers_is_bogus() -> None:
    made = two_servers(strip_all)
    made.tamper = strip_all
    assert made.ask("www.example.fr.").status is BOGUS


def test_nothing_is_asked_twice() -> None:
    exchanges = WORLD.transcript("out.example.fr.").exchanges
    asked = [question for question, _ in exchanges]
    assert len(asked) == len(set(asked))


def test_the_number_of_questions_is_limited() -> None:
    settings = replace(WORLD.settings(), limits=Limits(questions=3))
    transcript = WORLD.transcript("www.example.fr.", settings=settings)
    assert len(transcript.exchanges) == 3
    assert transcript.result.status is INDETERMINATE


def test_the_number_of_referrals_is_limited() -> None:
    settings = replace(WORLD.settings(), limits=Limits(referrals=1))
    assert WORLD.ask("www.example.fr.", settings=settings).status is INDETERMINATE


def test_the_report_names_the_servers_that_were_asked() -> None:
    for bad in (refuse, drop):
        made = two_servers(bad)
        asked = made.ask("www.example.fr.").report.parts[-1].parts[0]
        assert asked.conclusion == "answered by ns2.example.fr. (127.53.2.1)"
        assert [one.failed for one in asked.checks] == [True, False]


def drop(_question: Question, _message: Message) -> Message:
    raise TransportError("timed out")


def test_resolving_nameservers_for_nameservers_ends() -> None:
    made = build(zones())
    for apex, host in (("example.fr.", "ns.open.fr."), ("open.fr.", "ns.example.fr.")):
        node = made.zones[name("fr.")].nodes[name(apex)]
        ns = dns.rrset.from_text(apex, TTL, "IN", "NS", host)
        node[RdataType.NS] = RRset.from_dns(name(apex), ns)
        del made.zones[name("fr.")].nodes[name(f"ns.{apex}")]
    found = made.ask("www.example.fr.")
    assert (found.status, found.ede) == (INDETERMINATE, (Ede.NO_REACHABLE_AUTHORITY,))


def test_a_stub_zone_is_asked_without_a_walk() -> None:
    stub = Stub(name("example.fr."), (Server(name("ns.example.fr."), "127.53.2.1"),))
    settings = replace(WORLD.settings(name("example.fr.")), stubs=(stub,))
    transcript = WORLD.transcript("www.example.fr.", settings=settings)
    assert transcript.result.status is SECURE
    assert {question.server.address for question, _ in transcript.exchanges} == {"127.53.2.1"}


def test_a_nameserver_without_glue_is_resolved() -> None:
    made = build(zones())
    fr = made.zones[name("fr.")]
    apex = name("example.fr.")
    ns = dns.rrset.from_text(apex, TTL, "IN", "NS", "ns.near.lab.", "inside.example.fr.")
    fr.nodes[apex][RdataType.NS] = RRset.from_dns(apex, ns)
    node = made.zones[name("near.lab.")].nodes[name("ns.near.lab.")]
    address = dns.rrset.from_text("ns.near.lab.", TTL, "IN", "A", "127.53.2.1")
    node[RdataType.A] = RRset.from_dns(address.name, address)
    assert made.ask("www.example.fr.").status is SECURE


def test_glue_for_names_outside_the_parent_is_not_believed() -> None:
    def poison(_question: Question, message: Message) -> Message:
        for one in message.authority:
            if one.rdtype == RdataType.NS and one.name == name("open.fr."):
                one.clear()
                one.add(dns.rdata.from_text("IN", "NS", "ns.victim.lab."))
                forged = dns.rrset.from_text("ns.victim.lab.", TTL, "IN", "A", "127.66.6.6")
                message.additional.append(forged)
        return message

    transcript = world(poison).transcript("www.open.fr.")
    assert "127.66.6.6" not in {one.server.address for one, _ in transcript.exchanges}


def test_data_from_outside_the_zone_asked_are_dropped() -> None:
    def add_foreign(_question: Question, message: Message) -> Message:
        message.answer.append(dns.rrset.from_text("www.open.lab.", TTL, "IN", "A", "9.9.9.9"))
        return message

    found = world(add_foreign).ask("www.open.fr.")
    rrsets = found.resolution.require(INSECURE).rrsets
    assert [one.rrset.owner for one in rrsets] == [name("www.open.fr.")]
