import pytest
from dns.rdatatype import RdataType

from lab.core.errors import ZoneError
from lab.core.rrsets import RRset
from lab.nameserver.zone import load
from tests.fakes import name

APEX = name("example.")
TEXT = """
@       60 SOA   ns h 1 2 3 4 30
@       60 NS    ns
ns      60 A     127.0.0.2
alias   60 CNAME www
b       60 NS    ns.b
b       60 NS    ns.z
ns.b    60 A     127.0.0.3
x.y.b   60 NS    ns.elsewhere.test.
*.d     60 TXT   "wild"
f.e     60 A     192.0.2.5
www     60 A     192.0.2.1
WWW     60 TXT   "upper"
z       60 NS    ns.z
ns.z    60 A     127.0.0.4
"""
ZONE = load(TEXT, APEX, "example.zone")

PLACES = {
    # name: cut, exists, before, closest encloser
    "@": (None, True, "@", "@"),
    "a": (None, False, "@", "@"),
    "b": ("b", True, "b", "b"),
    "ns.b": ("b", True, "b", None),
    "x.y.b": ("b", True, "b", None),
    "nobody.b": ("b", False, "b", None),
    "c": (None, False, "b", "@"),
    "d": (None, True, "b", "d"),
    "*.d": (None, True, "*.d", "*.d"),
    "x.d": (None, False, "*.d", "d"),
    "e": (None, True, "*.d", "e"),
    "a.e": (None, False, "*.d", "e"),
    "f.e": (None, True, "f.e", "f.e"),
    "g.e": (None, False, "f.e", "e"),
    "x.f.e": (None, False, "f.e", "f.e"),
    "ns": (None, True, "ns", "ns"),
    "Www": (None, True, "www", "www"),
    "x": (None, False, "www", "@"),
    "zz": (None, False, "z", "@"),
}


def full(owner: str) -> str:
    return "example." if owner == "@" else f"{owner}.example."


@pytest.mark.parametrize("qname", PLACES)
def test_a_name_falls_into_its_place(qname: str) -> None:
    cut, exists, before, encloser = PLACES[qname]
    place = ZONE.place(name(full(qname)))
    assert place.cut == (None if cut is None else name(full(cut)))
    assert place.before == name(full(before))
    if cut is None or cut == qname:
        assert place.exists is exists
    if encloser is not None:
        assert place.closest_encloser == name(full(encloser))


def test_glue_is_neither_an_owner_nor_anybodys_neighbour() -> None:
    owners = [str(one) for one in ZONE.owners()]
    expected = ["@", "alias", "b", "*.d", "f.e", "ns", "www", "z"]
    assert owners == [full(one) for one in expected]
    following = [ZONE.next_owner(name(one)) for one in owners]
    assert following == [name(one) for one in [*owners[1:], owners[0]]]


def test_a_cut_inside_another_cut_is_none() -> None:
    assert ZONE.is_cut(name("b.example."))
    assert not ZONE.is_cut(name("x.y.b.example."))
    assert not ZONE.is_cut(APEX)


def test_records_of_a_name_in_any_case_are_one_owner() -> None:
    assert [one.rdtype for one in ZONE.rrsets(name("wWw.example."))] == [
        RdataType.A,
        RdataType.TXT,
    ]
    assert ZONE.rrsets(name("e.example.")) == ()
    assert ZONE.rrset(name("e.example."), RdataType.A) is None


NEGATIVE_TTLS = {"60 SOA ns h 1 2 3 4 30": 30, "30 SOA ns h 1 2 3 4 60": 30}


@pytest.mark.parametrize("soa", NEGATIVE_TTLS)
def test_a_no_lives_as_long_as_the_soa_and_its_minimum_allow(soa: str) -> None:
    zone = load(f"@ {soa}\n@ 60 NS ns\n", APEX, "example.zone")
    assert zone.negative_ttl == NEGATIVE_TTLS[soa]


def test_editing_makes_another_zone() -> None:
    edited = ZONE.without(name("www.example."), RdataType.A)
    assert edited.rrset(name("www.example."), RdataType.A) is None
    assert ZONE.rrset(name("www.example."), RdataType.A) is not None


def test_the_last_record_takes_its_name_along() -> None:
    edited = ZONE.without(name("f.e.example."), RdataType.A)
    assert not edited.place(name("e.example.")).exists


def test_without_its_ns_records_a_cut_is_gone_and_the_one_below_appears() -> None:
    edited = ZONE.without(name("b.example."), RdataType.NS)
    assert not edited.is_cut(name("b.example."))
    assert edited.is_cut(name("x.y.b.example."))
    assert name("ns.b.example.") in set(edited.owners())


def test_a_new_cut_turns_what_is_below_into_glue() -> None:
    edited = ZONE.with_records("e 60 NS ns\n", "more")
    assert name("f.e.example.") not in set(edited.owners())
    assert edited.place(name("f.e.example.")).cut == name("e.example.")


def test_records_are_added_to_those_there_are() -> None:
    edited = ZONE.with_records("www 60 A 192.0.2.2\nwww 60 A 192.0.2.1\n", "more")
    rrset = edited.rrset(name("www.example."), RdataType.A)
    assert rrset is not None
    assert [one.to_text() for one in rrset.rdatas] == ["192.0.2.1", "192.0.2.2"]


MISFITS = {
    "www 60 CNAME b\n": "www.example. has a CNAME and other records",
    "alias 60 A 192.0.2.1\n": "alias.example. has a CNAME and other records",
    "out.test. 60 A 192.0.2.1\n": "out.test. is not in the zone example.",
    "x 60 A 192\n": "more:1",
}


@pytest.mark.parametrize("text", MISFITS)
def test_records_that_do_not_go_with_the_zone_are_refused(text: str) -> None:
    with pytest.raises(ZoneError, match=MISFITS[text]):
        ZONE.with_records(text, "more")


def test_an_rrset_takes_the_place_of_the_one_before_it() -> None:
    soa = ZONE.soa
    shorter = RRset(soa.owner, soa.rdtype, 5, soa.rdatas)
    assert ZONE.with_rrsets([shorter]).negative_ttl == 5
