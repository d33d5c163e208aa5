"""Whole answers: sections, flags, sizes."""

from dataclasses import dataclass, replace

import dns.edns
import dns.flags
import dns.message
import dns.rrset
import pytest
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.core.seams import Hooks, Seam
from lab.dnssec.nsec import types
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.query import UDP_PAYLOAD, Transport
from lab.nameserver.server import ANSWER_DELAY, NameServer
from tests.fakes import NOW, PEER, TCP_PEER, name, query, served, tell

MANY = "".join(f"@ 60 NS ns{n}\nns{n} 60 A 127.0.1.{n}\n" for n in range(20))
LONG = " ".join(f'"{"x" * 200}"' for _ in range(8))
TEXTS = {
    ".": """
@        60 SOA ns.root. h. 1 2 3 4 60
@        60 NS  ns.root.
ns.root. 60 A   127.0.0.1
example. 60 NS  ns.example.
ns.example. 60 A 127.0.0.2
many.    60 NS  ns0.many.
ns0.many. 60 A  127.0.1.0
bare.    60 NS  ns.bare.
ns.bare. 60 A   127.0.0.4
""",
    "example.": f"""
@        60 SOA ns h 1 2 3 4 30
@        60 NS  ns
ns       60 A   127.0.0.2
www      60 A   192.0.2.1
long     60 TXT {LONG}
host.ent 60 A   192.0.2.2
*.wild   60 TXT "wild"
*.to     60 CNAME www
alias    60 CNAME www
chain    60 CNAME alias
loop     60 CNAME pool
pool     60 CNAME loop
self     60 CNAME self
dangling 60 CNAME nobody
away     60 CNAME www.test.
down     60 CNAME host.child
child    60 NS  ns.child
ns.child 60 A   127.0.0.3
""",
    "many.": f"@ 60 SOA ns0 h 1 2 3 4 60\n{MANY}",
    "bare.": "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A 127.0.0.4\nsub 60 NS ns\n",
}
ZONES = served(TEXTS, "bare.")
ALL = NameServer(ZONES)
EXAMPLE = NameServer({name("example."): ZONES[name("example.")]})


def answer(qname: str, rdtype: str = "A", *, dnssec: bool = True) -> Message:
    return tell(EXAMPLE, query(qname, rdtype, dnssec=dnssec), TCP_PEER)


def shown(section: list[dns.rrset.RRset]) -> list[str]:
    """Return owner and type of each RRset, without the example. at the end."""
    return [f"{one.name.relativize(name('example.'))} {one.rdtype.name}" for one in section]


SECTIONS: dict[tuple[str, str], tuple[Rcode, bool, list[str], list[str]]] = {
    # question: rcode, AA, answer, authority; without DNSSEC
    ("www", "A"): (Rcode.NOERROR, True, ["www A"], []),
    ("nobody", "A"): (Rcode.NXDOMAIN, True, [], ["@ SOA"]),
    ("www", "TXT"): (Rcode.NOERROR, True, [], ["@ SOA"]),
    ("ent", "A"): (Rcode.NOERROR, True, [], ["@ SOA"]),
    ("x.wild", "TXT"): (Rcode.NOERROR, True, ["x.wild TXT"], []),
    ("*.wild", "TXT"): (Rcode.NOERROR, True, ["*.wild TXT"], []),
    ("alias", "A"): (Rcode.NOERROR, True, ["alias CNAME", "www A"], []),
    ("alias", "CNAME"): (Rcode.NOERROR, True, ["alias CNAME"], []),
    ("alias", "TXT"): (Rcode.NOERROR, True, ["alias CNAME"], ["@ SOA"]),
    ("chain", "A"): (Rcode.NOERROR, True, ["chain CNAME", "alias CNAME", "www A"], []),
    ("x.to", "A"): (Rcode.NOERROR, True, ["x.to CNAME", "www A"], []),
    ("dangling", "A"): (Rcode.NXDOMAIN, True, ["dangling CNAME"], ["@ SOA"]),
    ("away", "A"): (Rcode.NOERROR, True, ["away CNAME"], []),
    ("loop", "A"): (Rcode.NOERROR, True, ["loop CNAME", "pool CNAME"], []),
    ("self", "A"): (Rcode.NOERROR, True, ["self CNAME"], []),
    ("child", "NS"): (Rcode.NOERROR, False, [], ["child NS"]),
    ("host.child", "A"): (Rcode.NOERROR, False, [], ["child NS"]),
    ("ns.child", "A"): (Rcode.NOERROR, False, [], ["child NS"]),
    ("child", "DS"): (Rcode.NOERROR, True, [], ["@ SOA"]),
    ("down", "A"): (Rcode.NOERROR, True, ["down CNAME"], ["child NS"]),
}


