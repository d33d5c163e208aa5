"""What clients of the resolver are told: RCODE, AD, CD, EDE and records (RFC 4035 section 3.2)."""

from functools import cache

import dns.edns
import dns.flags
import dns.message
import pytest
from dns.message import Message, QueryMessage
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.nameserver.size import TCP_LIMIT, datagram_room
from lab.present.response import failure, fitted, local, refusal, respond
from lab.present.special_names import special
from lab.validator.resolve import Validation
from tests.unit.validator.scenes import WORLD, expired, only, zones
from tests.unit.validator.world import build
from tests.unit.validator.zone import ZoneText, name

SIGNED_LATE = ZoneText("www A 192.0.2.1", "127.53.2.1", job=only(RdataType.A, expired))
BROKEN = build(zones(example_fr=SIGNED_LATE))


def asking(
    qname: str = "www.example.fr.", rdtype: str = "A", *, flags: str = "", dnssec: bool = False
) -> QueryMessage:
    query = dns.message.make_query(qname, rdtype, use_edns=0, want_dnssec=dnssec, payload=1232)
    query.flags |= dns.flags.from_text(flags)
    assert isinstance(query, QueryMessage)
    return query


@cache
def verdict(qname: str, rdtype: str = "A", *, broken: bool = False) -> Validation:
    return (BROKEN if broken else WORLD).ask(qname, rdtype)


def types(section: list[dns.rrset.RRset]) -> list[str]:
    return [RdataType.to_text(one.rdtype) for one in section]


def flags(message: Message) -> set[str]:
    return set(dns.flags.to_text(message.flags).split())


@pytest.mark.parametrize(
    ("asked", "dnssec", "expected"),
    [("", False, False), ("AD", False, True), ("", True, True), ("AD CD", True, True)],
)
def test_ad_goes_to_those_who_understand_it(asked: str, dnssec: bool, expected: bool) -> None:  # noqa: FBT001 a table
    response = respond(asking(flags=asked, dnssec=dnssec), verdict("www.example.fr."))
    assert ("AD" in flags(response)) is expected
    assert {"QR", "RD", "RA"} <= flags(response)


def test_an_insecure_answer_has_no_ad() -> None:
    query = asking("www.open.fr.", dnssec=True)
    response = respond(query, verdict("www.open.fr."))
    assert response.rcode() == Rcode.NOERROR
    assert "AD" not in flags(response)


def test_bogus_data_are_withheld_with_the_reason() -> None:
    response = respond(asking(dnssec=True), verdict("www.example.fr.", broken=True))
    assert response.rcode() == Rcode.SERVFAIL
    assert not response.answer
    (error,) = response.options
    assert isinstance(error, dns.edns.EDEOption)
    assert error.code == 7
    assert str(error.text).startswith("www.example.fr. A, RRSIG by key tag ")
    assert str(error.text).endswith(": rrsig.expiration")


def test_whoever_sets_cd_is_given_the_data_and_no_ad() -> None:
    query = asking(flags="CD", dnssec=True)
    response = respond(query, verdict("www.example.fr.", broken=True))
    assert response.rcode() == Rcode.NOERROR
    assert types(response.answer) == ["A", "RRSIG"]
    assert "CD" in flags(response)
    assert "AD" not in flags(response)
    assert [one.otype for one in response.options] == [dns.edns.OptionType.EDE]


def test_without_do_no_dnssec_records_go_along() -> None:
    assert types(respond(asking(), verdict("www.example.fr.")).answer) == ["A"]
    denied = respond(asking("nowhere.h.fr."), verdict("nowhere.h.fr."))
    assert denied.rcode() == Rcode.NXDOMAIN
    assert types(denied.authority) == ["SOA"]


def test_with_do_a_denial_comes_with_its_proof() -> None:
    denied = respond(asking("nowhere.h.fr.", dnssec=True), verdict("nowhere.h.fr."))
    assert {"SOA", "NSEC3", "RRSIG"} == set(types(denied.authority))
    wild = respond(asking("x.w.example.fr.", dnssec=True), verdict("x.w.example.fr."))
    assert "NSEC" in types(wild.authority)


