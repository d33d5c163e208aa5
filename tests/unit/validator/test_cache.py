"""A cached verdict is the verdict, with less time left; and what it is not kept for."""

from dataclasses import dataclass, field, replace

import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.checks import Report
from lab.core.dialogue import answer_all
from lab.core.instant import DAY, Instant, Window
from lab.core.question import Question, Response
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.validator import memory
from lab.validator.anchor import NegativeAnchor
from lab.validator.cache import Cache, resolve_cached
from lab.validator.lifetime import FAILURE_S, LONGEST_S
from lab.validator.resolve import Settings, Validation
from tests.unit.validator.scenes import (
    BOGUS,
    INDETERMINATE,
    INSECURE,
    SECURE,
    WORLD,
    expired,
    forge,
    only,
    silence,
    two_servers,
    without,
    world,
    zones,
)
from tests.unit.validator.world import Tamper, World, build
from tests.unit.validator.zone import NOW, TTL, name

ALL = (SECURE, INSECURE, INDETERMINATE, BOGUS)


@dataclass
class Asker:
    """Ask a world through one cache.

    Attributes:
        world: may be exchanged for another one.
        settings: None for those of the world.
        cache: what is tested.
        asked: what was sent for the last question.
    """

    world: World
    settings: Settings | None = None
    cache: Cache = field(default_factory=Cache)
    asked: tuple[str, ...] = ()

    def ask(self, qname: str, rdtype: str = "A", now: Instant = NOW) -> Validation:
        settings = self.settings or self.world.settings()
        about = name(qname), RdataType.from_text(rdtype)
        done = answer_all(resolve_cached(*about, settings, now, self.cache), self.world.answer)
        self.asked = tuple(str(question) for question, _ in done.exchanges)
        return done.result


def ttls(found: Validation) -> list[int]:
    resolution = found.resolution.require(*ALL)
    return [one.rrset.ttl for one in (*resolution.rrsets, *resolution.authority)]


def records(found: Validation) -> list[tuple[str, object]]:
    resolution = found.resolution.require(*ALL)
    sections = (*resolution.rrsets, *resolution.authority)
    return [(str(one.rrset), one.rrset.rdatas) for one in sections]


QUESTIONS = [
    ("www.example.fr.", "A", SECURE),
    ("alias.example.fr.", "A", SECURE),
    ("tree.example.fr.", "DNAME", SECURE),
    ("x.tree.example.fr.", "A", SECURE),
    ("any.w.example.fr.", "A", SECURE),
    ("nope.example.fr.", "A", SECURE),
    ("www.example.fr.", "MX", SECURE),
    ("nope.h.fr.", "A", SECURE),
    ("example.fr.", "DS", SECURE),
    ("www.open.fr.", "A", INSECURE),
    ("nope.open.fr.", "A", INSECURE),
    ("www.open.lab.", "A", INSECURE),
    ("unsafe.example.fr.", "A", INSECURE),
]


@pytest.mark.parametrize(("qname", "rdtype", "status"), QUESTIONS)
def test_the_second_answer_is_the_first_with_less_time(
    qname: str, rdtype: str, status: SecurityStatus
) -> None:
    asker = Asker(WORLD)
    plain = WORLD.ask(qname, rdtype)
    first, second = asker.ask(qname, rdtype), asker.ask(qname, rdtype, NOW + 100)
    assert asker.asked == ()
    for one in (first, second):
        assert (one.status, one.rcode, one.ede) == (status, plain.rcode, plain.ede)
        assert records(one) == records(plain)
        assert [link.apex for link in one.chain.links] == [link.apex for link in plain.chain.links]
    assert ttls(second) == [max(0, ttl - 100) for ttl in ttls(first)]


def test_the_report_says_what_comes_from_the_cache_and_is_else_the_same() -> None:
    asker = Asker(WORLD)
    first, second = asker.ask("www.example.fr."), asker.ask("www.example.fr.", now=NOW + 100)
    assert [one.rule.id for one in first.report.checks] == []
    (told,) = second.report.checks
    assert (told.rule.id, told.facts) == ("cache.alive", {"age": "100 s", "left": f"{TTL - 100} s"})
    assert second.report.parts == first.report.parts
    assert second.report.conclusion == first.report.conclusion


def told_in(report: Report) -> list[str]:
    """Return the titles of the parts that come from the cache."""
    here = any(one.rule.id == "cache.alive" for one in report.checks)
    return [report.title] * here + [title for part in report.parts for title in told_in(part)]


