"""Signatures and denials of one response that are wrong, missing or replayed."""

from dataclasses import replace

import dns.message
import dns.rrset
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.instant import DAY, Window
from lab.core.question import Question
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.dnssec.signing import SigningJob
from lab.validator.resolve import Limits
from tests.unit.validator.scenes import (
    BOGUS,
    HASHED,
    INSECURE,
    SECURE,
    WORLD,
    assert_bogus,
    expired,
    forge,
    only,
    strip_all,
    without,
    world,
    zones,
)
from tests.unit.validator.world import Tamper, build
from tests.unit.validator.zone import NOW, Job, ZoneText, key_of, name


def early(job: SigningJob) -> SigningJob:
    return replace(job, window=Window(NOW + 1, NOW + DAY))


def wrong_key(job: SigningJob) -> SigningJob:
    return replace(job, key=key_of(job.signer, "ECDSAP256SHA256"))


def other_signer(job: SigningJob) -> SigningJob:
    return replace(job, signer=name("fr."))


JOBS: list[tuple[Job, str, str, str, Ede]] = [
    (expired, "example.fr.", "www.example.fr.", "rrsig.expiration", Ede.SIGNATURE_EXPIRED),
    (early, "example.fr.", "www.example.fr.", "rrsig.inception", Ede.SIGNATURE_NOT_YET_VALID),
    (
        only(RdataType.A, expired),
        "example.fr.",
        "www.example.fr.",
        "rrsig.expiration",
        Ede.SIGNATURE_EXPIRED,
    ),
    (
        only(RdataType.A, wrong_key),
        "example.fr.",
        "www.example.fr.",
        "rrsig.dnskey",
        Ede.DNSKEY_MISSING,
    ),
    (
        only(RdataType.DNSKEY, wrong_key),
        "example.fr.",
        "www.example.fr.",
        "dnskey.signed-by-entry",
        Ede.RRSIGS_MISSING,
    ),
    (
        only(RdataType.A, other_signer),
        "example.fr.",
        "www.example.fr.",
        "rrsig.signer",
        Ede.DNSSEC_BOGUS,
    ),
    (only(RdataType.DS, expired), "fr.", "www.h.fr.", "rrsig.expiration", Ede.SIGNATURE_EXPIRED),
    (
        only(RdataType.NSEC, expired),
        "example.fr.",
        "nope.example.fr.",
        "rrsig.expiration",
        Ede.SIGNATURE_EXPIRED,
    ),
    (
        only(RdataType.NSEC, expired),
        "fr.",
        "www.open.fr.",
        "rrsig.expiration",
        Ede.SIGNATURE_EXPIRED,
    ),
    (
        only(RdataType.NSEC3, expired),
        "h.fr.",
        "nope.h.fr.",
        "rrsig.expiration",
        Ede.SIGNATURE_EXPIRED,
    ),
    (expired, ".", "www.open.fr.", "rrsig.expiration", Ede.SIGNATURE_EXPIRED),
]


@pytest.mark.parametrize(("job", "apex", "qname", "rule_id", "ede"), JOBS)
def test_a_wrong_signature_makes_the_answer_bogus(
    job: Job, apex: str, qname: str, rule_id: str, ede: Ede
) -> None:
    assert_bogus(world(job=job, apex=apex).ask(qname), rule_id, ede)


