"""What a transfer of a zone carries."""

from dns.rdatatype import RdataType

from lab.nameserver.publication import publication
from tests.fakes import NOW, name, served

TEXT = f"""
@       60 SOA ns h 1 2 3 4 30
@       60 NS  ns
ns      60 A   127.0.0.2
a       60 NS  ns.a
ns.a    60 A   127.0.0.3
d       60 NS  ns.d.test.
d       60 DS  1 13 2 {"ab" * 32}
"""
ZONE = served({"example.": TEXT})[name("example.")]
EVERYTHING = publication(ZONE, NOW)


def test_the_soa_comes_first_and_once() -> None:
    assert EVERYTHING[0] == ZONE.zone.soa
    assert [one.rdtype for one in EVERYTHING].count(RdataType.SOA) == 1


def test_each_rrset_stands_there_once_with_its_signatures_apart() -> None:
    plain = [(one.owner, one.rdtype) for one in EVERYTHING if one.rdtype != RdataType.RRSIG]
    assert len(set(plain)) == len(plain)
    signed = {
        (one.owner, one.rdatas[0].type_covered)  # type: ignore[attr-defined]  # rdata of an RRSIG RRset
        for one in EVERYTHING
        if one.rdtype == RdataType.RRSIG
    }
    cut, below, secure = name("a.example."), name("ns.a.example."), name("d.example.")
    unsigned = {(cut, RdataType.NS), (below, RdataType.A), (secure, RdataType.NS)}
    assert set(plain) - signed == unsigned
