"""What the server sends: well formed whatever it is sent, and signed as others verify it."""

from dataclasses import replace
from functools import cache

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.rdata
from dns import opcode
from dns.message import Message
from dns.name import Name
from dns.node import Node
from dns.rcode import Rcode
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdataset import Rdataset, from_rdata_list
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from hypothesis import assume, given
from hypothesis import strategies as st

from lab.core.rrsets import RRset, SignedRRset, group
from lab.dnssec.rrsig import ZoneKeys, expanded_from, judge_rrsig
from lab.nameserver.query import UDP_PAYLOAD, Peer, Transport
from lab.nameserver.server import NameServer
from lab.nameserver.size import TCP_LIMIT, UDP_WITHOUT_EDNS
from tests.fakes import NOW, TCP_PEER, keys_of, name, query, served, tell
from tests.properties.zones import ADDRESS, APEX, DS, HEAD, RandomZone, labels, names, zones

KEYS = ZoneKeys(APEX, keys_of(APEX).dnskeys)
TEXT = f"""{HEAD}
ns       60 A     127.53.0.2
www      60 A     192.0.2.1
www      60 A     192.0.2.2
*.wild   60 TXT   "made from a wildcard"
mixed    60 MX    10 Mail.Example.
alias    60 CNAME www
loop     60 CNAME loop
raw      60 TYPE65280 \\# 6 000102030405
x.ent    60 A     192.0.2.3
child    60 NS    ns.child
child    60 DS    {DS}
ns.child 60 A     127.53.0.3
"""
OWNERS = ("", "www.", "a.wild.", "b.a.wild.", "mixed.", "alias.", "raw.", "ent.", "child.", "no.")
RDTYPES = st.one_of(
    st.sampled_from(["A", "TXT", "MX", "DS", "SOA", "ANY", "RRSIG", "NSEC", "DNSKEY", "CNAME"]),
    st.integers(0, 65535).map(lambda number: f"TYPE{number}"),
)
peers = st.sampled_from(Transport).map(lambda one: Peer("127.0.0.1", 4711, one))


@cache
def fixed() -> NameServer:
    return NameServer(served({"example.": TEXT}))


def signed_parts(message: Message) -> list[SignedRRset]:
    parts = (*group(message.answer), *group(message.authority), *group(message.additional))
    return [one for one in parts if one.rrsigs]


def ours(rrset: RRset, rrsig: RRSIG) -> bool:
    return judge_rrsig(rrset, rrsig, KEYS, NOW).valid


def dnspythons(rrset: RRset, rrsig: RRSIG) -> bool:
    keys: dict[Name, Node | Rdataset] = {APEX: from_rdata_list(60, KEYS.dnskeys)}
    try:
        dns.dnssec.validate_rrsig(rrset.to_dns(), rrsig, keys, None, float(NOW))
    except dns.exception.ValidationFailure:
        return False
    return True


def changed(rdata: Rdata, at: int, bit: int) -> Rdata:
    """Return *rdata* with one bit of its wire form turned."""
    wire = bytearray(rdata.to_wire() or b"")
    assume(at < len(wire))
    wire[at] ^= 1 << bit
    try:
        return dns.rdata.from_wire(rdata.rdclass, rdata.rdtype, bytes(wire), 0, len(wire))
    except (dns.exception.DNSException, ValueError):
        assume(False)  # noqa: FBT003 hypothesis' name for: this example says nothing
        raise


@given(zones, names, RDTYPES)
def test_dnspython_accepts_every_signature(zone: RandomZone, qname: Name, rdtype: str) -> None:
    server = zone.internet().servers[ADDRESS]
    message = tell(server, query(qname, rdtype), TCP_PEER)
    for signed in signed_parts(message):
        for rrsig in signed.rrsigs:
            assert ours(signed.rrset, rrsig)
            # dnspython does not know that `*.a` can be made from a wildcard, too.
            made = expanded_from(signed.rrset, rrsig) is not None
            assert dnspythons(signed.rrset, rrsig) or (made and signed.rrset.owner.is_wild())


@given(st.sampled_from(OWNERS), RDTYPES, st.data(), st.integers(0, 7))
def test_no_bit_of_a_signed_record_can_be_turned(
    owner: str, rdtype: str, data: st.DataObject, bit: int
) -> None:
    parts = signed_parts(tell(fixed(), query(f"{owner}example.", rdtype), TCP_PEER))
    assume(parts)
    signed = data.draw(st.sampled_from(parts))
    first, *rest = signed.rrset.rdatas
    other = changed(first, data.draw(st.integers(0, 40)), bit)
    assume(other not in signed.rrset.rdatas)
    forged = replace(signed.rrset, rdatas=(other, *rest))
    assert not ours(forged, signed.rrsigs[0])
    assert not dnspythons(forged, signed.rrsigs[0])


@given(st.sampled_from(OWNERS), RDTYPES, st.data(), st.integers(0, 7))
def test_no_bit_of_a_signature_can_be_turned(
    owner: str, rdtype: str, data: st.DataObject, bit: int
) -> None:
    parts = signed_parts(tell(fixed(), query(f"{owner}example.", rdtype), TCP_PEER))
    assume(parts)
    signed = data.draw(st.sampled_from(parts))
    (rrsig,) = signed.rrsigs
    other = changed(rrsig, data.draw(st.integers(0, 100)), bit)
    assert isinstance(other, RRSIG)
    assume(other != rrsig)
    assert not ours(signed.rrset, other)
    assert not dnspythons(signed.rrset, other)


