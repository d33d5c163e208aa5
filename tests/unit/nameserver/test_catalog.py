"""RFC 9432: the list of zones that secondaries should serve."""

import pytest
from dns.rdatatype import RdataType

from lab.nameserver.catalog import catalog_zone, member_label
from tests.fakes import name

APEX = name("catalog.lab.")
MEMBERS = (name("."), name("fr."), name("example.fr."))


def test_the_catalog_says_its_version_and_lists_every_member_once() -> None:
    zone = catalog_zone(APEX, MEMBERS, 7)
    assert zone.serial == 7
    version = zone.rrset(name("version.catalog.lab."), RdataType.TXT)
    assert version is not None
    assert [one.to_text() for one in version.rdatas] == ['"2"']
    pointers = [
        rdata.target  # type: ignore[attr-defined]  # rdata of a PTR
        for owner in zone.version.nodes
        for rrset in zone.rrsets(owner)
        if rrset.rdtype == RdataType.PTR
        for rdata in rrset.rdatas
    ]
    assert sorted(pointers) == sorted(MEMBERS)


def test_an_empty_catalog_is_a_zone_too() -> None:
    assert catalog_zone(APEX, (), 1).rrset(APEX, RdataType.NS) is not None


@pytest.mark.parametrize("serial", [1, 2])
def test_the_label_of_a_member_stays_whatever_else_comes_and_goes(serial: int) -> None:
    owner = name(member_label(name("FR.")).decode() + ".zones.catalog.lab.")
    assert catalog_zone(APEX, (name("fr."),), serial).rrset(owner, RdataType.PTR) is not None
    assert catalog_zone(APEX, MEMBERS, serial).rrset(owner, RdataType.PTR) is not None
