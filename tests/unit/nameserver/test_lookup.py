"""RFC 1034 section 4.3.2 and RFC 4592, name by name."""

import pytest
from dns.name import Name
from dns.rdatatype import RdataType

from lab.nameserver.lookup import (
    Alias,
    Answer,
    LookupOutcome,
    NoData,
    NxDomain,
    Referral,
    addresses,
    look_up,
)
from lab.nameserver.zone import load
from tests.fakes import name

APEX = name("example.")
# The names of RFC 4592 section 2.2.1, and some more.
TEXT = f"""
@              60 SOA   ns h 1 2 3 4 60
@              60 NS    ns.example.com.
@              60 NS    ns
ns             60 A     127.0.0.2
ns             60 AAAA  ::1
*              60 TXT   "this is a wildcard"
*              60 MX    10 host1
sub.*          60 TXT   "this is not a wildcard"
host1          60 A     192.0.2.1
_ssh._tcp.host1 60 SRV  0 0 22 host1
_ssh._tcp.host2 60 SRV  0 0 22 host1
subdel         60 NS    ns.example.com.
subdel         60 NS    ns.subdel
ns.subdel      60 A     127.0.0.3
*.subdel       60 A     192.0.2.9
secure         60 NS    ns
secure         60 DS    1 13 2 {"ab" * 32}
alias          60 CNAME host1
*.aliases      60 CNAME host1
*.mixed        60 A     192.0.2.4
"""
ZONE = load(TEXT, APEX, "example.zone")


def ask(qname: str, rdtype: str) -> LookupOutcome:
    owner = APEX if qname == "@" else name(f"{qname}.example.")
    return look_up(ZONE, owner, RdataType.from_text(rdtype))


OUTCOMES: dict[tuple[str, str], tuple[type, str | None]] = {
    # question: outcome, wildcard
    ("host3", "MX"): (Answer, "*"),
    ("host3", "A"): (NoData, "*"),
    ("foo.bar", "TXT"): (Answer, "*"),
    ("host1", "MX"): (NoData, None),
    ("sub.*", "MX"): (NoData, None),
    ("_telnet._tcp.host1", "SRV"): (NxDomain, None),
    ("host.subdel", "A"): (Referral, None),
    ("ghost.*", "MX"): (NxDomain, None),
    ("*", "TXT"): (Answer, None),
    ("*", "A"): (NoData, None),
    ("sub.*", "TXT"): (Answer, None),
    ("_tcp.host1", "SRV"): (NoData, None),
    ("host2", "A"): (NoData, None),
    ("subdel", "A"): (Referral, None),
    ("subdel", "NS"): (Referral, None),
    ("subdel", "ANY"): (Referral, None),
    ("subdel", "SOA"): (Referral, None),
    ("subdel", "DS"): (NoData, None),
    ("subdel", "NSEC"): (NoData, None),
    ("ns.subdel", "A"): (Referral, None),
    ("ns.subdel", "DS"): (Referral, None),
    ("*.subdel", "A"): (Referral, None),
    ("secure", "DS"): (Answer, None),
    ("secure", "RRSIG"): (Referral, None),
    ("@", "NS"): (Answer, None),
    ("@", "DS"): (NoData, None),
    ("@", "ANY"): (Answer, None),
    ("alias", "A"): (Alias, None),
    ("alias", "CNAME"): (Answer, None),
    ("alias", "ANY"): (Answer, None),
    ("alias", "NSEC"): (NoData, None),
    ("alias", "RRSIG"): (NoData, None),
    ("alias", "DS"): (Alias, None),
    ("x.alias", "A"): (NxDomain, None),
    ("x.aliases", "A"): (Alias, "*.aliases"),
    ("x.aliases", "CNAME"): (Answer, "*.aliases"),
    ("x.y.aliases", "A"): (Alias, "*.aliases"),
    ("aliases", "A"): (NoData, None),
    ("x.mixed", "ANY"): (Answer, "*.mixed"),
    ("x.mixed", "TXT"): (NoData, "*.mixed"),
    ("*.mixed", "A"): (Answer, None),
    ("*.*.mixed", "A"): (NxDomain, None),
    ("HOST1", "A"): (Answer, None),
}


@pytest.mark.parametrize(("qname", "rdtype"), OUTCOMES)
def test_a_question_has_one_outcome(qname: str, rdtype: str) -> None:
    kind, wildcard = OUTCOMES[qname, rdtype]
    outcome = ask(qname, rdtype)
    assert type(outcome) is kind
    expected = None if wildcard is None else name(f"{wildcard}.example.")
    assert getattr(outcome, "wildcard", None) == expected


def test_what_a_wildcard_gives_is_owned_by_the_qname() -> None:
    outcome = ask("Foo.Bar", "TXT")
    assert isinstance(outcome, Answer)
    (rrset,) = outcome.rrsets
    assert rrset.owner.labels == (b"Foo", b"Bar", b"example", b"")


def test_any_is_answered_with_one_rrset() -> None:
    outcome = ask("@", "ANY")
    assert isinstance(outcome, Answer)
    assert [one.rdtype for one in outcome.rrsets] == [RdataType.NS]


def test_an_alias_says_where_it_leads() -> None:
    outcome = ask("alias", "A")
    assert isinstance(outcome, Alias)
    assert outcome.target == name("host1.example.")


GLUE: dict[str, list[Name]] = {
    "host.subdel": [name("ns.subdel.example.")],
    "host.secure": [name("ns.example."), name("ns.example.")],
}


@pytest.mark.parametrize("qname", GLUE)
def test_a_referral_brings_every_address_that_the_zone_knows(qname: str) -> None:
    outcome = ask(qname, "A")
    assert isinstance(outcome, Referral)
    assert [one.owner for one in outcome.glue] == GLUE[qname]


def test_a_referral_says_whether_there_is_a_ds() -> None:
    secure, insecure = ask("host.secure", "A"), ask("host.subdel", "A")
    assert isinstance(secure, Referral)
    assert isinstance(insecure, Referral)
    assert secure.ds is not None
    assert insecure.ds is None


def test_addresses_are_those_of_the_zone_only() -> None:
    ns = ZONE.rrset(APEX, RdataType.NS)
    assert ns is not None
    assert {one.rdtype for one in addresses(ZONE, ns)} == {RdataType.A, RdataType.AAAA}