MIDDLES: list[tuple[Tamper, str, str, str, Ede]] = [
    (
        without(RdataType.RRSIG, RdataType.A),
        "www.example.fr.",
        "A",
        "rrsig.present",
        Ede.RRSIGS_MISSING,
    ),
    (
        without(RdataType.RRSIG, RdataType.DNSKEY),
        "www.example.fr.",
        "A",
        "rrsig.present",
        Ede.RRSIGS_MISSING,
    ),
    (without(RdataType.DNSKEY), "www.example.fr.", "A", "dnskey.present", Ede.DNSKEY_MISSING),
    (
        without(RdataType.RRSIG, RdataType.DS),
        "www.example.fr.",
        "A",
        "rrsig.present",
        Ede.RRSIGS_MISSING,
    ),
    (
        forge("www.example.fr.", "A", "203.0.113.66"),
        "www.example.fr.",
        "A",
        "rrsig.signature",
        Ede.DNSSEC_BOGUS,
    ),
    (without(RdataType.NSEC), "nope.example.fr.", "A", "nsec.present", Ede.NSEC_MISSING),
    (without(RdataType.NSEC), "www.example.fr.", "TXT", "nsec.present", Ede.NSEC_MISSING),
    (without(RdataType.NSEC), "x.w.example.fr.", "A", "nsec.present", Ede.NSEC_MISSING),
    (without(RdataType.NSEC), "www.open.fr.", "A", "nsec.present", Ede.NSEC_MISSING),
    (without(RdataType.NSEC3), "nope.h.fr.", "A", "nsec.present", Ede.NSEC_MISSING),
    (
        without(RdataType.RRSIG, RdataType.NSEC),
        "nope.example.fr.",
        "A",
        "rrsig.present",
        Ede.RRSIGS_MISSING,
    ),
]


@pytest.mark.parametrize(("tamper", "qname", "rdtype", "rule_id", "ede"), MIDDLES)
def test_a_hostile_middle_makes_the_answer_bogus(
    tamper: Tamper, qname: str, rdtype: str, rule_id: str, ede: Ede
) -> None:
    assert_bogus(world(tamper).ask(qname, rdtype), rule_id, ede)


def test_a_cname_that_does_not_follow_from_its_dname_is_left_aside() -> None:
    """RFC 6672 section 5.3.1: the signed DNAME is sufficient proof."""
    found = world(forge("x.near.example.fr.", "CNAME", "evil.example.fr.")).ask(
        "x.near.example.fr."
    )
    rrsets = found.resolution.require(SECURE).rrsets
    targets = [str(one.rrset.rdatas[0]) for one in rrsets if one.rrset.rdtype == RdataType.CNAME]
    assert targets == ["x.w.example.fr."]
    failed = [one.rule.id for one in found.report.every_check() if one.failed]
    assert failed == ["alias.dname-synthesis"]


def test_a_forged_cname_is_held_against_an_answer_that_has_nothing_else() -> None:
    made = world(forge("x.tree.example.fr.", "CNAME", "www.example.fr."))
    made.silent = frozenset({"127.53.3.1"})
    assert_bogus(made.ask("x.tree.example.fr."), "alias.dname-synthesis", Ede.DNSSEC_BOGUS)


def test_a_server_that_forges_twice_is_not_believed() -> None:
    zone = ZoneText("one DNAME two\ntwo DNAME w\n*.w A 192.0.2.2", "127.53.2.1")
    made = build(zones(example_fr=zone))
    made.tamper = lambda question, message: forge(str(question.qname), "CNAME", "evil.example.fr.")(
        question, message
    )
    assert_bogus(made.ask("x.one.example.fr."), "alias.dname-synthesis", Ede.DNSSEC_BOGUS)


def swap(qname: str, other: str) -> Tamper:
    """Return the hostile middle that answers *qname* with the negative answer for *other*."""

    def answer(question: Question, message: Message) -> Message:
        if question.qname != name(qname):
            return message
        replayed = WORLD.answer(replace(question, qname=name(other))).message
        replayed.question = message.question
        return replayed

    return answer


@pytest.mark.parametrize(
    ("qname", "other", "rule_id"),
    [
        ("www.example.fr.", "nope.example.fr.", "nsec.name-covered"),
        ("x.w.example.fr.", "nope.example.fr.", "nsec.name-covered"),
        ("x.nope.example.fr.", "x.ent.example.fr.", "nsec.name-covered"),
        ("www.h.fr.", "nope.h.fr.", "nsec3.next-closer-covered"),
        ("x.w.h.fr.", "nope.h.fr.", "nsec3.next-closer-covered"),
        ("ent.example.fr.", "nope.example.fr.", "nsec.name-covered"),
    ],
)
def test_the_denial_of_another_name_proves_nothing(qname: str, other: str, rule_id: str) -> None:
    found = world(swap(qname, other)).ask(qname)
    assert found.status is BOGUS
    assert rule_id in {one.rule.id for one in found.report.every_check() if one.failed}


