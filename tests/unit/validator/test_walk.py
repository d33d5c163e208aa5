"""From the trust anchor down: DS, DNSKEY, unsigned cuts, islands."""

from dataclasses import replace

import dns.message
import dns.rrset
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.errors import TransportError
from lab.core.message import make_odd_ds
from lab.core.question import Question
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.validator.anchor import TrustAnchor
from lab.validator.resolve import ResolutionKind
from tests.unit.validator.scenes import (
    BOGUS,
    INDETERMINATE,
    INSECURE,
    SECURE,
    WORLD,
    assert_bogus,
    silence,
    strip_all,
    without,
    world,
    zones,
)
from tests.unit.validator.world import World, anchor_of, build
from tests.unit.validator.zone import TTL, ZoneText, key_of, name


def ds_of(apex: str, **fields: object) -> World:
    """Return a world in which the parent publishes a changed DS for *apex*."""
    made = build(zones())
    node = made.zones[name("fr.")].nodes[name(apex)]
    ds = node[RdataType.DS]
    node[RdataType.DS] = replace(ds, rdatas=(ds.rdatas[0].replace(**fields),))
    return made


def test_a_ds_that_names_no_key_makes_the_child_bogus() -> None:
    for fields in ({"key_tag": 1}, {"digest": b"\x00" * 32}, {"algorithm": 13}):
        found = ds_of("example.fr.", **fields).ask("www.example.fr.")
        assert_bogus(found, "ds.matches", Ede.DNSKEY_MISSING)


@pytest.mark.parametrize(
    ("fields", "ede"),
    [
        ({"algorithm": 100}, Ede.UNSUPPORTED_DNSKEY_ALGORITHM),
        ({"algorithm": 5}, Ede.UNSUPPORTED_DNSKEY_ALGORITHM),
        ({"digest_type": 100}, Ede.UNSUPPORTED_DS_DIGEST_TYPE),
    ],
)
def test_a_ds_that_is_not_supported_makes_the_child_insecure(
    fields: dict[str, object], ede: Ede
) -> None:
    found = ds_of("example.fr.", **fields).ask("www.example.fr.")
    assert (found.status, found.ede) == (INSECURE, (ede,))


@pytest.mark.parametrize(
    ("octets", "alone"),
    [
        # RFC 4034 appendix A.2: digest type 0 is reserved, so nobody supports it.
        ("0f00" + "11" * 32, INSECURE),
        ("0f01" + "11" * 19, BOGUS),
        ("0f02" + "11" * 33, BOGUS),
        ("0f02", BOGUS),
        ("0f04" + "11" * 32, BOGUS),
    ],
)
def test_a_ds_with_an_odd_digest_names_nothing_and_spoils_nothing(
    octets: str, alone: SecurityStatus
) -> None:
    """RFC 4035 section 5.2: it is passed over; the DS RRset is authentic all the same."""
    made = build(zones())
    node = made.zones[name("fr.")].nodes[name("example.fr.")]
    ds = node[RdataType.DS]
    odd = make_odd_ds(b"\x00\x01" + bytes.fromhex(octets))
    node[RdataType.DS] = replace(ds, rdatas=(odd, *ds.rdatas))
    assert made.ask("www.example.fr.").status is SECURE
    node[RdataType.DS] = replace(ds, rdatas=(odd,))
    assert made.ask("www.example.fr.").status is alone


def test_a_ds_that_is_not_used_is_no_reason_elsewhere() -> None:
    made = build(zones())
    node = made.zones[name(".")].nodes[name("fr.")]
    ds = node[RdataType.DS]
    node[RdataType.DS] = replace(ds, rdatas=(*ds.rdatas, ds.rdatas[0].replace(digest_type=99)))
    found = made.ask("www.open.fr.")
    assert (found.status, found.ede) == (INSECURE, ())


def test_a_ds_made_from_a_wildcard_is_bogus() -> None:
    zone = ZoneText(f"*.w DS 1 15 2 {'00' * 32}\n*.w A 192.0.2.1", "127.53.2.1")
    made = build(zones(example_fr=zone))
    made.tamper = without(RdataType.RRSIG, RdataType.A)
    assert_bogus(made.ask("x.w.example.fr."), "ds.not-expanded", Ede.DNSSEC_BOGUS)