@given(st.binary(max_size=600), peers)
def test_any_octets_are_answered_or_dropped(wire: bytes, peer: Peer) -> None:
    check_answer(wire, fixed().respond(wire, peer, NOW), peer)


@st.composite
def damaged_queries(draw: st.DrawFn) -> bytes:
    """Draw a query with some octets changed, taken away or added."""
    asked = query(f"{draw(st.sampled_from(OWNERS))}example.", draw(RDTYPES))
    wire = bytearray(asked.to_wire())
    for _ in range(draw(st.integers(0, 4))):
        wire[draw(st.integers(0, len(wire) - 1))] = draw(st.integers(0, 255))
    del wire[draw(st.integers(0, len(wire))) :]
    return bytes(wire) + draw(st.binary(max_size=20))


@given(damaged_queries(), peers)
def test_a_damaged_query_is_answered_or_dropped(wire: bytes, peer: Peer) -> None:
    check_answer(wire, fixed().respond(wire, peer, NOW), peer)


def check_answer(wire: bytes, answer: bytes | None, peer: Peer) -> None:
    """Check what holds of every answer (RFC 1035 section 4.1.1)."""
    if answer is None:
        assert len(wire) < 12 or wire[2] & 0x80
        return
    assert answer[:2] == wire[:2]
    assert len(answer) <= (UDP_PAYLOAD if peer.transport is Transport.UDP else TCP_LIMIT)
    flags = int.from_bytes(answer[2:4], "big")
    assert flags & dns.flags.QR
    assert not flags & (dns.flags.AD | dns.flags.CD | dns.flags.RA)
    assert flags & 0x7900 == int.from_bytes(wire[2:4], "big") & 0x7900  # opcode and RD
    if opcode.from_flags(flags) == opcode.QUERY:
        dns.message.from_wire(answer)


@given(zones, names, RDTYPES, st.booleans(), st.sampled_from([None, 0, 512, 1232, 4096, 65535]))
def test_an_answer_fits_and_says_if_it_is_cut(
    zone: RandomZone,
    qname: Name,
    rdtype: str,
    dnssec: bool,  # noqa: FBT001 drawn by hypothesis
    payload: int | None,
) -> None:
    server = zone.internet().servers[ADDRESS]
    edns = None if payload is None else 0
    asked = query(qname, rdtype, dnssec=dnssec, edns=edns, payload=payload or 0)
    over_udp, over_tcp = tell(server, asked), tell(server, asked, TCP_PEER)
    room = min(max(payload or 0, UDP_WITHOUT_EDNS), UDP_PAYLOAD)
    assert len(over_udp.to_wire()) <= room
    assert not over_tcp.flags & dns.flags.TC
    if over_udp.flags & dns.flags.TC:
        assert over_udp.sections[1:] == [[], [], []]
    else:
        assert over_udp.answer == over_tcp.answer
        assert over_udp.authority == over_tcp.authority
    assert over_udp.rcode() == over_tcp.rcode()


@given(zones, names, st.sampled_from(["A", "TXT", "DS"]))
def test_without_do_there_is_no_dnssec(zone: RandomZone, qname: Name, rdtype: str) -> None:
    message = tell(zone.internet().servers[ADDRESS], query(qname, rdtype, dnssec=False))
    sections = (*message.answer, *message.authority, *message.additional)
    unasked = {RdataType.RRSIG, RdataType.NSEC, RdataType.DS} - {RdataType.from_text(rdtype)}
    assert not any(one.rdtype in unasked for one in sections)


@given(st.lists(labels, min_size=1, max_size=3), RDTYPES)
def test_the_case_of_a_question_comes_back(few: list[str], rdtype: str) -> None:
    asked = query(".".join([*few, "eXaMpLe."]).swapcase(), rdtype)
    wire = fixed().respond(asked.to_wire(), TCP_PEER, NOW)
    assert wire is not None
    answer = dns.message.from_wire(wire)
    assert answer.question[0].name.labels == asked.question[0].name.labels
    for rrset in answer.answer:
        if rrset.name == asked.question[0].name:
            assert rrset.name.labels == asked.question[0].name.labels


@given(names, st.sampled_from(["A", "NS", "TXT"]))
def test_a_server_refuses_what_is_not_its_own(qname: Name, rdtype: str) -> None:
    elsewhere = Name((*qname.labels[:-2], b"elsewhere", b""))
    assert tell(fixed(), query(elsewhere, rdtype)).rcode() == Rcode.REFUSED
    chaos = query(qname, rdtype)
    chaos.question[0].rdclass = RdataClass.CH
    assert tell(fixed(), chaos).rcode() == Rcode.REFUSED


def test_the_zone_of_these_tests_has_the_owners_it_should() -> None:
    found = {name(f"{owner}example.") for owner in OWNERS if owner != "no."}
    server = fixed()
    rcodes = {one: tell(server, query(one, "TXT"), TCP_PEER).rcode() for one in found}
    assert set(rcodes.values()) == {Rcode.NOERROR}
