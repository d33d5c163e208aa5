"""What LoRaWAN roles keep is there again after a restart."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from twisted.python.failure import Failure

from lab.app.lorawan_memory import Memory
from lab.app.state import StateError
from lab.backend.network import NetworkSession, Waiting
from lab.core.errors import InputError
from lab.lorawan.device import Device, Session, join
from lab.lorawan.keys import SessionKeys, Version
from tests.lorawan import AFNIC, AS_ID, DEV_EUI, JOIN_EUI, NOW, World, device

KEYS = SessionKeys(bytes(16), bytes([1] * 16), bytes([2] * 16), b"")
ADDRESS = AFNIC.dev_addr(1)
SESSION = NetworkSession(
    DEV_EUI,
    ADDRESS,
    Version.LORAWAN_1_1,
    KEYS,
    AS_ID,
    NOW,
    JOIN_EUI,
    session_key_id=b"\x01\x02",
    waiting=Waiting(3, b"on", 7),
)


@dataclass(frozen=True, slots=True)
class Other:
    """Something else than what was written."""

    missing: int


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lorawan.sqlite"


def test_a_session_comes_back_as_it_was(path: Path) -> None:
    before = Memory(path)
    before.shelf("tsp.ns session", NetworkSession).put(DEV_EUI, SESSION, ADDRESS)
    before.close()
    shelf = Memory(path).shelf("tsp.ns session", NetworkSession)
    assert shelf.get(DEV_EUI) == SESSION
    assert shelf.sharing(ADDRESS) == (SESSION,)
    assert shelf.all() == (SESSION,)


def test_a_device_comes_back_with_what_it_waits_for(path: Path) -> None:
    _, asked = join(device(Version.LORAWAN_1_1))
    world = World(Version.LORAWAN_1_1)
    world.joins(world.home)
    assert isinstance(world.device.session, Session)
    shelf = Memory(path).shelf("device", Device)
    for one in (asked, world.device):
        shelf.put(DEV_EUI, one)
        assert shelf.get(DEV_EUI) == one


def test_the_last_value_counts_and_can_be_dropped(path: Path) -> None:
    shelf = Memory(path).shelf("tsp.ns session", NetworkSession)
    shelf.put(DEV_EUI, SESSION, ADDRESS)
    shelf.put(DEV_EUI, replace(SESSION, f_cnt_up=9), AFNIC.dev_addr(2))
    assert shelf.sharing(ADDRESS) == ()
    found = shelf.get(DEV_EUI)
    assert found is not None
    assert found.f_cnt_up == 9
    shelf.drop(DEV_EUI)
    assert shelf.get(DEV_EUI) is None


def test_shelves_do_not_mix(path: Path) -> None:
    memory = Memory(path)
    memory.shelf("tsp.ns session", NetworkSession).put(DEV_EUI, SESSION)
    assert memory.shelf("afnic.ns session", NetworkSession).get(DEV_EUI) is None


def test_what_another_version_wrote_is_refused_in_a_sentence(path: Path) -> None:
    memory = Memory(path)
    memory.shelf("x", NetworkSession).put("key", SESSION)
    with pytest.raises(InputError, match="x key"):
        memory.shelf("x", Other).get("key")


def test_a_damaged_file_is_told(path: Path) -> None:
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(StateError, match=r"lorawan\.sqlite"):
        Memory(path)


def test_what_is_kept_in_one_turn_goes_to_disk_at_its_end(path: Path) -> None:
    turns: list[Callable[[], None]] = []
    memory = Memory(path, turns.append)
    shelf = memory.shelf("tsp.ns session", NetworkSession)
    there = Memory(path).shelf("tsp.ns session", NetworkSession)
    told: list[object] = []
    for key in ("a", "b"):
        shelf.keep(key, SESSION).addCallback(lambda _: told.append(there.all()))
    # Whoever reads in between finds it; after a crash it would be gone.
    assert (shelf.all(), there.all(), told) == ((SESSION, SESSION), (), [])
    (end,) = turns
    end()
    assert told == [(SESSION, SESSION)] * 2
    shelf.keep("c", SESSION)
    assert len(turns) == 2


def test_what_may_not_wait_takes_the_rest_of_the_turn_along(path: Path) -> None:
    turns: list[Callable[[], None]] = []
    memory = Memory(path, turns.append)
    shelf = memory.shelf("tsp.ns session", NetworkSession)
    told: list[None] = []
    shelf.keep("a", SESSION).addCallback(told.append)
    shelf.put("b", SESSION)
    assert Memory(path).shelf("tsp.ns session", NetworkSession).all() == (SESSION, SESSION)
    shelf.keep("c", SESSION).addCallback(told.append)
    assert (told, len(turns)) == ([], 1)
    memory.close()
    turns[0]()
    assert told == [None, None]
    assert len(Memory(path).shelf("tsp.ns session", NetworkSession).all()) == 3


def test_what_does_not_reach_the_disk_is_told_to_all_who_rely_on_it(path: Path) -> None:
    turns: list[Callable[[], None]] = []
    memory = Memory(path, turns.append)
    memory.file.execute("PRAGMA foreign_keys = ON")
    memory.file.executescript(
        "CREATE TABLE one (id INTEGER PRIMARY KEY);"
        "CREATE TABLE two (id INTEGER REFERENCES one DEFERRABLE INITIALLY DEFERRED)"
    )
    shelf = memory.shelf("tsp.ns session", NetworkSession)
    told: list[Failure] = []
    kept = [shelf.keep(key, SESSION).addErrback(told.append) for key in ("a", "b")]
    # Nothing else makes a commit fail at will.
    memory.file.execute("INSERT INTO two VALUES (1)")
    turns[0]()
    assert [one.type for one in told] == [StateError] * len(kept)
    assert shelf.all() == ()
