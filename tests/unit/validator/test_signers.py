"""Who may sign what, how often, and for how long: fields of an RRSIG in whole answers."""

from collections.abc import Callable
from dataclasses import replace

import dns.rrset
import pytest
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.instant import DAY, Instant, Window
from lab.core.question import Question
from lab.core.rrsets import RRset
from lab.core.status import SecurityStatus
from lab.dnssec.signing import SigningJob, sign
from tests.unit.validator.scenes import BOGUS, SECURE, only, world
from tests.unit.validator.world import World
from tests.unit.validator.zone import NOW, TTL, WINDOW, key_of, name

WWW = name("www.example.fr.")
HALF = 1 << 31


def signed_by(signer: str, owner: Name = WWW, signed_as: Name = WWW) -> World:
    """Return a world in which the address of *owner* is signed as that of *signed_as*."""
    made = world()
    rrset = made.zones[name("example.fr.")].nodes[WWW][RdataType.A]
    job = SigningJob(replace(rrset, owner=signed_as), key_of(name(signer)), WINDOW, name(signer))
    return answering(made, replace(rrset, owner=owner), sign(job))


def answering(made: World, rrset: RRset, *rrsigs: RRSIG, ttl: int = TTL) -> World:
    """Return *made* with another answer to the question for *rrset*."""

    def answer(question: Question, message: Message) -> Message:
        if (question.qname, question.rdtype) == (rrset.owner, rrset.rdtype) and message.answer:
            given = [rrset.to_dns()]
            if rrsigs:
                given.append(dns.rrset.from_rdata_list(rrset.owner, ttl, list(rrsigs)))
            message.answer = given
        return message

    made.tamper = answer
    return made


def rule_of(made: World, qname: str = "www.example.fr.") -> str:
    found = made.ask(qname)
    decisive = found.report.first_failure()
    assert found.status is BOGUS
    assert decisive is not None
    return decisive.rule.id


def test_the_zone_itself_signs() -> None:
    assert signed_by("example.fr.").ask("www.example.fr.").status is SECURE


@pytest.mark.parametrize("signer", [".", "fr.", "h.fr.", "www.example.fr.", "x.www.example.fr."])
def test_no_other_zone_signs(signer: str) -> None:
    """RFC 4035 section 5.3.1: the signer name is the zone that holds the RRset."""
    assert rule_of(signed_by(signer)) in {"rrsig.signer", "rrsig.dnskey", "rrsig.present"}


@pytest.mark.parametrize("signed_as", ["*.fr.", "*."])
def test_a_wildcard_above_the_zone_makes_nothing_in_it(signed_as: str) -> None:
    """RFC 4035 section 5.3.1: fewer labels than the zone has are no wildcard of this zone."""
    assert signed_by("example.fr.", signed_as=name(signed_as)).ask(str(WWW)).status is BOGUS


def test_a_wildcard_is_no_excuse_for_a_name_that_exists() -> None:
    """RFC 4035 section 5.3.4: without the proof that www itself does not exist."""
    assert rule_of(signed_by("example.fr.", signed_as=name("*.example.fr."))).startswith("nsec.")


Change = Callable[[RRSIG], RRSIG]


def changed(made: World, *changes: Change) -> World:
    """Return *made*, the RRSIG of the address of www replaced by changed ones."""
    zone = made.zones[name("example.fr.")]
    rrset = zone.nodes[WWW][RdataType.A]
    (honest,) = zone.signed(rrset).rrsigs
    return answering(made, rrset, *(change(honest) for change in changes))


def _as(**fields: object) -> Change:
    def change(rrsig: RRSIG) -> RRSIG:
        made = rrsig.replace(**fields)
        assert isinstance(made, RRSIG)
        return made

    return change


def test_a_signature_that_comes_twice_is_one() -> None:
    assert changed(world(), _as(), _as()).ask("www.example.fr.").status is SECURE


def test_a_signature_is_found_behind_those_of_strangers() -> None:
    strangers = tuple(_as(key_tag=tag, algorithm=5) for tag in range(30))
    assert changed(world(), *strangers, _as()).ask("www.example.fr.").status is SECURE