@pytest.mark.parametrize(("qname", "rdtype"), SECTIONS)
def test_each_thing_stands_in_its_section(qname: str, rdtype: str) -> None:
    rcode, authoritative, answers, authority = SECTIONS[qname, rdtype]
    message = answer(f"{qname}.example.", rdtype, dnssec=False)
    assert message.rcode() == rcode
    assert bool(message.flags & dns.flags.AA) == authoritative
    assert shown(message.answer) == answers
    assert shown(message.authority) == authority


PROOFS = {
    # question: authority section with DO
    ("www", "A"): [],
    ("nobody", "A"): ["@ SOA", "@ RRSIG", "loop NSEC", "loop RRSIG", "@ NSEC", "@ RRSIG"],
    ("x.wild", "TXT"): ["*.wild NSEC", "*.wild RRSIG"],
    ("child", "DS"): ["@ SOA", "@ RRSIG", "child NSEC", "child RRSIG"],
    ("host.child", "A"): ["child NS", "child NSEC", "child RRSIG"],
}


@pytest.mark.parametrize(("qname", "rdtype"), PROOFS)
def test_proofs_come_with_their_signatures(qname: str, rdtype: str) -> None:
    message = answer(f"{qname}.example.", rdtype)
    assert shown(message.authority) == PROOFS[qname, rdtype]


def test_glue_and_the_ns_records_of_a_cut_are_not_signed() -> None:
    message = answer("host.child.example.")
    assert shown(message.additional) == ["ns.child A"]


def test_the_soa_of_a_no_carries_its_lifetime() -> None:
    message = answer("nobody.example.")
    assert {one.ttl for one in message.authority} == {30}


def test_authoritative_addresses_come_with_their_names_signed() -> None:
    message = tell(ALL, query(".", "NS"))
    assert [str(one.name) for one in message.additional] == ["ns.root.", "ns.root."]


def test_an_address_below_a_cut_is_glue_even_beside_an_answer() -> None:
    text = "@ 60 SOA ns.sub h 1 2 3 4 5\n@ 60 NS ns.sub\nsub 60 NS ns.sub\nns.sub 60 A 127.0.0.9\n"
    message = tell(NameServer(served({"example.": text})), query("example.", "NS"))
    assert shown(message.answer) == ["@ NS", "@ RRSIG"]
    assert shown(message.additional) == ["ns.sub A"]


MADE = {
    # NSEC and RRSIG are not stored, and answered all the same
    ("www", "NSEC"): ["www NSEC", "www RRSIG"],
    ("alias", "NSEC"): ["alias NSEC", "alias RRSIG"],
    ("child", "NSEC"): ["child NSEC", "child RRSIG"],
    ("x.wild", "NSEC"): ["x.wild NSEC", "x.wild RRSIG"],
    ("www", "RRSIG"): ["www RRSIG"],
    ("x.wild", "RRSIG"): ["x.wild RRSIG"],
    ("www", "ANY"): ["www A", "www RRSIG"],
    ("alias", "ANY"): ["alias CNAME", "alias RRSIG"],
    ("ent", "NSEC"): [],
    ("ent", "RRSIG"): [],
    ("nobody", "NSEC"): [],
}


@pytest.mark.parametrize(("qname", "rdtype"), MADE)
def test_a_type_that_is_made_is_answered(qname: str, rdtype: str) -> None:
    assert shown(answer(f"{qname}.example.", rdtype).answer) == MADE[qname, rdtype]


@pytest.mark.parametrize("mode", [DenialMode.NSEC_MINIMAL, DenialMode.COMPACT])
@pytest.mark.parametrize("qname", ["ent", "x.wild", "www", "nobody"])
def test_an_nsec_made_for_a_name_does_not_promise_what_is_not_answered(
    mode: DenialMode, qname: str
) -> None:
    zones = served(TEXTS, "bare.", denial=DenialPolicy(mode))
    server = NameServer({name("example."): zones[name("example.")]})
    denial = tell(server, query(f"{qname}.example.", "TLSA"), TCP_PEER)
    own = (one for one in denial.authority if one.name == name(f"{qname}.example."))
    for nsec in (one for one in own if one.rdtype == RdataType.NSEC):
        for rdtype in types(nsec[0]) - {RdataType.NXNAME}:
            message = tell(server, query(nsec.name, rdtype), TCP_PEER)
            assert rdtype in {one.rdtype for one in message.answer}, rdtype


