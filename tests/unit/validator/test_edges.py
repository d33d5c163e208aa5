"""Where zones begin and end: the root and what is right below it, cuts, wildcards on top."""

from dataclasses import replace

import dns.rrset
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.question import Question
from lab.core.status import SecurityStatus
from lab.validator.resolve import ResolutionKind
from tests.unit.validator.scenes import BOGUS, INSECURE, SECURE, WORLD, world, zones
from tests.unit.validator.world import World, build
from tests.unit.validator.zone import ROOT_ADDRESS, TTL, ZoneText, name

POSITIVE, NODATA = ResolutionKind.POSITIVE, ResolutionKind.NODATA
NXDOMAIN = ResolutionKind.NXDOMAIN
ADDRESS = "www A 192.0.2.1"

# Cuts two labels down, so that an empty non-terminal lies between parent and child.
DEEP = build(
    zones()
    | {
        "x.y.fr.": ZoneText(ADDRESS, "127.53.9.1"),
        "u.v.fr.": ZoneText(ADDRESS, "127.53.9.2", signed=False),
        "x.y.lab.": ZoneText(ADDRESS, "127.53.9.3"),
        "u.v.lab.": ZoneText(ADDRESS, "127.53.9.4", signed=False),
    }
)
# One server for a zone, its child and the child of that.
NESTED = build(
    zones()
    | {
        "a.lab.": ZoneText(ADDRESS, "127.53.6.1"),
        "b.a.lab.": ZoneText(ADDRESS, "127.53.6.1"),
        "c.b.a.lab.": ZoneText(ADDRESS, "127.53.6.1", signed=False),
        "d.c.b.a.lab.": ZoneText(ADDRESS, "127.53.6.1"),
    }
)
TOP = build(zones() | {".": ZoneText("* A 192.0.2.7\na.ent A 192.0.2.1", ROOT_ADDRESS)})
APEX = build(
    zones(example_fr=ZoneText(f"* A 192.0.2.9\na.ent A 192.0.2.1\n{ADDRESS}", "127.53.2.1"))
)

EDGES = [
    (WORLD, ".", "NS", SECURE, POSITIVE),
    (WORLD, ".", "SOA", SECURE, POSITIVE),
    (WORLD, ".", "ANY", SECURE, POSITIVE),
    (WORLD, ".", "A", SECURE, NODATA),
    # RFC 4035 section 3.1.4.1: nobody stands above the root.
    (WORLD, ".", "DS", SECURE, NODATA),
    (WORLD, "fr.", "NS", SECURE, POSITIVE),
    (WORLD, "fr.", "DS", SECURE, POSITIVE),
    (WORLD, "fr.", "SOA", SECURE, POSITIVE),
    (WORLD, "fr.", "MX", SECURE, NODATA),
    (WORLD, "aa.", "A", SECURE, NXDOMAIN),
    (WORLD, "zz.", "DS", SECURE, NXDOMAIN),
    (WORLD, "x.y.zz.", "A", SECURE, NXDOMAIN),
    (WORLD, "*.", "A", SECURE, NXDOMAIN),
    (WORLD, "root.", "A", SECURE, NODATA),
    (TOP, "zz.", "A", SECURE, POSITIVE),
    (TOP, "a.zz.", "A", SECURE, POSITIVE),
    (TOP, "zz.", "TXT", SECURE, NODATA),
    (TOP, "zz.", "DS", SECURE, NODATA),
    (TOP, "*.", "A", SECURE, POSITIVE),
    (TOP, "ent.", "A", SECURE, NODATA),
    # RFC 4592 section 3.3.1: ent. is the closest encloser, and has no wildcard.
    (TOP, "b.ent.", "A", SECURE, NXDOMAIN),
    (TOP, "www.example.fr.", "A", SECURE, POSITIVE),
    (APEX, "x.example.fr.", "A", SECURE, POSITIVE),
    (APEX, "x.y.example.fr.", "A", SECURE, POSITIVE),
    (APEX, "x.example.fr.", "TXT", SECURE, NODATA),
    (APEX, "x.example.fr.", "DS", SECURE, NODATA),
    (APEX, "x.www.example.fr.", "A", SECURE, NXDOMAIN),
    (APEX, "b.ent.example.fr.", "A", SECURE, NXDOMAIN),
    (APEX, "example.fr.", "DS", SECURE, POSITIVE),
    (DEEP, "www.x.y.fr.", "A", SECURE, POSITIVE),
    (DEEP, "y.fr.", "DS", SECURE, NODATA),
    (DEEP, "y.fr.", "NS", SECURE, NODATA),
    (DEEP, "www.u.v.fr.", "A", INSECURE, POSITIVE),
    (DEEP, "u.v.fr.", "DS", SECURE, NODATA),
    (DEEP, "v.fr.", "A", SECURE, NODATA),
    (DEEP, "z.v.fr.", "A", SECURE, NXDOMAIN),
    (DEEP, "www.x.y.lab.", "A", SECURE, POSITIVE),
    (DEEP, "y.lab.", "A", SECURE, NODATA),
    (DEEP, "www.u.v.lab.", "A", INSECURE, POSITIVE),
    # RFC 5155 section 6: under Opt-Out only an unsigned delegation makes this empty non-terminal.
    (DEEP, "u.v.lab.", "DS", INSECURE, NODATA),
    (NESTED, "www.b.a.lab.", "A", SECURE, POSITIVE),
    (NESTED, "b.a.lab.", "DS", SECURE, POSITIVE),
    (NESTED, "nope.b.a.lab.", "A", SECURE, NXDOMAIN),
    (NESTED, "www.c.b.a.lab.", "A", INSECURE, POSITIVE),
    (NESTED, "c.b.a.lab.", "DS", SECURE, NODATA),
    # RFC 4035 section 4.3: below an insecure cut signatures mean nothing.
    (NESTED, "www.d.c.b.a.lab.", "A", INSECURE, POSITIVE),
    (NESTED, "d.c.b.a.lab.", "DS", INSECURE, POSITIVE),
]