@pytest.mark.parametrize("labels", [0, 1, 2, 4, 255])
def test_the_number_of_labels_is_signed(labels: int) -> None:
    """RFC 4034 section 3.1.3."""
    assert changed(world(), _as(labels=labels)).ask("www.example.fr.").status is BOGUS


def test_an_rrsig_of_an_unknown_algorithm_does_not_make_the_zone_insecure() -> None:
    """RFC 4035 section 5.2: only the DS RRset can say that."""
    assert changed(world(), _as(algorithm=100)).ask("www.example.fr.").status is BOGUS


@pytest.mark.parametrize(
    ("ttl", "rrsig_ttl", "expected"), [(TTL, 50, 50), (60, TTL, 60), (10 * TTL, 10 * TTL, TTL)]
)
def test_no_ttl_is_longer_than_what_was_signed(ttl: int, rrsig_ttl: int, expected: int) -> None:
    """RFC 4035 section 5.3.3: those of the RRset, of the RRSIG, the original one, the time left."""
    made = world()
    zone = made.zones[name("example.fr.")]
    rrset = zone.nodes[WWW][RdataType.A]
    answering(made, replace(rrset, ttl=ttl), *zone.signed(rrset).rrsigs, ttl=rrsig_ttl)
    answer = made.ask("www.example.fr.").resolution.require(SECURE).answer
    assert answer is not None
    assert answer.rrset.ttl == expected


def test_a_signature_within_the_skew_leaves_no_time() -> None:
    made = world(job=only(RdataType.A, _expired_for(10)))
    answer = made.ask("www.example.fr.", settings=replace(made.settings(), skew_s=20))
    given = answer.resolution.require(SECURE).answer
    assert given is not None
    assert given.rrset.ttl == 0


def _expired_for(seconds: int) -> Callable[[SigningJob], SigningJob]:
    return lambda job: replace(job, window=Window(NOW - DAY, NOW - seconds))


@pytest.mark.parametrize(
    ("now", "start", "end", "status"),
    [
        # RFC 4034 section 3.1.5: the moments at which 32 bits change sign, and wrap.
        (HALF, HALF - DAY, HALF + DAY, SECURE),
        (HALF + DAY, HALF - DAY, HALF + DAY, SECURE),
        (HALF + DAY + 1, HALF - DAY, HALF + DAY, BOGUS),
        (HALF - DAY - 1, HALF - DAY, HALF + DAY, BOGUS),
        (2 * HALF, 2 * HALF - DAY, 2 * HALF + DAY, SECURE),
        (2 * HALF + DAY, 2 * HALF - DAY, 2 * HALF + DAY, SECURE),
        (2 * HALF + DAY + 1, 2 * HALF - DAY, 2 * HALF + DAY, BOGUS),
        (2 * HALF - DAY - 1, 2 * HALF - DAY, 2 * HALF + DAY, BOGUS),
        # RFC 1982 section 3.2: half the circle away nothing is before or after.
        (NOW, NOW - HALF, NOW + DAY, BOGUS),
        (NOW, NOW - DAY, NOW + HALF, BOGUS),
        # A window of 68 years is the longest that there is.
        (NOW, NOW - 1, NOW - 1 + HALF - 1, SECURE),
        (NOW, NOW - 1, NOW - 1 + HALF, BOGUS),
    ],
)
def test_times_are_serial_numbers(now: int, start: int, end: int, status: SecurityStatus) -> None:
    """RFC 1982 section 3.2."""
    made = world()
    usual = Window(Instant(now - DAY), Instant(now + DAY))
    judged = Window(Instant(start), Instant(end))

    def set_times(job: SigningJob) -> SigningJob:
        return replace(job, window=judged if job.rrset.owner == WWW else usual)

    for zone in made.zones.values():
        zone.given = replace(zone.given, job=set_times)
    assert made.ask("www.example.fr.", now=Instant(now)).status is status
