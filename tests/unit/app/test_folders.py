from pathlib import Path

import pytest

from lab.app.folders import HIERARCHY, OPERATORS, read_materials, shipped
from lab.app.state import StateFolder
from lab.app.texts import read_text
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError, ZoneError
from lab.world.build import build
from lab.world.config import read_hierarchy
from tests.fakes import NOW, name
from tests.unit.world import small

FILES = {".": "root.zone", "op.": "op.zone", "bare.op.": "bare.zone"}


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    folder = tmp_path / "zones"
    folder.mkdir()
    (folder / HIERARCHY).write_text(small.HIERARCHY)
    (folder / OPERATORS).write_text(small.OPERATORS)
    for apex, file in FILES.items():
        (folder / file).write_text(small.TEXTS[apex])
    return folder


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    return folder


def test_the_lab_comes_with_zones_and_scenarios() -> None:
    assert (shipped("zones") / HIERARCHY).is_file()
    assert list(shipped("scenarios").glob("*.toml"))


def test_a_folder_of_zones_becomes_a_world(zones: Path, state: StateFolder) -> None:
    materials = read_materials(zones, state, NOW, SeededEntropy("x"), 8003)
    assert list(materials.keys) == [name("."), name("op.")]
    assert list(materials.identities) == ["op.js", "op.as", "guest.ns"]
    build(materials)


def test_the_same_folders_make_the_same_keys(zones: Path, state: StateFolder) -> None:
    first, second = (read_materials(zones, state, NOW, SeededEntropy("x"), 8003) for _ in range(2))
    assert {apex: one.dnskeys for apex, one in first.keys.items()} == {
        apex: one.dnskeys for apex, one in second.keys.items()
    }


def test_a_lab_may_have_no_operators(zones: Path, state: StateFolder) -> None:
    (zones / OPERATORS).unlink()
    materials = read_materials(zones, state, NOW, SeededEntropy("x"), 8003)
    assert (materials.operators, materials.identities) == ((), {})


def test_a_missing_file_is_named(zones: Path, state: StateFolder) -> None:
    (zones / "op.zone").unlink()
    with pytest.raises(InputError, match=r"op\.zone: cannot read the master file of op\.: No such"):
        read_materials(zones, state, NOW, SeededEntropy("x"), 8003)


def test_a_mistake_is_found_in_its_file(zones: Path, state: StateFolder) -> None:
    (zones / HIERARCHY).write_text(small.HIERARCHY + "colour = 1\n")
    with pytest.raises(ZoneError, match=r"zones/hierarchy\.toml:\d+: unknown key 'colour'"):
        read_materials(zones, state, NOW, SeededEntropy("x"), 8003)


def test_a_file_is_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin1"
    path.write_bytes(b"\xe9t\xe9")
    with pytest.raises(InputError, match="cannot read the menu: it is not UTF-8 text"):
        read_text(path, "the menu")


def test_the_shipped_hierarchy_is_right() -> None:
    text = read_text(shipped("zones") / HIERARCHY, "it")
    assert read_hierarchy(text, HIERARCHY)
