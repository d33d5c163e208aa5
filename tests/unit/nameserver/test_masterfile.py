import pytest

from lab.core.errors import ZoneError
from lab.nameserver.masterfile import parse_piece, parse_whole
from tests.fakes import name

APEX = name("example.")
HEAD = "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\n"
TWICE = "a.example. has a CNAME and other records; only one of them may stay"
MADE = "signatures and proofs are made when an answer needs them"

MISTAKES = {
    "outside": ("a.test. 60 A 192.0.2.1\n", 3, "a.test. is not in the zone example."),
    "generated outside": ("$GENERATE 1-2 $.test. A 192.0.2.1\n", 3, "1.test. is not in the zone"),
    "CNAME and A": ("a 60 CNAME b\na 60 A 192.0.2.1\n", 4, TWICE),
    "A and CNAME": ("a 60 A 192.0.2.1\na 60 CNAME b\n", 4, TWICE),
    "CNAME at the apex": ("@ 60 CNAME b\n", 3, "example. has a CNAME and other records"),
    "two CNAMEs": ("a 60 CNAME b\na 60 CNAME c\n", 4, "a.example. has its CNAME record already"),
    "two SOAs": ("@ 60 SOA ns h 2 2 3 4 60\n", 3, "example. has its SOA record already"),
    "wild cut": ("*.a 60 NS ns\n", 3, "the wildcard *.a.example. cannot be delegated"),
    "wild DNAME": ("*.a 60 DNAME b\n", 3, "the wildcard *.a.example. cannot be redirected"),
    "below a DNAME": (
        "a 60 DNAME b\nx.a 60 A 192.0.2.1\n",
        4,
        "x.a.example. is below the DNAME at a.example.",
    ),
    "DNAME above": (
        "x.a 60 A 192.0.2.1\na 60 DNAME b\n",
        4,
        "x.a.example. is below the DNAME at a.example.",
    ),
    "DNAME at a cut": ("a 60 NS b\na 60 DNAME b\n", 4, "a.example. has NS and DNAME"),
    "two DNAMEs": ("a 60 DNAME b\na 60 DNAME c\n", 4, "a.example. has its DNAME record already"),
    "RRSIG": ("a 60 RRSIG A 13 2 60 20300101000000 20200101000000 1 @ AAAA\n", 3, MADE),
    "NSEC": ("a 60 NSEC b A\n", 3, f"no NSEC records: {MADE}"),
    "NSEC3PARAM": ("@ 60 NSEC3PARAM 1 0 0 -\n", 3, f"no NSEC3PARAM records: {MADE}"),
    "TTL": ("a 2147483648 A 192.0.2.1\n", 3, "the TTL 2147483648 is greater than 2147483647"),
    "rdata": ("a 60 A 192.0.2\n", 3, "malformed"),
    "type": ("a 60 FOO x\n", 3, "unknown rdatatype 'FOO'"),
    "class": ("a 60 CH TXT x\n", 3, "RR class is not zone's class"),
    "include": ("$INCLUDE other\n", 3, "'$INCLUDE' is not allowed"),
    "a later line": (
        "a 60 A 192.0.2.1\n; remark\n\nb 60 A 192\nc 60 A 192.0.2.1\n",
        6,
        "malformed",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_named_with_file_and_line(case: str) -> None:
    text, line, what = MISTAKES[case]
    with pytest.raises(ZoneError) as caught:
        parse_piece(HEAD + text, APEX, "example.zone")
    assert caught.value.where == f"example.zone:{line}"
    assert what in caught.value.what


WITHOUT = {
    "SOA": ("@ 60 NS ns\n", "the zone example. has no SOA record at its apex"),
    "NS": ("@ 60 SOA ns h 1 2 3 4 60\n", "the zone example. has no NS records at its apex"),
}


@pytest.mark.parametrize("rdtype", WITHOUT)
def test_a_whole_zone_has_soa_and_ns(rdtype: str) -> None:
    text, what = WITHOUT[rdtype]
    with pytest.raises(ZoneError, match=what):
        parse_whole(text, APEX, "example.zone")
    parse_piece(text, APEX, "example.zone")


def test_a_soa_below_the_apex_is_refused() -> None:
    with pytest.raises(ZoneError, match="non-origin SOA"):
        parse_whole(f"{HEAD}a 60 SOA ns h 1 2 3 4 60\n", APEX, "example.zone")


FINE = {
    "the same record twice": "a 60 A 192.0.2.1\na 60 A 192.0.2.1\n",
    "the same CNAME twice": "a 60 CNAME b\na 60 CNAME b\n",
    "DS of a child elsewhere": f"a 60 NS ns\na 60 DS 1 13 2 {'ab' * 32}\n",
    "a wildcard below a cut": "a 60 NS ns\n*.a 60 A 192.0.2.1\n",
    "names outside in rdata": "a 60 CNAME b.test.\n",
    "an unknown type": "a 60 TYPE65280 \\# 1 ff\n",
}


@pytest.mark.parametrize("case", FINE)
def test_what_is_unusual_may_be_right(case: str) -> None:
    parse_whole(HEAD + FINE[case], APEX, "example.zone")


def test_a_wildcard_apex_may_have_nameservers() -> None:
    parse_whole(HEAD, name("*.example."), "wild.zone")


def test_an_error_keeps_the_one_it_comes_from() -> None:
    with pytest.raises(ZoneError) as caught:
        parse_piece("a 60 A", APEX, "example.zone")
    assert caught.value.__cause__ is not None
