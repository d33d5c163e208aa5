"""Aliases where they are asked for, where they must not stand, and beside each other."""

from dataclasses import replace

import dns.rrset
import pytest
from dns.flags import Flag
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.checks import Outcome
from lab.core.question import Question
from lab.core.rrsets import RRset
from lab.core.rules import Ede
from lab.validator.resolve import ResolutionKind, Validation
from tests.unit.validator.scenes import EXAMPLE, SECURE, WORLD, assert_bogus, forge, world, zones
from tests.unit.validator.world import World, build
from tests.unit.validator.zone import TTL, ZoneText, name


def with_alias(text: str, owner: str, target: str) -> World:
    """Return a world in which *owner* has a CNAME beside what *text* gives it, as no zone may."""
    made = build(zones(example_fr=ZoneText(text, "127.53.2.1")))
    cname = dns.rrset.from_text(owner, TTL, "IN", "CNAME", target)
    node = made.zones[name("example.fr.")].nodes[name(owner)]
    node[RdataType.CNAME] = RRset.from_dns(name(owner), cname)
    return made


def texts(found: Validation) -> list[str]:
    return [str(one.rrset) for one in found.resolution.require(found.status).rrsets]


@pytest.mark.parametrize("rdtype", ["CNAME", "ANY"])
def test_a_cname_below_a_dname_that_is_asked_for_is_the_answer(rdtype: str) -> None:
    """RFC 6672 section 5.3.1: it needs no RRSIG; RFC 1034 section 3.6.2: it is not followed."""
    found = WORLD.ask("x.near.example.fr.", rdtype)
    assert (found.status, found.rcode) == (SECURE, Rcode.NOERROR)
    assert texts(found) == ["near.example.fr. DNAME", "x.near.example.fr. CNAME"]
    assert found.resolution.require(SECURE).kind is ResolutionKind.POSITIVE


def test_a_forged_cname_below_a_dname_is_not_handed_on() -> None:
    made = world(forge("x.near.example.fr.", "CNAME", "evil.example.fr."))
    answer = made.ask("x.near.example.fr.", "CNAME").resolution.require(SECURE).answer
    assert answer is not None
    assert [str(one) for one in answer.rrset.rdatas] == ["x.w.example.fr."]


def test_a_dname_asked_for_below_itself_leads_on() -> None:
    """RFC 6672 section 3.2: only the name is exchanged, whatever the type."""
    zone = ZoneText("near DNAME w\nx.w DNAME www\nwww A 192.0.2.1", "127.53.2.1")
    found = build(zones(example_fr=zone)).ask("x.near.example.fr.", "DNAME")
    assert texts(found)[-1] == "x.w.example.fr. DNAME"
    assert found.status is SECURE


@pytest.mark.parametrize("rdtype", ["CNAME", "DNAME", "ANY", "NS"])
def test_whoever_asks_for_an_alias_is_not_led_on(rdtype: str) -> None:
    """RFC 1034 section 3.6.2."""
    owner = "tree.example.fr." if rdtype == "DNAME" else "out.example.fr."
    found = WORLD.ask(owner, rdtype)
    assert found.status is SECURE
    assert not any(one.startswith("www") for one in texts(found))


def test_a_dname_says_nothing_about_its_own_name() -> None:
    """RFC 6672 section 2.3: the owner itself is not redirected, and may even be an alias."""
    made = with_alias(f"{EXAMPLE}t DNAME w", "t.example.fr.", "www.example.fr.")
    assert texts(made.ask("t.example.fr.")) == ["t.example.fr. CNAME", "www.example.fr. A"]
    assert texts(made.ask("x.t.example.fr."))[0] == "t.example.fr. DNAME"
    assert texts(made.ask("t.example.fr.", "DNAME")) == ["t.example.fr. DNAME"]


def test_a_dname_at_the_apex_leads_out_of_the_zone() -> None:
    made = build(zones(example_fr=ZoneText("@ DNAME h.fr.", "127.53.2.1")))
    assert made.ask("www.example.fr.").status is SECURE
    assert texts(made.ask("www.example.fr."))[-1] == "www.h.fr. A"
    assert made.ask("example.fr.", "DNSKEY").status is SECURE


def test_a_signed_alias_at_an_apex_is_followed_and_hides_no_keys() -> None:
    """RFC 1034 section 3.6.2 forbids it; what is signed is judged as it stands."""
    made = with_alias(EXAMPLE, "example.fr.", "www.h.fr.")
    assert texts(made.ask("example.fr.")) == ["example.fr. CNAME", "www.h.fr. A"]
    assert made.ask("www.example.fr.").status is SECURE


def test_data_below_a_dname_do_not_count() -> None:
    """RFC 6672 section 2.4: there is nothing below it, so an address there is not the answer."""
    made = world()
    zone = made.zones[name("example.fr.")]
    address = zone.nodes[name("www.example.fr.")][RdataType.A]
    hidden = zone.signed(replace(address, owner=name("x.near.example.fr.")))

    def reveal(question: Question, message: Message) -> Message:
        if question.qname == hidden.rrset.owner and message.flags & Flag.AA:
            message.answer.extend(hidden.to_dns())
        return message

    made.tamper = reveal
    assert texts(made.ask("x.near.example.fr."))[-1] == "x.w.example.fr. A"


def test_a_cname_that_follows_from_its_dname_is_found_to_do_so() -> None:
    """RFC 6672 section 5.3.1."""
    report = WORLD.ask("x.near.example.fr.").report
    (made,) = (one for one in report.every_check() if one.rule.id == "alias.dname-synthesis")
    assert made.outcome is Outcome.PASSED
    assert made.facts["met"] == made.facts["computed"] == "x.w.example.fr."


def test_a_dname_made_from_a_wildcard_is_bogus() -> None:
    """RFC 6672 section 3.3: a resolver that finds one has no defined way to go on."""
    made = build(zones(example_fr=ZoneText(f"{EXAMPLE}*.star DNAME w", "127.53.2.1")))
    zone = made.zones[name("example.fr.")]
    source = zone.nodes[name("*.star.example.fr.")][RdataType.DNAME]
    owner = name("t.star.example.fr.")

    def expand(question: Question, message: Message) -> Message:
        if message.flags & Flag.AA and question.qname == name("x.t.star.example.fr."):
            message.set_rcode(Rcode.NOERROR)
            message.answer = list(zone.signed(replace(source, owner=owner), source.owner).to_dns())
            message.authority = list(zone.denial(owner)[0].to_dns())
        return message

    made.tamper = expand
    assert_bogus(made.ask("x.t.star.example.fr."), "alias.dname-not-expanded", Ede.DNSSEC_BOGUS)


def test_a_dname_below_an_asterisk_that_was_asked_for_is_its_own() -> None:
    """RFC 4034 section 3.1.3: a leading asterisk does not count as a label."""
    made = build(zones(example_fr=ZoneText(f"{EXAMPLE}*.star DNAME w", "127.53.2.1")))
    assert texts(made.ask("x.*.star.example.fr."))[-1] == "x.w.example.fr. A"
