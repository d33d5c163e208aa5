"""Whole resolutions in an honest world: verdicts, alias chains, reports."""

import pytest
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.checks import Outcome
from lab.core.instant import DAY
from lab.core.question import Question
from lab.core.status import SecurityStatus
from lab.validator.resolve import ResolutionKind, Validation
from tests.unit.validator.scenes import INDETERMINATE, INSECURE, SECURE, WORLD, zones
from tests.unit.validator.world import build
from tests.unit.validator.zone import NOW, ZoneText, key_of, name

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
    ("x.near.example.fr.", "CNAME", SECURE, ResolutionKind.POSITIVE),
    ("a.tree.example.fr.", "CNAME", SECURE, ResolutionKind.POSITIVE),
    ("a.tree.example.fr.", "ANY", SECURE, ResolutionKind.POSITIVE),
    ("a.tree.example.fr.", "RRSIG", SECURE, ResolutionKind.NXDOMAIN),
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


def owners(found: Validation) -> list[Name]:
    return [one.rrset.owner for one in found.resolution.require(found.status).rrsets]


def test_a_synthesised_cname_is_handed_on_with_its_dname() -> None:
    found = WORLD.ask("x.near.example.fr.")
    assert owners(found)[:2] == [name("near.example.fr."), name("x.near.example.fr.")]