@pytest.mark.parametrize(("made", "qname", "rdtype", "status", "kind"), EDGES)
def test_an_edge_is_judged_as_it_is(
    made: World, qname: str, rdtype: str, status: SecurityStatus, kind: ResolutionKind
) -> None:
    found = made.ask(qname, rdtype)
    assert (found.status, found.resolution.require(status).kind) == (status, kind)
    assert (found.rcode == Rcode.NXDOMAIN) is (kind is NXDOMAIN)


def replayed(made: World, qname: str, rdtype: str, other: str) -> World:
    """Return *made* with the denial of *other* given for *qname*."""
    honest = replace(made)

    def swap(question: Question, message: Message) -> Message:
        if (question.qname, question.rdtype) != (name(qname), RdataType.from_text(rdtype)):
            return message
        given = honest.answer(replace(question, qname=name(other))).message
        given.question = message.question
        return given

    return replace(made, tamper=swap)


@pytest.mark.parametrize(
    ("made", "qname", "rdtype", "other"),
    [
        # A name that exists at the top is not denied by the gap beside it.
        (WORLD, "fr.", "SOA", "aa."),
        (WORLD, "lab.", "NS", "zz."),
        # A wildcard at the top is not denied by the gap of a name that it stands for.
        (TOP, "zz.", "A", "b.ent."),
        (APEX, "x.example.fr.", "A", "b.ent.example.fr."),
        # An empty non-terminal is there, although nothing stands at it.
        (DEEP, "y.fr.", "NS", "z.v.fr."),
    ],
)
def test_the_denial_of_a_neighbour_proves_nothing(
    made: World, qname: str, rdtype: str, other: str
) -> None:
    assert replayed(made, qname, rdtype, other).ask(qname, rdtype).status is BOGUS


def test_a_root_that_denies_a_signed_delegation_is_not_believed() -> None:
    """RFC 4035 section 5.2: no DS is proven by the NSEC of this very cut."""
    made = replayed(WORLD, "fr.", "DS", "zz.")
    assert made.ask("fr.", "DS").status is BOGUS


def test_a_tld_that_is_made_up_is_bogus() -> None:
    def make_up(question: Question, message: Message) -> Message:
        if message.rcode() == Rcode.NXDOMAIN:
            message.set_rcode(Rcode.NOERROR)
            message.answer = [dns.rrset.from_text(question.qname, TTL, "IN", "A", "203.0.113.66")]
            message.authority = []
        return message

    assert world(make_up).ask("zz.").status is BOGUS