def test_whoever_does_not_accept_an_algorithm_sees_the_zone_as_insecure() -> None:
    settings = replace(WORLD.settings(), algorithms=frozenset({13}))
    assert WORLD.ask("www.example.fr.", settings=settings).status is INSECURE


def test_without_an_anchor_the_answer_is_indeterminate_and_given_out() -> None:
    settings = replace(WORLD.settings(), anchors=())
    found = WORLD.ask("alias.example.fr.", settings=settings)
    assert (found.status, found.rcode) == (INDETERMINATE, Rcode.NOERROR)
    assert found.ede == (Ede.DNSSEC_INDETERMINATE,)
    assert found.resolution.require(INDETERMINATE).kind is ResolutionKind.POSITIVE


def test_the_closest_anchor_counts_and_makes_an_island_secure() -> None:
    settings = WORLD.settings(name("."), name("island.fr."))
    found = WORLD.ask("www.island.fr.", settings=settings)
    assert found.status is SECURE
    assert [str(link.apex) for link in found.chain.links] == ["island.fr."]


def test_the_ds_of_an_island_is_judged_by_its_parent() -> None:
    settings = WORLD.settings(name("."), name("island.fr."))
    found = WORLD.ask("island.fr.", "DS", settings)
    assert found.status is SECURE
    assert [str(link.apex) for link in found.chain.links] == [".", "fr."]


def test_a_wrong_anchor_makes_everything_bogus() -> None:
    wrong = replace(anchor_of(name("fr.")), apex=name("."))
    found = WORLD.ask("www.open.fr.", settings=replace(WORLD.settings(), anchors=(wrong,)))
    assert_bogus(found, "anchor.matches", Ede.DNSKEY_MISSING)


def test_an_anchor_may_be_a_key() -> None:
    for apex, status in ((name("."), SECURE), (name("fr."), BOGUS)):
        anchor = TrustAnchor(name("."), (), (key_of(apex).dnskey,))
        settings = replace(WORLD.settings(), anchors=(anchor,))
        assert WORLD.ask("www.example.fr.", settings=settings).status is status


def test_an_anchor_of_an_unsupported_algorithm_is_no_protection() -> None:
    settings = replace(WORLD.settings(), algorithms=frozenset())
    assert WORLD.ask("www.example.fr.", settings=settings).status is INSECURE


@pytest.mark.parametrize(
    ("rdtype", "rule_id"), [("DNSKEY", "dnskey.present"), ("DS", "walk.server-answers")]
)
def test_a_server_that_withholds_what_is_due_makes_the_answer_bogus(
    rdtype: str, rule_id: str
) -> None:
    made = build(zones())
    made.tamper = silence(rdtype, "near.lab.", Rcode.SERVFAIL)
    found = made.ask("www.near.lab.")
    decisive = found.report.first_failure()
    assert decisive is not None
    assert (found.status, decisive.rule.id) == (BOGUS, rule_id)


@pytest.mark.parametrize("rdtype", ["DNSKEY", "DS"])
def test_what_cannot_be_fetched_leaves_the_answer_indeterminate(rdtype: str) -> None:
    made = build(zones())
    asked = (name("near.lab."), RdataType.from_text(rdtype))

    def lose(question: Question, message: Message) -> Message:
        if (question.qname, question.rdtype) == asked:
            raise TransportError("timed out")
        return message

    made.tamper = lose
    found = made.ask("www.near.lab.")
    assert (found.status, found.rcode) == (INDETERMINATE, Rcode.SERVFAIL)
    assert found.ede == (Ede.NO_REACHABLE_AUTHORITY,)


