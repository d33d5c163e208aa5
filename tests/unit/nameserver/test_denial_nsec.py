"""Which NSEC records go with an answer (RFC 4035 section 3.1.3)."""

import pytest
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC

from lab.dnssec.nsec import types
from lab.nameserver.denial_nsec import NsecDenial, nsec_of
from lab.nameserver.lookup import look_up
from lab.nameserver.zone import load
from tests.fakes import name

APEX = name("example.")
# RFC 4035 appendix A, in small; ns.b is glue and stands right before ns1.
TEXT = f"""
@        60 SOA ns1 h 1 2 3 4 30
@        60 NS  ns1
a        60 NS  ns.a
a        60 DS  1 13 2 {"ab" * 32}
ns.a     60 A   192.0.2.5
b        60 NS  ns.b
ns.b     60 A   192.0.2.7
ns1      60 A   192.0.2.1
*.w      60 MX  1 ai
x.y.w    60 MX  1 ai
xx       60 A   192.0.2.10
*.zz     60 CNAME xx
"""
ZONE = load(TEXT, APEX, "example.zone")

PROOFS: dict[tuple[str, str], list[str]] = {
    ("xx", "A"): [],
    ("ml", "A"): ["b", "@"],  # no name: what covers it is the cut, not its glue
    ("0", "A"): ["@"],  # one record denies the name and the wildcard
    ("xx", "MX"): ["xx"],
    ("w", "A"): ["ns1"],
    ("y.w", "A"): ["*.w"],
    ("a.z.w", "MX"): ["x.y.w"],
    ("a.z.w", "A"): ["*.w", "x.y.w"],
    ("host.b", "A"): ["b"],
    ("b", "DS"): ["b"],
    ("host.a", "A"): [],
    ("a", "DS"): [],
    ("q.zz", "A"): ["*.zz"],
    ("zzz", "A"): ["*.zz", "@"],  # behind the last owner
}


def full(owner: str) -> Name:
    return APEX if owner == "@" else name(f"{owner}.example.")


@pytest.mark.parametrize(("qname", "rdtype"), PROOFS)
def test_an_outcome_is_proved_by_these_owners(qname: str, rdtype: str) -> None:
    outcome = look_up(ZONE, full(qname), RdataType.from_text(rdtype))
    proof = NsecDenial(ZONE).prove(outcome)
    assert [one.owner for one in proof] == [full(one) for one in PROOFS[qname, rdtype]]


BITMAPS = {
    "@": ("a", "NS SOA RRSIG NSEC"),
    "a": ("b", "NS DS RRSIG NSEC"),
    "b": ("ns1", "NS RRSIG NSEC"),
    "*.w": ("x.y.w", "MX RRSIG NSEC"),
    "*.zz": ("@", "CNAME RRSIG NSEC"),
}


@pytest.mark.parametrize("owner", BITMAPS)
def test_an_owner_names_the_next_one_and_its_own_types(owner: str) -> None:
    following, rdtypes = BITMAPS[owner]
    rrset = nsec_of(ZONE, full(owner))
    (rdata,) = rrset.rdatas
    assert isinstance(rdata, NSEC)
    assert rdata.next == full(following)
    assert types(rdata) == {RdataType.from_text(one) for one in rdtypes.split()}


def test_a_proof_lives_as_long_as_a_no() -> None:
    assert nsec_of(ZONE, full("xx")).ttl == ZONE.negative_ttl == 30


def test_a_cut_does_not_list_what_the_child_holds() -> None:
    zone = ZONE.with_records("b 60 A 192.0.2.1\nb 60 TXT x\n", "more")
    (rdata,) = nsec_of(zone, full("b")).rdatas
    assert isinstance(rdata, NSEC)
    assert types(rdata) == {RdataType.NS, RdataType.NSEC, RdataType.RRSIG}


def test_a_zone_of_one_owner_points_at_itself() -> None:
    zone = load("@ 60 SOA ns.test. h 1 2 3 4 5\n@ 60 NS ns.test.\n", APEX, "small.zone")
    (rdata,) = nsec_of(zone, APEX).rdatas
    assert isinstance(rdata, NSEC)
    assert rdata.next == APEX
