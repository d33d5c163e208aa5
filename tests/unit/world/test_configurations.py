"""What other people's servers are told; that they understand it is for the e2e tests."""

from pathlib import PurePath

import pytest
from dns.tsig import Key

from lab.world.configurations import PROGRAMS, Fleet, unbound_conf

FLEET = Fleet(
    zones={".": "root.zone", "fr.": "fr.zone"},
    primary="127.53.0.54",
    port=5300,
    catalog="catalog.lab.",
    key=Key("lab-key.", b"secret"),
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_secondary_knows_its_primary_and_the_key(name: str) -> None:
    program = PROGRAMS[name]
    text = program.secondary(FLEET, PurePath("/x/secondary") / name, program.secondary_port)
    assert "127.53.0.54" in text
    assert "5300" in text
    assert "c2VjcmV0" in text
    assert str(program.secondary_port) in text


@pytest.mark.parametrize(("name", "by_catalog"), [("nsd", False), ("knot", True), ("bind", True)])
def test_only_nsd_is_told_each_zone(name: str, *, by_catalog: bool) -> None:
    text = PROGRAMS[name].secondary(FLEET, PurePath("/x/secondary") / name, 1)
    assert ("catalog.lab." in text) is by_catalog
    assert ("fr.zone" in text) is not by_catalog


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_primary_serves_the_exported_files_and_needs_no_key(name: str) -> None:
    text = PROGRAMS[name].primary(FLEET, PurePath("/x/primary") / name, 1)
    assert "/x/root.zone" in text
    assert "/x/fr.zone" in text
    assert "c2VjcmV0" not in text


@pytest.mark.parametrize(("port", "stub"), [(53, False), (5300, True)])
def test_unbound_needs_stub_zones_where_referrals_carry_no_port(port: int, *, stub: bool) -> None:
    text = unbound_conf(PurePath("/x/unbound"), {"fr.": ["127.53.1.1"]}, port)
    assert ("stub-addr: 127.53.1.1@5300" in text) is stub
    assert ("root-hints" in text) is not stub