def test_below_a_name_that_does_not_exist_no_cut_is_looked_for() -> None:
    def make_up(question: Question, message: Message) -> Message:
        if question.rdtype == RdataType.A and message.rcode() == Rcode.NXDOMAIN:
            forged = dns.rrset.from_text(question.qname, TTL, "IN", "A", "203.0.113.66")
            message.set_rcode(Rcode.NOERROR)
            message.answer, message.authority = [forged], []
        return message

    transcript = world(make_up).transcript("x.y.nope.example.fr.")
    assert_bogus(transcript.result, "rrsig.present", Ede.RRSIGS_MISSING)
    asked = [str(one.qname) for one, _ in transcript.exchanges if one.rdtype == RdataType.DS]
    assert asked == ["nope.example.fr."]


def test_an_alias_is_no_zone_cut() -> None:
    # Unsigned data below a CNAME: the walk for a cut meets the CNAME, which excludes one.
    zone = ZoneText("alias CNAME www\nx.alias A 192.0.2.1\nwww A 192.0.2.1", "127.53.2.1")
    made = build(zones(example_fr=zone))
    made.tamper = without(RdataType.RRSIG, RdataType.A)
    found = made.ask("x.alias.example.fr.")
    assert_bogus(found, "rrsig.present", Ede.RRSIGS_MISSING)
    assert "an alias, so no zone cut" in {part.conclusion for part in found.report.parts}


def test_an_unsigned_alias_hides_no_zone_cut() -> None:
    zone = ZoneText("alias CNAME www\nx.alias A 192.0.2.1\nwww A 192.0.2.1", "127.53.2.1")
    made = build(zones(example_fr=zone))
    made.tamper = strip_answers
    assert made.ask("x.alias.example.fr.").status is BOGUS


def strip_answers(question: Question, message: Message) -> Message:
    below = question.qname.is_subdomain(name("alias.example.fr."))
    return strip_all(question, message) if below else message


def test_a_child_cannot_deny_its_own_ds() -> None:
    def child_side(question: Question, message: Message) -> Message:
        if question.rdtype == RdataType.DS and question.qname == name("near.lab."):
            zone = made.zones[name("near.lab.")]
            for section in message.sections[1:]:
                section.clear()
            zone._deny(message, name("near.lab."))
        return message

    made = world(child_side)
    assert made.ask("near.lab.", "DS").status is BOGUS
    assert made.ask("www.near.lab.").status is BOGUS


def forgetful(made: World, child: str, *proved: str) -> World:
    """Return *made* with a parent that gives no proof for the DS of *child*.

    Its proof for the names *proved* comes with the answer of the child, whose server is the same.
    """
    apex = name(child)
    parent = made.zones[apex.parent()]

    def forget(question: Question, message: Message) -> Message:
        if (question.qname, question.rdtype) == (apex, RdataType.DS):
            denials = {RdataType.NSEC, RdataType.NSEC3}
            kept = [one for one in message.authority if not {one.rdtype, one.covers} & denials]
            message.authority = kept
        elif question.qname == name(f"www.{child}"):
            for one in parent.denial(*(name(owner) for owner in proved)):
                message.authority.extend(one.to_dns())
        return message

    made.tamper = forget
    return made


def one_server() -> World:
    """Return a world in which fr. and its unsigned child p.fr. have one server."""
    return build(zones() | {"p.fr.": ZoneText("www A 192.0.2.1", "127.53.1.1", signed=False)})


@pytest.mark.parametrize(
    ("made", "child", "proved"),
    [
        (one_server(), "p.fr.", ("p.fr.",)),
        (build(zones()), "plain.lab.", ("lab.", "plain.lab.")),
    ],
)
def test_a_proof_that_came_with_another_answer_is_the_last_resort(
    made: World, child: str, proved: tuple[str, ...]
) -> None:
    """RFC 8198 section 5: a denial holds, whatever question brought it."""
    assert forgetful(made, child, *proved).ask(f"www.{child}").status is INSECURE
    assert forgetful(made, child).ask(f"www.{child}").status is BOGUS


def test_a_proof_about_another_name_is_none_for_this_one() -> None:
    made = forgetful(one_server(), "p.fr.", "open.fr.", "island.fr.")
    assert made.ask("www.p.fr.").status is BOGUS
