from pathlib import Path

import pytest
from dns.rdtypes.ANY.DS import DS

from lab.app.keystore import LIFE, KeyStore
from lab.app.state import StateError, StateFolder
from lab.dnssec.keylife import Goal, Order
from lab.dnssec.keys import KeyRole, generate
from lab.nameserver.tree import ds_rdatas
from lab.world.build import World, build
from lab.world.keylife import Succession, lived, rolled
from tests.fakes import NOW, name
from tests.unit.world.small import materials

OP = name("op.")


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    return KeyStore(folder)


def begun() -> World:
    return lived(build(materials()), NOW)


def rolling(world: World) -> World:
    key = generate(OP, KeyRole.CSK, world.config(OP).algorithm)
    change = Succession(OP, (key,), (KeyRole.CSK,), Order.PUBLISH_FIRST)
    return rolled(world, change, NOW)


def test_a_life_comes_back_as_it_was_written(store: KeyStore) -> None:
    world = rolling(begun())
    store.record(None, world)
    kept = store.load(world.signers)[OP]
    assert kept.zone_life.life == world.lives[OP].life
    assert kept.zone_life.keys.dnskeys == world.signers[OP].keys.dnskeys
    assert kept.delegation == world.delegations[OP]


def test_files_are_for_their_owner_alone(store: KeyStore, tmp_path: Path) -> None:
    store.record(None, rolling(begun()))
    files = sorted((tmp_path / "state" / "keys" / "op").iterdir())
    assert [one.name for one in files] == ["csk-2.pem", "csk.pem", LIFE]
    assert {one.stat().st_mode & 0o777 for one in files} == {0o600}


def test_the_secret_of_a_forgotten_key_is_removed(store: KeyStore, tmp_path: Path) -> None:
    world = rolling(begun())
    store.record(None, world)
    after = world
    now = NOW
    while len(after.lives[OP].life.members) > 1:
        now += 100
        after = after.with_delegation(OP, build_ds(after))
        after = lived(after, now)
        assert now < NOW + 5000
    store.record(world, after)
    assert not (tmp_path / "state" / "keys" / "op" / "csk.pem").exists()
    assert [one.goal for one in store.load([OP])[OP].zone_life.life.members] == [Goal.ACTIVE]


def build_ds(world: World) -> tuple[DS, ...]:
    return ds_rdatas(OP, world.signers[OP].keys)


def test_nothing_is_written_where_nothing_changed(store: KeyStore, tmp_path: Path) -> None:
    world = begun()
    store.record(world, world)
    assert not (tmp_path / "state" / "keys").exists()


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 99}', '{"schema": 1}'])
def test_a_damaged_file_is_named(store: KeyStore, tmp_path: Path, text: str) -> None:
    store.record(None, begun())
    (tmp_path / "state" / "keys" / "op" / LIFE).write_text(text)
    with pytest.raises(StateError, match=r"life\.json: .*`lab reset`"):
        store.load([OP])
