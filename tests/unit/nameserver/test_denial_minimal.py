"""NSEC records made for one question: nothing of the zone is shown, nothing untrue is said."""

import pytest
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC

from lab.core.rrsets import RRset
from lab.dnssec.nsec import covers, types
from lab.nameserver.denial_minimal import CompactDenial, MinimalNsecDenial
from lab.nameserver.lookup import look_up
from lab.nameserver.query import COMPACT_OK
from lab.nameserver.zone import load
from tests.fakes import name

APEX = name("example.")
LONG = ".".join(["x" * 60] * 4)
ZONE = load(
    """
@        60 SOA ns1 h 1 2 3 4 30
@        60 NS  ns1
b        60 NS  ns.b
ns1      60 A   192.0.2.1
host.ent 60 A   192.0.2.2
*.w      60 TXT "wild"
x\\000   60 A   192.0.2.3
x.z      60 A   192.0.2.4
""",
    APEX,
    "example.zone",
)
DO = 0x8000


def proof(denial: MinimalNsecDenial, qname: str, rdtype: str) -> dict[Name, NSEC]:
    outcome = look_up(ZONE, name(f"{qname}.example."), RdataType.from_text(rdtype))
    return {one.owner: rdata(one) for one in denial.prove(outcome)}


def rdata(rrset: RRset) -> NSEC:
    (nsec,) = rrset.rdatas
    assert isinstance(nsec, NSEC)
    return nsec


@pytest.mark.parametrize("qname", ["nowhere", "0", "zzz", "y.nowhere", "d.ns1", LONG])
def test_an_absent_name_and_its_wildcard_are_covered_and_hardly_anything_else(qname: str) -> None:
    records = proof(MinimalNsecDenial(ZONE), qname, "A")
    full = name(f"{qname}.example.")
    assert any(covers(owner, nsec.next, full) for owner, nsec in records.items())
    for owner, nsec in records.items():
        assert not any(covers(owner, nsec.next, one) for one in ZONE.owners())
        assert types(nsec) == {RdataType.NSEC, RdataType.RRSIG}
        assert owner not in set(ZONE.owners())


def test_a_gap_does_not_reach_beyond_a_neighbour_that_is_as_close_as_can_be() -> None:
    # The successor of x with the same parent exists: the gap ends there, and not behind it.
    records = proof(MinimalNsecDenial(ZONE), "x", "A").values()
    assert Name((b"x\0", *APEX.labels)) in {one.next for one in records}


NODATA = {
    ("ns1", "MX"): ("ns1", "A"),
    ("ent", "A"): ("ent", ""),
    ("b", "DS"): ("b", "NS"),
}


@pytest.mark.parametrize("way", [MinimalNsecDenial, CompactDenial])
@pytest.mark.parametrize("case", NODATA)
def test_no_data_is_told_by_the_name_itself(
    way: type[MinimalNsecDenial], case: tuple[str, str]
) -> None:
    owner, held = NODATA[case]
    ((met, nsec),) = proof(way(ZONE), *case).items()
    assert met == name(f"{owner}.example.")
    assert nsec.next == Name((b"\0", *met.labels))
    expected = {RdataType.from_text(one) for one in [*held.split(), "NSEC", "RRSIG"]}
    assert types(nsec) == expected


def test_compact_denial_needs_one_record_with_three_types() -> None:
    ((owner, nsec),) = proof(CompactDenial(ZONE), "y.nowhere", "A").items()
    assert owner == name("y.nowhere.example.")
    assert nsec.next == Name((b"\0", *owner.labels))
    assert types(nsec) == {RdataType.NSEC, RdataType.RRSIG, RdataType.NXNAME}


def test_compact_denial_lets_a_wildcard_look_like_the_name_itself() -> None:
    denial = CompactDenial(ZONE)
    assert proof(denial, "any.w", "TXT") == {}
    assert denial.signed_as(name("*.w.example.")) is None
    ((owner, nsec),) = proof(denial, "any.w", "A").items()
    assert owner == name("any.w.example.")
    assert types(nsec) == {RdataType.TXT, RdataType.NSEC, RdataType.RRSIG}


@pytest.mark.parametrize(
    ("flags", "rcode"),
    [(0, Rcode.NXDOMAIN), (DO, Rcode.NOERROR), (DO | COMPACT_OK, Rcode.NXDOMAIN)],
)
def test_compact_denial_keeps_its_rcode_from_those_who_would_not_understand(
    flags: int, rcode: Rcode
) -> None:
    assert CompactDenial(ZONE).no_name(flags) == rcode
    assert MinimalNsecDenial(ZONE).no_name(flags) == Rcode.NXDOMAIN


def test_a_name_of_full_length_has_a_successor_too() -> None:
    full = Name((b"x" * 56, *[b"y" * 62] * 3, *APEX.labels))
    assert len(full.to_wire() or b"") == 255
    (rrset,) = CompactDenial(ZONE).prove(look_up(ZONE, full, RdataType.A))
    assert rrset.owner == full
    assert rdata(rrset).next > full