def test_dnssec_records_asked_for_by_type_go_along_without_do() -> None:
    query = asking("example.fr.", "DNSKEY")
    assert types(respond(query, verdict("example.fr.", "DNSKEY")).answer) == ["DNSKEY"]


def test_an_alias_chain_is_told_in_order() -> None:
    response = respond(asking("out.example.fr."), verdict("out.example.fr."))
    assert types(response.answer) == ["CNAME", "A"]


def test_a_query_without_edns_is_answered_without() -> None:
    query = dns.message.make_query("www.example.fr.", "A")
    assert isinstance(query, QueryMessage)
    response = respond(query, verdict("www.example.fr.", broken=True))
    assert response.edns == -1
    assert response.rcode() == Rcode.SERVFAIL
    assert datagram_room(query) == 512


def refused(query: QueryMessage) -> Rcode | None:
    response = refusal(query)
    return None if response is None else response.rcode()


def test_what_is_not_to_be_resolved_is_refused() -> None:
    without_rd = asking()
    without_rd.flags &= ~dns.flags.RD
    chaos = dns.message.make_query("version.bind.", "TXT", "CH")
    later = dns.message.make_query("www.example.fr.", "A", use_edns=1)
    assert isinstance(chaos, QueryMessage)
    assert isinstance(later, QueryMessage)
    assert refused(without_rd) == Rcode.REFUSED
    assert refused(chaos) == Rcode.REFUSED
    assert refused(later) == Rcode.BADVERS
    assert refused(asking(rdtype="AXFR")) == Rcode.NOTIMP
    assert refused(asking(rdtype="ANY")) is None
    assert refused(asking()) is None


def test_a_failure_tells_why() -> None:
    response = failure(asking(), "too many")
    (error,) = response.options
    assert isinstance(error, dns.edns.EDEOption)
    assert (response.rcode(), error.text) == (Rcode.SERVFAIL, "too many")


def test_what_does_not_fit_is_truncated() -> None:
    query = asking("nowhere.h.fr.", dnssec=True)
    response = respond(query, verdict("nowhere.h.fr."))
    short = dns.message.from_wire(fitted(query, response, 512))
    assert "TC" in flags(short)
    assert not short.authority
    assert short.rcode() == Rcode.NXDOMAIN
    assert "TC" not in flags(dns.message.from_wire(fitted(query, response, TCP_LIMIT)))


SPECIAL = {
    ("localhost.", "A"): (Rcode.NOERROR, "127.0.0.1"),
    ("my.localhost.", "AAAA"): (Rcode.NOERROR, "::1"),
    ("localhost.", "MX"): (Rcode.NOERROR, None),
    ("1.0.0.127.in-addr.arpa.", "PTR"): (Rcode.NOERROR, "localhost."),
    ("a.invalid.", "A"): (Rcode.NXDOMAIN, None),
    ("a.onion.", "A"): (Rcode.NXDOMAIN, None),
    ("_dns.resolver.arpa.", "SVCB"): (Rcode.NOERROR, None),
}


@pytest.mark.parametrize(("qname", "rdtype"), SPECIAL)
def test_special_names_are_answered_here_and_never_as_authentic(qname: str, rdtype: str) -> None:
    query = asking(qname, rdtype, flags="AD", dnssec=True)
    known = special(name(qname), RdataType.from_text(rdtype))
    assert known is not None
    response = local(query, known)
    text = response.answer[0][0].to_text() if response.answer else None
    assert (response.rcode(), text) == SPECIAL[qname, rdtype]
    assert "AD" not in flags(response)


def test_other_names_are_asked_for() -> None:
    assert special(name("www.example.fr."), RdataType.A) is None
    assert special(name("localhost.fr."), RdataType.A) is None
