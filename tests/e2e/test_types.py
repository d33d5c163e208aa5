"""Types old, new and unknown, aliases of subtrees, and answers that are too big for UDP."""

import dns.message
import dns.query
import dns.rdataclass
import dns.rdatatype
import pytest
from dns.flags import Flag
from dns.message import Message
from dns.rcode import Rcode

from tests.e2e.running import Lab, Resolver, Tool

ZONE = "nsec3.lessons.fr."
# Question to what dig shows of the answer; from zones/lesson.zone.
ANSWERS = {
    "types CAA": 'CAA 0 issue "ca.example.fr"',
    "types NAPTR": 'NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:info@example.fr!" .',
    "types SSHFP": "SSHFP 4 2 123456789ABCDEF6789012345678",
    "types URI": 'URI 10 1 "https://www.example.fr/"',
    "types HTTPS": 'HTTPS 1 . alpn="h2" ipv4hint=192.0.2.50',
    "types TYPE65280": r"TYPE65280 \# 4 0A000001",
    "_8443._foo.types SVCB": f"SVCB 1 www.{ZONE} port=8443",
    "_sip._tcp.types SRV": f"SRV 0 5 5060 www.{ZONE}",
    "_443._tcp.types TLSA": "TLSA 3 1 1 D2ABDE240D7CD3EE6B4B28C54DF034B97983A1D16E8A410E4561CB10",
    "c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6._openpgpkey.types OPENPGPKEY": (
        "OPENPGPKEY mQENBFVHm5sBCADHzC4iQQ=="
    ),
    "book.moved A": f"CNAME book.library.{ZONE}",
    "moved DNAME": f"DNAME library.{ZONE}",
}


def test_dig_shows_every_type_and_its_signature(tool: Tool, lab: Lab) -> None:
    server = ("-p", str(lab.port), f"@{lab.address(ZONE)}", "+norec", "+dnssec", "+noall")
    for question, answer in ANSWERS.items():
        relative, rdtype = question.split()
        said = tool("dig", *server, "+answer", f"{relative}.{ZONE}", rdtype, check=True).stdout
        assert answer in " ".join(said.split()), question
        assert "RRSIG" in said, question


def test_unbound_finds_every_type_secure(unbound: Resolver) -> None:
    for question in ANSWERS:
        relative, rdtype = question.split()
        wanted = dns.message.make_query(f"{relative}.{ZONE}", rdtype, want_dnssec=True)
        told = dns.query.udp(wanted, unbound.address, 10, unbound.port)
        assert told.flags & Flag.AD, question
        assert told.answer, question


def ask(lab: Lab, qname: str, rdtype: str, flags: int = Flag.AD, edns: int = 0x8000) -> Message:
    wanted = dns.message.make_query(qname, rdtype, use_edns=0, ednsflags=edns)
    wanted.flags = Flag(flags)
    zone = ".".join(qname.split(".")[-4:])
    return dns.query.udp(wanted, lab.address(zone), 10, lab.port)


def test_the_subtree_moves_and_a_name_that_gets_too_long_is_said_to(lab: Lab) -> None:
    labels = ".".join(["x" * 60] * 3)
    long = f"{labels}.{'y' * 47}.moved.{ZONE}"
    assert len(long) < 255 < len(long.replace("moved", "library"))
    told = ask(lab, long, "A")
    assert told.rcode() == Rcode.YXDOMAIN
    assert [one.rdtype.name for one in told.answer] == ["DNAME", "RRSIG"]


@pytest.mark.parametrize(
    ("edns", "rcode"), [(0x8000, "NOERROR"), (0xC000, "NXDOMAIN"), (0, "NXDOMAIN")]
)
def test_compact_denial_says_nxdomain_to_who_can_bear_it(lab: Lab, edns: int, rcode: str) -> None:
    told = ask(lab, "nowhere.compact.lessons.fr.", "A", edns=edns)
    assert told.rcode() == Rcode[rcode]
    assert told.ednsflags == edns
    shown = [one.rdtype.name for one in told.authority]
    assert shown == (["SOA", "RRSIG", "NSEC", "RRSIG"] if edns else ["SOA"])


def test_nobody_asks_for_nxname(lab: Lab) -> None:
    told = ask(lab, "nowhere.compact.lessons.fr.", "NXNAME")
    assert told.rcode() == Rcode.FORMERR
    assert [int(one.code) for one in told.extended_errors()] == [30]


def test_signatures_of_tomorrow_need_tcp(tool: Tool, lab: Lab) -> None:
    told = ask(lab, "www.mldsa44.lessons.fr.", "A")
    assert told.flags & Flag.TC
    assert not told.answer
    server = ("-p", str(lab.port), f"@{lab.address('mldsa44.lessons.fr.')}", "+norec", "+dnssec")
    said = tool("dig", *server, "www.mldsa44.lessons.fr", "A", check=True).stdout
    assert "(TCP)" in said
    size = int(said.split("MSG SIZE  rcvd: ")[1].split()[0])
    assert size > 2420