def test_another_name_is_asked_of_the_last_zone_alone_and_the_report_says_why() -> None:
    asker = Asker(WORLD)
    asker.ask("www.example.fr.")
    found = asker.ask("nope.example.fr.", now=NOW + 10)
    assert [one.split(" @ ")[0] for one in asker.asked] == ["nope.example.fr. A"]
    assert (found.status, [str(one.apex) for one in found.chain.links]) == (
        SECURE,
        [".", "fr.", "example.fr."],
    )
    assert told_in(found.report) == [
        ".: trust anchor -> DNSKEY",
        "fr.: DS -> DNSKEY",
        "example.fr.: DS -> DNSKEY",
        "the servers asked",
    ]


def test_links_that_come_from_the_cache_give_the_same_reasons_for_insecure() -> None:
    negative = (NegativeAnchor(name("example.fr.")),)
    asker = Asker(WORLD, replace(WORLD.settings(), digests=frozenset(), negative=negative))
    first, again = asker.ask("www.h.fr."), asker.ask("nope.h.fr.")
    assert (first.status, first.ede) == (INSECURE, (Ede.UNSUPPORTED_DS_DIGEST_TYPE,))
    assert (again.status, again.ede) == (first.status, first.ede)


@pytest.mark.parametrize("seconds", [TTL, 10 * DAY, -1])
def test_what_has_expired_or_is_not_yet_there_is_asked_anew(seconds: int) -> None:
    asker = Asker(WORLD)
    asker.ask("www.example.fr.")
    asker.ask("www.example.fr.", now=NOW + seconds)
    assert asker.asked[0] == "fr. A @ ns.root. (127.53.0.1)"


def with_ttl(seconds: int) -> Tamper:
    def change(_question: Question, message: Message) -> Message:
        for section in message.sections[1:]:
            for one in section:
                one.ttl = seconds
        return message

    return change


def signed_for(seconds: int) -> World:
    window = Window(NOW - DAY, NOW + seconds)
    return world(job=lambda job: replace(job, window=window))


@pytest.mark.parametrize("qname", ["www.example.fr.", "nope.example.fr.", "any.w.example.fr."])
def test_no_signature_is_believed_past_its_expiration(qname: str) -> None:
    asker = Asker(signed_for(7))
    assert set(ttls(asker.ask(qname))) == {7}
    assert asker.ask(qname, now=NOW + 6).status is SECURE
    assert asker.asked == ()
    assert asker.ask(qname, now=NOW + 8).status is BOGUS


def test_an_expired_signature_beside_a_good_one_shortens_nothing() -> None:
    def beside(_question: Question, message: Message) -> Message:
        for one in message.answer:
            if one.rdtype == RdataType.RRSIG:
                one.add(one[0].replace(expiration=int(NOW) - 1, inception=int(NOW) - DAY), TTL)
        return message

    asker = Asker(world(beside))
    assert asker.ask("www.example.fr.").status is SECURE
    asker.ask("www.example.fr.", now=NOW + TTL - 1)
    assert asker.asked == ()


def test_an_answer_is_kept_no_longer_than_the_steps_that_it_hangs_from() -> None:
    brief = Window(NOW - DAY, NOW + 7)
    keys = only(RdataType.DNSKEY, lambda job: replace(job, window=brief))
    asker = Asker(world(job=keys))
    asker.ask("www.example.fr.")
    assert asker.ask("www.example.fr.", now=NOW + 8).status is BOGUS


def test_a_denial_is_kept_for_as_long_as_its_soa_says() -> None:
    """RFC 2308 section 5."""

    def brief(_question: Question, message: Message) -> Message:
        for one in message.authority:
            if one.rdtype == RdataType.SOA:
                soa = one[0].replace(minimum=30)
                one.clear()
                one.add(soa, TTL)
        return message

    asker = Asker(world(brief))
    assert ttls(asker.ask("nope.open.fr.")) == [30]
    asker.ask("nope.open.fr.", now=NOW + 29)
    assert asker.asked == ()
    asker.ask("nope.open.fr.", now=NOW + 30)
    assert asker.asked != ()


def test_a_denial_without_soa_is_not_kept() -> None:
    asker = Asker(world(without(RdataType.SOA)))
    assert asker.ask("nope.example.fr.").rcode == Rcode.NXDOMAIN
    asker.ask("nope.example.fr.")
    assert asker.asked != ()


def test_what_is_bogus_is_kept_for_a_short_time_and_says_so() -> None:
    """RFC 4035 section 4.7, RFC 9520 section 3.2."""
    asker = Asker(world(job=only(RdataType.A, expired)))
    first = asker.ask("www.example.fr.")
    again = asker.ask("www.example.fr.", now=NOW + FAILURE_S - 1)
    assert asker.asked == ()
    assert (first.ede, again.ede) == (
        (Ede.SIGNATURE_EXPIRED,),
        (Ede.SIGNATURE_EXPIRED, Ede.CACHED_ERROR),
    )
    assert again.rcode == Rcode.SERVFAIL
    asker.world = WORLD
    assert asker.ask("www.example.fr.", now=NOW + FAILURE_S).status is SECURE


