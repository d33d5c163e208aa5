"""The zones that the tests of the validator walk through, and what may happen to them."""

from dataclasses import replace

import dns.message
import dns.rrset
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.instant import DAY, Window
from lab.core.question import Question, Server
from lab.core.rrsets import RRset
from lab.core.rules import Ede
from lab.core.status import NotProvenError, SecurityStatus
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.dnssec.signing import SigningJob
from lab.validator.resolve import Validation
from tests.unit.validator.world import Tamper, World, build
from tests.unit.validator.zone import NOW, ROOT_ADDRESS, TTL, Job, ZoneText, name

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


def expired(job: SigningJob) -> SigningJob:
    return replace(job, window=Window(NOW - 2 * DAY, NOW - 1))


def only(rdtype: RdataType, change: Job) -> Job:
    return lambda job: change(job) if job.rrset.rdtype == rdtype else job


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


def silence(rdtype: str, qname: str, rcode: Rcode) -> Tamper:
    def answer(question: Question, message: Message) -> Message:
        asked = (question.qname, question.rdtype)
        if asked == (name(qname), RdataType.from_text(rdtype)):
            for section in message.sections[1:]:
                section.clear()
            message.set_rcode(rcode)
        return message

    return answer


def strip_all(_question: Question, message: Message) -> Message:
    for section in (message.answer, message.authority):
        section[:] = [one for one in section if one.rdtype != RdataType.RRSIG]
    return message


def two_servers(first: Tamper) -> World:
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
