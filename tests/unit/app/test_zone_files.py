from pathlib import Path

import pytest

from lab.app.state import StateFolder
from lab.app.status import describe, write_public_files
from lab.app.zone_files import ZoneFiles, mnemonic
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.net.clock import LabClock
from lab.validator.anchor import parse_anchors
from lab.world.build import World, assemble
from tests.fakes import NOW, name

HERE = ("192.0.2.53", "2001:db8::53")
TEXT = "@ 60 IN SOA ns.else. h.else. 7 2 3 4 60\n@ 60 IN NS ns.else.\nwww 60 IN A 192.0.2.1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.zone"
    path.write_text(TEXT)
    return path


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    return folder


def world(state: StateFolder, *files: tuple[str, Path], **settings: object) -> World:
    source = ZoneFiles(files, HERE, settings)
    return assemble(source.read(state, NOW, SeededEntropy("x")))


def test_zones_stand_alone_without_root_and_parent(file: Path, state: StateFolder) -> None:
    served = world(state, ("example", file), ("other.test.", file))
    assert set(served.served) == {name("example."), name("other.test.")}
    assert served.hints == ()


def test_every_address_serves_every_zone(file: Path, state: StateFolder) -> None:
    served = world(state, ("example", file), ("other.test.", file))
    assert set(served.name_servers) == set(HERE)
    assert all(set(one.zones) == set(served.served) for one in served.name_servers.values())


def test_a_zone_without_parent_here_is_an_anchor_and_its_child_is_delegated(
    file: Path, state: StateFolder, tmp_path: Path
) -> None:
    parent = tmp_path / "parent.zone"
    parent.write_text(TEXT + "sub 60 IN NS ns.else.\n")
    served = world(state, ("example", parent), ("sub.example", file))
    write_public_files(served, state)
    (anchor,) = parse_anchors(state.file("anchor.ds").read_text(), "anchor.ds")
    assert anchor.apex == name("example.")
    ds = served.served[name("example.")].zone.rrset(name("sub.example."), 43)  # type: ignore[arg-type]  # DS
    assert ds is not None
    assert ds.rdatas == served.delegations[name("sub.example.")]


def test_the_status_of_zones_that_stand_alone_needs_no_root(file: Path, state: StateFolder) -> None:
    status = describe(world(state, ("example", file)), state, 5300, LabClock(lambda: float(NOW)))
    assert status["root_servers"] == []
    (zone,) = status["zones"]
    assert [one["address"] for one in zone["nameservers"]] == list(HERE)
    assert len(zone["ds"]) == 1


def test_the_settings_are_those_of_a_table(file: Path, state: StateFolder) -> None:
    served = world(state, ("example", file), algorithm="ED25519", keys="csk")
    (key,) = served.signers[name("example.")].keys.keys
    assert key.algorithm.mnemonic == "ED25519"
    assert not world(state, ("example", file), signed=False).signers


def test_an_algorithm_has_a_number_and_a_name() -> None:
    assert mnemonic("15") == "ED25519"
    assert mnemonic("ED25519") == "ED25519"


WRONG: dict[str, tuple[tuple[str, ...], dict[str, object], str]] = {
    "no algorithm": (("a",), {"algorithm": "ROT13"}, "--algorithm: unknown signing algorithm"),
    "no denial": (("a",), {"denial": "shrug"}, "--denial: expected denial ="),
    "no keys": (("a",), {"keys": "none"}, "--keys: expected keys ="),
    "no key of a table": (("a",), {"colour": 1}, "--colour: unknown key 'colour'; known are"),
    "no network": (("a",), {"transfer": {"addresses": ["x"]}}, "transfer"),
    "no name": (("a..b",), {}, "--zone: 'a..b' is not a domain name"),
    "twice": (("a", "A."), {}, "each --zone may be named once only"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_names_the_option(case: str, file: Path, state: StateFolder) -> None:
    zones, settings, words = WRONG[case]
    with pytest.raises(InputError) as caught:
        world(state, *((zone, file) for zone in zones), **settings)
    assert words in str(caught.value)


def test_an_unknown_number_of_an_algorithm_names_the_option() -> None:
    with pytest.raises(InputError, match=r"--algorithm: signing algorithm 99"):
        mnemonic("99")