def as_nodata(_question: Question, message: Message) -> Message:
    if message.rcode() == Rcode.NXDOMAIN:
        message.set_rcode(Rcode.NOERROR)
    return message


def as_nxdomain(_question: Question, message: Message) -> Message:
    if any(one.rdtype == RdataType.SOA for one in message.authority):
        message.set_rcode(Rcode.NXDOMAIN)
    return message


@pytest.mark.parametrize("qname", ["nope.example.fr.", "nope.h.fr."])
def test_an_absent_name_is_no_nodata(qname: str) -> None:
    assert world(as_nodata).ask(qname).status is BOGUS


@pytest.mark.parametrize("qname", ["www.example.fr.", "ent.example.fr.", "www.h.fr.", "ent.h.fr."])
def test_a_present_name_is_no_nxdomain(qname: str) -> None:
    assert world(as_nxdomain).ask(qname, "TXT").status is BOGUS


@pytest.mark.parametrize(("iterations", "status"), [(150, SECURE), (151, INSECURE)])
def test_too_many_iterations_make_a_denial_insecure(
    iterations: int, status: SecurityStatus
) -> None:
    given = zones(h_fr=ZoneText(HASHED, "127.53.3.1", hashed=Nsec3Parameters(iterations)))
    for qname, rdtype in (("nope.h.fr.", "A"), ("www.h.fr.", "TXT"), ("x.w.h.fr.", "A")):
        found = build(given).ask(qname, rdtype)
        assert found.status is status
        wanted = () if status is SECURE else (Ede.UNSUPPORTED_NSEC3_ITERATIONS_VALUE,)
        assert found.ede == wanted


def test_a_bad_signature_counts_more_than_too_many_iterations() -> None:
    zone = ZoneText(
        HASHED,
        "127.53.3.1",
        hashed=Nsec3Parameters(500),
        job=only(RdataType.NSEC3, expired),
    )
    assert build(zones(h_fr=zone)).ask("nope.h.fr.").status is BOGUS


def test_a_long_name_may_not_cost_more_hashes_than_allowed() -> None:
    settings = replace(WORLD.settings(), limits=Limits(nsec3_hashes=3))
    found = WORLD.ask("a.b.c.d.e.nope.h.fr.", settings=settings)
    assert_bogus(found, "nsec3.effort", Ede.DNSSEC_BOGUS)


def test_rrsigs_asked_for_are_not_authenticated() -> None:
    def answer(question: Question, message: Message) -> Message:
        if question.rdtype == RdataType.RRSIG:
            address = WORLD.answer(replace(question, rdtype=RdataType.A)).message
            message.answer[:] = [one for one in address.answer if one.rdtype == RdataType.RRSIG]
        return message

    found = world(answer).ask("www.example.fr.", "RRSIG")
    assert (found.status, found.ede, found.rcode) == (INSECURE, (), Rcode.NOERROR)
    assert "answer.rrsig-not-signed" in {
        one.rule.id for one in found.report.every_check() if one.failed
    }


def test_signatures_in_another_section_are_found() -> None:
    def move(_question: Question, message: Message) -> Message:
        moved = [one for one in message.answer if one.rdtype == RdataType.RRSIG]
        message.answer[:] = [one for one in message.answer if one not in moved]
        message.additional += moved
        return message

    assert world(move).ask("www.example.fr.").status is SECURE


def test_the_ad_bit_of_a_server_is_no_evidence() -> None:
    def claim(question: Question, message: Message) -> Message:
        message.flags |= dns.flags.AD
        return strip_all(question, message)

    assert world(claim).ask("www.example.fr.").status is BOGUS