def test_a_forged_referral_does_not_outlive_the_failure_that_it_led_to() -> None:
    example = replace(zones()["example.fr."], address="127.53.2.66", job=only(RdataType.A, expired))
    forged, honest = build(zones(example_fr=example)), build(zones())
    asker = Asker(forged)
    assert asker.ask("www.example.fr.").status is BOGUS
    tell = honest.answer

    def tell_both(question: Question) -> Response:
        liar = question.server.address == example.address
        return forged.answer(question) if liar else tell(question)

    honest.answer = tell_both  # type: ignore[method-assign]  # the liar still listens
    asker.world = honest
    assert asker.ask("www.example.fr.", now=NOW + FAILURE_S).status is SECURE


def test_a_failure_of_one_question_is_not_held_against_another() -> None:
    asker = Asker(world(silence("DNSKEY", "example.fr.", Rcode.SERVFAIL)))
    assert asker.ask("www.example.fr.").rcode == Rcode.SERVFAIL
    asker.world = WORLD
    assert asker.ask("nope.example.fr.").status is SECURE


def test_servers_that_are_silent_are_not_asked_the_same_at_once_again() -> None:
    silent = replace(WORLD, silent=frozenset({"127.53.2.1"}))
    asker = Asker(silent)
    assert asker.ask("www.example.fr.").rcode == Rcode.SERVFAIL
    assert asker.ask("www.example.fr.").rcode == Rcode.SERVFAIL
    assert asker.asked == ()


def test_nameservers_that_have_moved_are_found_again_from_the_zone_above() -> None:
    asker = Asker(WORLD)
    asker.ask("www.example.fr.")
    example = zones()["example.fr."]
    asker.world = build(zones(example_fr=replace(example, address="127.53.2.9")))
    assert asker.ask("alias.example.fr.").status is SECURE
    assert "alias.example.fr. A @ ns.fr. (127.53.1.1)" in asker.asked


def test_glue_is_no_answer() -> None:
    """RFC 2181 section 5.4.1."""
    asker = Asker(WORLD)
    asker.ask("www.example.fr.")
    asker.ask("ns.example.fr.")
    assert [one.split(" @ ")[0] for one in asker.asked] == ["ns.example.fr. A"]


def test_a_ttl_of_zero_is_for_one_question_only() -> None:
    asker = Asker(world(with_ttl(0)))
    for _ in range(2):
        assert asker.ask("www.open.fr.").status is INSECURE
        assert asker.asked[0] == "fr. A @ ns.root. (127.53.0.1)"


def test_no_ttl_is_longer_than_a_day() -> None:
    assert ttls(Asker(world(with_ttl(10 * DAY))).ask("www.open.fr.")) == [LONGEST_S]


def test_who_is_told_otherwise_forgets() -> None:
    asker = Asker(WORLD)
    asker.ask("www.example.fr.")
    negative = (NegativeAnchor(name("example.fr."), NOW + 5),)
    asker.settings = replace(WORLD.settings(), negative=negative)
    assert asker.ask("www.example.fr.").status is INSECURE
    assert asker.ask("www.example.fr.", now=NOW + 6).status is SECURE


def test_without_an_anchor_the_records_alone_have_a_time() -> None:
    asker = Asker(WORLD, replace(WORLD.settings(), anchors=()))
    assert asker.ask("www.example.fr.").status is INDETERMINATE
    asker.ask("www.example.fr.", now=NOW + TTL - 1)
    assert asker.asked == ()


def test_a_flood_of_names_does_not_grow_the_cache_past_its_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lab.validator.cache.ANSWERS", 8)
    monkeypatch.setattr(memory, "CUTS", 4)
    monkeypatch.setattr(memory, "CONTACTS", 4)
    asker = Asker(WORLD)
    for number in range(50):
        asker.ask(f"x{number}.open.fr.")
        asker.ask(f"x{number}.example.fr.", "DS")
    assert len(asker.cache.answers) == 8
    assert len(asker.cache.known.cuts) <= 4
    assert len(asker.cache.known.contacts) <= 4


def test_what_is_forgotten_is_asked_anew() -> None:
    asker = Asker(WORLD)
    asker.ask("www.example.fr.")
    asker.cache.clear()
    asker.ask("www.example.fr.")
    assert len(asker.asked) > 3


def test_one_server_that_lies_poisons_nothing() -> None:
    """RFC 4035 section 4.7: another server's good data are what is kept."""
    asker = Asker(two_servers(forge("www.example.fr.", "A", "192.0.2.66")))
    for now in (NOW, NOW + 100):
        found = asker.ask("www.example.fr.", now=now)
        assert (found.status, records(found)) == (SECURE, records(WORLD.ask("www.example.fr.")))
    assert asker.asked == ()
