import pytest
from dns.name import Name, from_text
from dns.rdatatype import RdataType

from lab.core import ordered
from lab.core.errors import InputError, ZoneError
from lab.core.ordered import Order, order_of
from lab.nameserver.difference import Difference, difference
from lab.nameserver.journal import pull_difference, push_difference
from lab.nameserver.zone import Zone, load
from tests.fakes import name

APEX = name("z.")


def zone(text: str = "", serial: int = 1) -> Zone:
    return load(f"@ 60 SOA ns h {serial} 2 3 4 60\n@ 60 NS ns\n{text}", APEX, "z.zone")


def lines(change: Difference) -> list[str]:
    return [
        f"{sign} {one.owner} {one.ttl} {RdataType.to_text(one.rdtype)} {rdata}"
        for sign, side in (("-", change.removed), ("+", change.added))
        for one in side
        for rdata in one.rdatas
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("", "a 60 A 192.0.2.1", ["+ a.z. 60 A 192.0.2.1"]),
        ("a 60 A 192.0.2.1", "", ["- a.z. 60 A 192.0.2.1"]),
        ("a 60 A 192.0.2.1", "a 60 A 192.0.2.1\na 60 A 192.0.2.2", ["+ a.z. 60 A 192.0.2.2"]),
        ("a 60 A 192.0.2.1", "a 9 A 192.0.2.1", ["- a.z. 60 A 192.0.2.1", "+ a.z. 9 A 192.0.2.1"]),
        ("a 60 A 192.0.2.1", 'a 60 TXT "x"', ["- a.z. 60 A 192.0.2.1", '+ a.z. 60 TXT "x"']),
        ("d 60 NS x\nx.d 60 A 192.0.2.1", "d 60 NS x", ["- x.d.z. 60 A 192.0.2.1"]),
    ],
)
def test_a_difference_names_the_records_that_went_and_came(
    old: str, new: str, expected: list[str]
) -> None:
    assert lines(difference(zone(old), zone(new))) == expected


def test_one_change_in_a_large_zone_opens_few_of_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    large = zone("".join(f"n{one:05} 60 A 192.0.2.1\n" for one in range(3_000)))
    changed = large.with_records("n01777 60 A 192.0.2.2", "piece")
    compared = []

    def counted(name: Name) -> Order:
        compared.append(name)
        return order_of(name)

    monkeypatch.setattr(ordered, "order_of", counted)
    change = difference(large, changed)
    monkeypatch.undo()
    assert lines(change) == ["+ n01777.z. 60 A 192.0.2.2"]
    assert 0 < len(compared) < 1000


def test_a_serial_alone_can_be_left_out() -> None:
    assert not difference(zone(), zone(serial=2)).apart_from_serial()


def test_another_change_of_the_soa_stays() -> None:
    other = zone().with_changes(
        [], [load("@ 60 SOA ns2 h 1 2 3 4 60\n@ 60 NS ns", APEX, "other").soa]
    )
    assert len(difference(zone(), other).apart_from_serial().added) == 1


def test_an_added_record_gives_its_ttl_to_the_whole_rrset() -> None:
    more = difference(zone(), zone("a 9 A 192.0.2.2"))
    rrset = more.applied_to(zone("a 60 A 192.0.2.1")).rrset(from_text("a", APEX), RdataType.A)
    assert rrset is not None
    assert (rrset.ttl, len(rrset.rdatas)) == (9, 2)


def test_a_cname_does_not_come_beside_other_records() -> None:
    more = difference(zone(), zone("a 60 CNAME b"))
    with pytest.raises(ZoneError, match=r"a\.z\. has a CNAME and other records"):
        more.applied_to(zone("a 60 A 192.0.2.1"))


def test_a_cname_may_take_the_place_of_another_type() -> None:
    more = difference(zone("a 60 A 192.0.2.1"), zone("a 60 CNAME b"))
    assert more.applied_to(zone("a 60 A 192.0.2.1")).rrset(from_text("a", APEX), RdataType.CNAME)


def test_octets_after_a_change_are_not_passed_over() -> None:
    octets = push_difference(difference(zone(), zone("a 60 A 192.0.2.1")))
    with pytest.raises(InputError, match="no change of a zone"):
        pull_difference(octets + b"\0" * 20)
