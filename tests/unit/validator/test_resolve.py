from collections.abc import Callable
from dataclasses import replace

import dns.message
import dns.rrset
import pytest
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.checks import Outcome
from lab.core.instant import DAY, Window
from lab.core.question import Question, Server
from lab.core.rrsets import RRset
from lab.core.rules import Ede
from lab.core.status import NotProvenError, SecurityStatus
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.dnssec.signing import SigningJob
from lab.validator.anchor import TrustAnchor
from lab.validator.resolve import Limits, ResolutionKind, Stub, Validation
from tests.unit.validator.world import (
    NOW,
    ROOT_ADDRESS,
    TTL,
    Job,
    Tamper,
    World,
    ZoneText,
    anchor_of,
    build,
    key_of,
    name,
)

SECURE, INSECURE = SecurityStatus.SECURE, SecurityStatus.INSECURE
INDETERMINATE, BOGUS = SecurityStatus.INDETERMINATE, SecurityStatus.BOGUS

EXAMPLE = """www A 192.0.2.1
alias CNAME www
out CNAME www.h.fr.
unsafe CNAME www.open.fr.
dead CNAME nowhere
loop CNAME pool
pool CNAME loop
*.w A 192.0.2.2
*.w MX 10 www
*.v CNAME www
a.deep.ent A 192.0.2.3
tree DNAME www.h.fr.
near DNAME w
_443._tcp.www TLSA 3 1 0 00
"""
HASHED = "www A 192.0.2.1\n*.w A 192.0.2.2\na.ent A 192.0.2.3\nx.www A 192.0.2.4\n"


def zones(**changes: ZoneText) -> dict[str, ZoneText]:
    """Return the zones of the test world; `example_fr=…` replaces the one at example.fr."""
    given = {
        ".": ZoneText("", ROOT_ADDRESS),
        "fr.": ZoneText("", "127.53.1.1"),
        "example.fr.": ZoneText(EXAMPLE, "127.53.2.1"),
        "h.fr.": ZoneText(HASHED, "127.53.3.1", hashed=Nsec3Parameters(1, b"\xab")),
        "open.fr.": ZoneText("www A 192.0.2.1\nalias CNAME www.example.fr.", "127.53.4.1", False),  # noqa: FBT003 not signed
        "island.fr.": ZoneText("www A 192.0.2.1", "127.53.5.1", delegated=False),
        "lab.": ZoneText("", "127.53.6.1", hashed=Nsec3Parameters(), opt_out=True),
        "open.lab.": ZoneText("www A 192.0.2.1", "127.53.7.1", signed=False),
        "near.lab.": ZoneText("www A 192.0.2.1", "127.53.6.1"),
        "plain.lab.": ZoneText("www A 192.0.2.1", "127.53.6.1", signed=False),
    }
    return given | {key.replace("_", ".") + ".": zone for key, zone in changes.items()}


WORLD = build(zones())