def test_an_unsigned_zone_has_no_dnssec_at_all() -> None:
    for qname, rdtype in (
        ("bare.", "SOA"),
        ("x.bare.", "A"),
        ("bare.", "NSEC"),
        ("x.sub.bare.", "A"),
    ):
        message = tell(ALL, query(qname, rdtype))
        types = {one.rdtype for part in message.sections[1:] for one in part}
        assert not types & {RdataType.RRSIG, RdataType.NSEC, RdataType.DS}


SIDES = {
    # question: who answers, where all zones are on one server
    ("example.", "DS"): ".",
    ("example.", "SOA"): "example.",
    ("example.", "NSEC"): "example.",
    ("x.example.", "DS"): "example.",
    (".", "DS"): ".",
}


@pytest.mark.parametrize(("qname", "rdtype"), SIDES)
def test_ds_is_answered_by_the_parent_and_all_else_by_the_child(qname: str, rdtype: str) -> None:
    message = tell(ALL, query(qname, rdtype), TCP_PEER)
    signers = {
        str(rdata.signer)
        for part in message.sections[1:]
        for rrset in part
        if rrset.rdtype == RdataType.RRSIG
        for rdata in rrset
    }
    assert signers == {SIDES[qname, rdtype]}


def test_a_child_alone_denies_its_ds() -> None:
    message = answer("example.", "DS")
    assert message.rcode() == Rcode.NOERROR
    assert shown(message.authority)[0] == "@ SOA"


UNSERVED = {
    "AXFR": Rcode.REFUSED,
    "IXFR": Rcode.REFUSED,
    "OPT": Rcode.NOTIMP,
    "TKEY": Rcode.NOTIMP,
    "TSIG": Rcode.NOTIMP,
    "MAILB": Rcode.NOTIMP,
    "NXNAME": Rcode.FORMERR,
}


@pytest.mark.parametrize("rdtype", UNSERVED)
def test_a_qtype_that_is_no_data_is_not_answered(rdtype: str) -> None:
    asked = query("example.")
    asked.question[0].rdtype = RdataType.from_text(rdtype)
    message = tell(EXAMPLE, asked)
    assert message.rcode() == UNSERVED[rdtype]
    assert message.sections[1:] == [[], [], []]


CLASSES = {
    RdataClass.IN: (Rcode.NOERROR, True),
    RdataClass.ANY: (Rcode.NOERROR, False),
    RdataClass.CH: (Rcode.REFUSED, False),
    RdataClass.NONE: (Rcode.REFUSED, False),
}


@pytest.mark.parametrize("rdclass", CLASSES)
def test_only_class_in_is_served(rdclass: RdataClass) -> None:
    asked = query("www.example.")
    asked.question[0].rdclass = rdclass
    message = tell(EXAMPLE, asked)
    assert (message.rcode(), bool(message.flags & dns.flags.AA)) == CLASSES[rdclass]


def test_a_name_of_no_zone_is_refused_with_the_reason() -> None:
    message = tell(EXAMPLE, query("www.test."))
    assert message.rcode() == Rcode.REFUSED
    assert [option.otype for option in message.options] == [dns.edns.OptionType.EDE]
    assert not tell(EXAMPLE, query("www.test.", edns=None)).options


def test_bits_that_are_not_ours_to_set_are_clear() -> None:
    asked = query("www.example.")
    asked.flags |= dns.flags.AD | dns.flags.CD | dns.flags.RD
    message = tell(EXAMPLE, asked)
    assert message.flags & 0xFFF0 == dns.flags.QR | dns.flags.AA | dns.flags.RD


@pytest.mark.parametrize("dnssec", [True, False])
def test_do_comes_back_as_it_was_sent(dnssec: bool) -> None:  # noqa: FBT001 a case
    message = tell(EXAMPLE, query("www.example.", dnssec=dnssec))
    assert message.ednsflags == (dns.flags.DO if dnssec else 0)
    assert message.payload == UDP_PAYLOAD