SOUND = [
    ("www.example.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("WWW.Example.FR.", "A", SECURE, ResolutionKind.POSITIVE),
    ("_443._tcp.www.example.fr.", "TLSA", SECURE, ResolutionKind.POSITIVE),
    ("alias.example.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("alias.example.fr.", "CNAME", SECURE, ResolutionKind.POSITIVE),
    ("out.example.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("unsafe.example.fr.", "A", INSECURE, ResolutionKind.POSITIVE),
    ("dead.example.fr.", "A", SECURE, ResolutionKind.NXDOMAIN),
    ("x.y.w.example.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("*.w.example.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("x.w.example.fr.", "TXT", SECURE, ResolutionKind.NODATA),
    ("x.v.example.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("x.w.example.fr.", "ANY", SECURE, ResolutionKind.POSITIVE),
    ("www.example.fr.", "TXT", SECURE, ResolutionKind.NODATA),
    ("ent.example.fr.", "A", SECURE, ResolutionKind.NODATA),
    ("deep.ent.example.fr.", "A", SECURE, ResolutionKind.NODATA),
    ("nope.example.fr.", "A", SECURE, ResolutionKind.NXDOMAIN),
    ("x.y.nope.example.fr.", "A", SECURE, ResolutionKind.NXDOMAIN),
    ("aa.example.fr.", "A", SECURE, ResolutionKind.NXDOMAIN),
    ("a.tree.example.fr.", "A", SECURE, ResolutionKind.NXDOMAIN),
    ("x.tree.example.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("x.near.example.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("tree.example.fr.", "DNAME", SECURE, ResolutionKind.POSITIVE),
    ("example.fr.", "DS", SECURE, ResolutionKind.POSITIVE),
    ("example.fr.", "DNSKEY", SECURE, ResolutionKind.POSITIVE),
    ("open.fr.", "DS", SECURE, ResolutionKind.NODATA),
    ("www.example.fr.", "DS", SECURE, ResolutionKind.NODATA),
    (".", "DS", SECURE, ResolutionKind.NODATA),
    (".", "DNSKEY", SECURE, ResolutionKind.POSITIVE),
    ("nope.", "A", SECURE, ResolutionKind.NXDOMAIN),
    ("www.h.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("x.w.h.fr.", "A", SECURE, ResolutionKind.POSITIVE),
    ("x.w.h.fr.", "TXT", SECURE, ResolutionKind.NODATA),
    ("www.h.fr.", "TXT", SECURE, ResolutionKind.NODATA),
    ("ent.h.fr.", "A", SECURE, ResolutionKind.NODATA),
    ("nope.h.fr.", "A", SECURE, ResolutionKind.NXDOMAIN),
    ("a.b.c.nope.h.fr.", "A", SECURE, ResolutionKind.NXDOMAIN),
    ("www.h.fr.", "DS", SECURE, ResolutionKind.NODATA),
    ("www.open.fr.", "A", INSECURE, ResolutionKind.POSITIVE),
    ("www.open.fr.", "TXT", INSECURE, ResolutionKind.NODATA),
    ("nope.open.fr.", "A", INSECURE, ResolutionKind.NXDOMAIN),
    ("alias.open.fr.", "A", INSECURE, ResolutionKind.POSITIVE),
    ("www.island.fr.", "A", INSECURE, ResolutionKind.POSITIVE),
    ("www.open.lab.", "A", INSECURE, ResolutionKind.POSITIVE),
    ("open.lab.", "DS", INSECURE, ResolutionKind.NODATA),
    ("nope.lab.", "A", INSECURE, ResolutionKind.NXDOMAIN),
    ("www.near.lab.", "A", SECURE, ResolutionKind.POSITIVE),
    ("www.near.lab.", "TXT", SECURE, ResolutionKind.NODATA),
    ("www.plain.lab.", "A", INSECURE, ResolutionKind.POSITIVE),
    ("www.plain.lab.", "TXT", INSECURE, ResolutionKind.NODATA),
]


@pytest.mark.parametrize(("qname", "rdtype", "status", "kind"), SOUND)
def test_an_honest_world_is_judged_as_it_is(
    qname: str, rdtype: str, status: SecurityStatus, kind: ResolutionKind
) -> None:
    found = WORLD.ask(qname, rdtype)
    assert found.status is status
    resolution = found.resolution.require(status)
    assert resolution.kind is kind
    assert bool(resolution.rdatas) is (kind is ResolutionKind.POSITIVE)
    rcode = Rcode.NXDOMAIN if kind is ResolutionKind.NXDOMAIN else Rcode.NOERROR
    assert found.rcode == rcode
    assert found.ede == ()
    assert found.report.outcome is Outcome.PASSED


def expired(job: SigningJob) -> SigningJob:
    return replace(job, window=Window(NOW - 2 * DAY, NOW - 1))


def early(job: SigningJob) -> SigningJob:
    return replace(job, window=Window(NOW + 1, NOW + DAY))


def only(rdtype: RdataType, change: Job) -> Job:
    return lambda job: change(job) if job.rrset.rdtype == rdtype else job


def wrong_key(job: SigningJob) -> SigningJob:
    return replace(job, key=key_of(job.signer, "ECDSAP256SHA256"))


def other_signer(job: SigningJob) -> SigningJob:
    return replace(job, signer=name("fr."))


def without(rdtype: RdataType, covers: RdataType = RdataType.NONE) -> Tamper:
    """Return the hostile middle that takes away one type, or the RRSIGs over one."""

    def strip(_question: Question, message: Message) -> Message:
        for section in (message.answer, message.authority):
            section[:] = [one for one in section if (one.rdtype, one.covers) != (rdtype, covers)]
        return message

    return strip


def forge(owner: str, rdtype: str, rdata: str) -> Tamper:
    """Return the hostile middle that replaces one RRset of the answer section."""

    def replace_rrset(_question: Question, message: Message) -> Message:
        forged = dns.rrset.from_text(owner, TTL, "IN", rdtype, rdata)
        message.answer[:] = [
            forged if (one.name, one.rdtype) == (forged.name, forged.rdtype) else one
            for one in message.answer
        ]
        return message

    return replace_rrset


def world(tamper: Tamper | None = None, job: Job | None = None, apex: str = "example.fr.") -> World:
    given = zones()
    if job is not None:
        given[apex] = replace(given[apex], job=job)
    made = build(given)
    if tamper is not None:
        made.tamper = tamper
    return made


def assert_bogus(found: Validation, rule_id: str, ede: Ede) -> None:
    decisive = found.report.first_failure()
    assert decisive is not None
    assert (found.status, decisive.rule.id, found.ede) == (BOGUS, rule_id, (ede,))
    assert found.rcode == Rcode.SERVFAIL
    with pytest.raises(NotProvenError):
        found.resolution.require(SECURE, INSECURE, INDETERMINATE)


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
    (
        forge("x.near.example.fr.", "CNAME", "www.example.fr."),
        "x.near.example.fr.",
        "A",
        "alias.dname-synthesis",
        Ede.DNSSEC_BOGUS,
    ),
]


@pytest.mark.parametrize(("tamper", "qname", "rdtype", "rule_id", "ede"), MIDDLES)
def test_a_hostile_middle_makes_the_answer_bogus(
    tamper: Tamper, qname: str, rdtype: str, rule_id: str, ede: Ede
) -> None:
    assert_bogus(world(tamper).ask(qname, rdtype), rule_id, ede)


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


def test_whoever_does_not_accept_an_algorithm_sees_the_zone_as_insecure() -> None:
    settings = replace(WORLD.settings(), algorithms=frozenset({13}))
    assert WORLD.ask("www.example.fr.", settings=settings).status is INSECURE


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


def test_a_silent_zone_is_indeterminate() -> None:
    made = build(zones())
    made.silent = frozenset({"127.53.2.1"})
    found = made.ask("www.example.fr.")
    assert (found.status, found.rcode) == (INDETERMINATE, Rcode.SERVFAIL)
    assert found.ede == (Ede.NO_REACHABLE_AUTHORITY,)
    assert found.resolution.require(INDETERMINATE).kind is ResolutionKind.FAILURE


def test_keys_that_nobody_gives_leave_the_answer_indeterminate() -> None:
    made = build(zones())
    made.tamper = silence("DNSKEY", "example.fr.", Rcode.SERVFAIL)
    assert made.ask("www.example.fr.").status is BOGUS


def silence(rdtype: str, qname: str, rcode: Rcode) -> Tamper:
    def answer(question: Question, message: Message) -> Message:
        asked = (question.qname, question.rdtype)
        if asked == (name(qname), RdataType.from_text(rdtype)):
            for section in message.sections[1:]:
                section.clear()
            message.set_rcode(rcode)
        return message

    return answer


def test_a_ds_that_nobody_gives_leaves_the_answer_indeterminate() -> None:
    made = build(zones())
    made.tamper = silence("DS", "plain.lab.", Rcode.REFUSED)
    found = made.ask("www.plain.lab.")
    assert (found.status, found.rcode) == (INDETERMINATE, Rcode.SERVFAIL)


@pytest.mark.parametrize("qname", ["loop.example.fr.", "pool.example.fr."])
def test_a_loop_of_aliases_ends(qname: str) -> None:
    found = WORLD.ask(qname)
    decisive = found.report.first_failure()
    assert decisive is not None
    assert decisive.rule.id == "alias.ends"
    assert (found.status, found.rcode) == (INDETERMINATE, Rcode.SERVFAIL)


def test_a_long_chain_of_aliases_ends() -> None:
    chain = "".join(f"a{n} CNAME a{n + 1}\n" for n in range(30))
    made = build(zones(example_fr=ZoneText(chain, "127.53.2.1")))
    assert made.ask("a0.example.fr.").status is INDETERMINATE
    assert made.ask("a20.example.fr.", "A").resolution.status is SECURE


def test_a_dname_that_makes_too_long_a_name_is_yxdomain() -> None:
    target = ".".join(["x" * 60] * 3)
    zone = ZoneText(f"t DNAME {target}.example.fr.\n", "127.53.2.1")
    made = build(zones(example_fr=zone))
    dname = made.zones[name("example.fr.")].nodes[name("t.example.fr.")][RdataType.DNAME]

    def only_dname(question: Question, message: Message) -> Message:
        if question.qname.is_subdomain(name("t.example.fr.")):
            signed = made.zones[name("example.fr.")].signed(dname)
            message.answer[:] = signed.to_dns()
        return message

    made.tamper = only_dname
    made.zones[name("example.fr.")]._redirect = lambda *_: None  # type: ignore[method-assign]  # the server would have to say YXDOMAIN itself
    found = made.ask(f"{'y' * 60}.{'z' * 20}.t.example.fr.")
    assert (found.status, found.rcode) == (SECURE, Rcode.YXDOMAIN)


def test_the_chain_tells_which_keys_were_used() -> None:
    links = WORLD.ask("www.example.fr.").chain.links
    assert [str(link.apex) for link in links] == [".", "fr.", "example.fr."]
    for link in links:
        assert link.used_key_tags == (key_of(link.apex).tag,)
        assert link.dnskeys == (key_of(link.apex).dnskey,)
        assert link.status is SECURE
        assert link.report.conclusion == "secure"


def test_the_report_has_a_part_for_each_cut_and_the_answer_last() -> None:
    report = WORLD.ask("www.example.fr.").report
    assert report.title == "www.example.fr. A"
    assert [part.title for part in report.parts] == [
        ".: trust anchor -> DNSKEY",
        "fr.: DS -> DNSKEY",
        "example.fr.: DS -> DNSKEY",
        "www.example.fr. A: answer",
    ]
    facts = [one.facts for one in report.every_check() if one.rule.id == "ds.matches"]
    assert facts[0]["digest_type"] == "2 SHA256"
    assert facts[0]["algorithm"] == "15 ED25519"


def test_a_ttl_is_capped_by_the_signature() -> None:
    found = WORLD.ask("www.example.fr.", now=NOW + DAY - 100)
    answer = found.resolution.require(SECURE).answer
    assert answer is not None
    assert answer.rrset.ttl == 100


def test_the_alias_chain_comes_before_the_answer() -> None:
    rrsets = WORLD.ask("out.example.fr.").resolution.require(SECURE).rrsets
    assert [str(one.rrset) for one in rrsets] == ["out.example.fr. CNAME", "www.h.fr. A"]


Response = Callable[[Question, Message], Message]


def two_servers(first: Response) -> World:
    """Return a world in which example.fr. has a second server, and *first* speaks for the other."""
    made = build(zones())
    apex = name("example.fr.")
    twin = dns.rrset.from_text("ns2.example.fr.", TTL, "IN", "A", "127.53.2.1")
    bad = dns.rrset.from_text("ns.example.fr.", TTL, "IN", "A", "127.53.2.9")
    fr = made.zones[name("fr.")]
    ns = dns.rrset.from_text(apex, TTL, "IN", "NS", "ns.example.fr.", "ns2.example.fr.")
    fr.nodes[apex][RdataType.NS] = RRset.from_dns(apex, ns)
    for glue in (bad, twin):
        fr.nodes[glue.name] = {RdataType.A: RRset.from_dns(glue.name, glue)}
    honest = made.answer

    def answer(question: Question) -> object:
        if question.server.address != "127.53.2.9":
            return honest(question)
        response = honest(replace(question, server=Server(apex, "127.53.2.1")))
        return replace(response, message=first(question, response.message))

    made.answer = answer  # type: ignore[method-assign,assignment]  # one server of two
    return made


def refuse(_question: Question, message: Message) -> Message:
    refusal = dns.message.Message(message.id)
    refusal.set_rcode(Rcode.REFUSED)
    return refusal


def strip_all(_question: Question, message: Message) -> Message:
    for section in (message.answer, message.authority):
        section[:] = [one for one in section if one.rdtype != RdataType.RRSIG]
    return message


def refer_up(_question: Question, message: Message) -> Message:
    lame = dns.message.make_response(dns.message.make_query(".", "A"))
    lame.authority.append(dns.rrset.from_text(".", TTL, "IN", "NS", "ns.root."))
    lame.id = message.id
    return lame


@pytest.mark.parametrize(
    "first", [refuse, strip_all, refer_up, forge("www.example.fr.", "A", "9.9.9.9")]
)
def test_another_server_is_asked_where_one_is_bad(first: Response) -> None:
    found = two_servers(first).ask("www.example.fr.")
    assert found.status is SECURE
    assert any(one.failed for one in found.report.every_check()) is (
        first is not refuse and first is not refer_up
    )


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


def owners(found: Validation) -> list[Name]:
    return [one.rrset.owner for one in found.resolution.require(found.status).rrsets]


def test_a_synthesised_cname_is_handed_on_with_its_dname() -> None:
    found = WORLD.ask("x.near.example.fr.")
    assert owners(found)[:2] == [name("near.example.fr."), name("x.near.example.fr.")]