def test_without_edns_there_is_no_opt_record() -> None:
    assert tell(EXAMPLE, query("www.example.", edns=None)).edns == -1


def test_another_version_of_edns_is_answered_with_ours() -> None:
    message = tell(EXAMPLE, query("www.example.", edns=1))
    assert message.rcode() == Rcode.BADVERS
    assert message.edns == 0
    assert not message.answer


SIZES = {
    # EDNS payload (None: no EDNS), question: octets that fit, cut?
    (None, "www.example."): (512, False),
    (None, "long.example."): (512, True),
    (0, "long.example."): (512, True),
    (512, "nobody.example."): (512, False),
    (65535, "long.example."): (UDP_PAYLOAD, True),
    (1232, "nobody.example."): (UDP_PAYLOAD, False),
}


@pytest.mark.parametrize(("payload", "qname"), SIZES)
def test_an_answer_fits_or_is_cut(payload: int | None, qname: str) -> None:
    room, cut = SIZES[payload, qname]
    edns = None if payload is None else 0
    asked = query(qname, "TXT", edns=edns, payload=payload or 0)
    wire = EXAMPLE.respond(asked.to_wire(), PEER, NOW)
    assert wire is not None
    assert len(wire) <= room
    assert bool(dns.message.from_wire(wire).flags & dns.flags.TC) == cut


def test_tcp_has_room_for_everything() -> None:
    message = tell(EXAMPLE, query("long.example.", "TXT", edns=None), TCP_PEER)
    assert not message.flags & dns.flags.TC
    assert message.answer
    assert TCP_PEER.transport is Transport.TCP


def test_addresses_beside_an_answer_are_left_out_before_it_is_cut() -> None:
    message = tell(ALL, query("many.", "NS", edns=None))
    assert not message.flags & dns.flags.TC
    assert len(message.answer[0]) == 20
    assert not message.additional


def test_glue_is_not_left_out() -> None:
    hosts = "".join(f"c 60 NS n{n}.c\nn{n}.c 60 A 127.0.2.{n}\n" for n in range(20))
    zones = served({"example.": f"@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n{hosts}"})
    message = tell(NameServer(zones), query("x.c.example.", edns=None))
    assert message.flags & dns.flags.TC
    assert message.sections[1:] == [[], [], []]


def test_the_case_of_the_question_comes_back() -> None:
    message = answer("wWw.ExAmPlE.")
    assert message.question[0].name.labels[0] == b"wWw"
    assert message.answer[0].name.labels[0] == b"wWw"


def test_what_is_no_query_is_refused_or_dropped() -> None:
    assert EXAMPLE.respond(b"", PEER, NOW) is None
    refusal = EXAMPLE.respond(bytes(12), PEER, NOW)
    assert refusal is not None
    assert dns.message.from_wire(refusal).rcode() == Rcode.FORMERR


@dataclass(frozen=True)
class Slow:
    """Make one zone slow."""

    zone: str
    seams: tuple[Seam[float], ...] = (ANSWER_DELAY,)

    def acts_in(self, apex: Name) -> bool:
        return bool(apex == name(self.zone))

    def apply(self, value: float, now: Instant) -> float:
        assert now == NOW
        return value + 2.0


def slow_server(*, zone: str) -> NameServer:
    zones = served(dict.fromkeys(("a.", "b.", "c.b."), "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n"))
    hooks = Hooks((Slow(zone), Slow(zone)))
    slowed = {
        apex: replace(one, signer=replace(one.signer, hooks=hooks.within(apex)))
        for apex, one in zones.items()
        if one.signer is not None
    }
    return NameServer(slowed)


@pytest.mark.parametrize(
    ("qname", "seconds"), [("www.b.", 4.0), ("b.", 4.0), ("a.", 0.0), ("c.b.", 0.0), ("x.", 0.0)]
)
def test_only_the_slow_zone_makes_its_askers_wait(qname: str, seconds: float) -> None:
    assert slow_server(zone="b.").delay(query(qname).to_wire(), NOW) == seconds


@pytest.mark.parametrize("wire", [b"", bytes(12), bytes(40)])
def test_what_is_no_query_waits_for_nothing(wire: bytes) -> None:
    assert slow_server(zone="b.").delay(wire, NOW) == 0.0
