import os
from dataclasses import replace
from pathlib import Path

import pytest

from lab.app.state import MARKER, StateError, StateFolder
from lab.world.config import ZoneConfig
from tests.fakes import name
from tests.unit.world.small import materials

ROOT, OP, _ = materials().configs


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    return folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_fresh_folder_belongs_to_its_owner_alone(state: StateFolder) -> None:
    assert mode(state.path) == 0o700
    assert (state.path / MARKER).exists()
    state.prepare()


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    folder = StateFolder(tmp_path)
    with pytest.raises(StateError, match="is not empty and not a state folder"):
        folder.prepare()
    with pytest.raises(StateError, match="nothing was removed"):
        folder.reset()
    assert (tmp_path / "thesis.tex").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError, match="cannot use the state folder"):
        StateFolder(tmp_path / "state").prepare()


def test_one_lab_has_the_folder_at_a_time(state: StateFolder) -> None:
    held = state.lock()
    with pytest.raises(StateError, match="a lab is running"):
        state.lock()
    with pytest.raises(StateError, match="a lab is running"):
        state.reset()
    os.close(held)
    os.close(state.lock())


def test_a_reset_removes_everything_and_says_whether_there_was_something(
    state: StateFolder,
) -> None:
    state.key_set(OP)
    assert state.reset()
    assert not state.path.exists()
    assert not state.reset()


def test_keys_are_made_once_and_kept_for_their_owner_only(state: StateFolder) -> None:
    made = state.key_set(ROOT)
    again = StateFolder(state.path).key_set(ROOT)
    assert made.dnskeys == again.dnskeys
    assert [one.role for one in made.keys] == list(ROOT.key_roles)
    files = sorted((state.path / "keys" / "root").iterdir())
    assert [(one.name, mode(one)) for one in files] == [("ksk.pem", 0o600), ("zsk.pem", 0o600)]


SLASHED = {"/etc.": "%2Fetc", "0/25.2.0.192.in-addr.arpa.": "0%2F25.2.0.192.in-addr.arpa"}


@pytest.mark.parametrize("apex", SLASHED)
def test_a_zone_name_never_leads_out_of_the_folder(apex: str, state: StateFolder) -> None:
    config: ZoneConfig = replace(OP, apex=name(apex))
    state.key_set(config)
    assert [one.name for one in (state.path / "keys").iterdir()] == [SLASHED[apex]]


def test_a_broken_key_file_is_named(state: StateFolder) -> None:
    state.key_set(OP)
    (state.path / "keys" / "op" / "csk.pem").write_text("no key")
    with pytest.raises(StateError, match=r"csk\.pem: .*`lab reset`"):
        state.key_set(OP)


def test_a_key_of_another_algorithm_is_named(state: StateFolder) -> None:
    state.key_set(OP)
    with pytest.raises(StateError, match="ECDSAP256SHA256"):
        state.key_set(replace(OP, policy=replace(OP.policy, algorithm=ROOT.algorithm)))


def test_public_files_can_be_read_by_others(state: StateFolder) -> None:
    path = state.write_public("anchor.ds", "text")
    assert path.read_text() == "text"
    assert mode(path) == 0o644 & ~umask()
    assert state.write_public("anchor.ds", "more").read_text() == "more"
    assert sorted(one.name for one in state.path.iterdir()) == [MARKER, "anchor.ds"]


def umask() -> int:
    old = os.umask(0)
    os.umask(old)
    return old


def test_the_control_socket_stands_in_the_folder_if_its_path_is_short(tmp_path: Path) -> None:
    short, long = StateFolder(tmp_path / "s"), StateFolder(tmp_path / ("x" * 120))
    assert len(os.fsencode(long.socket)) <= 107
    assert long.socket != StateFolder(tmp_path / ("y" * 120)).socket
    assert StateFolder(Path("/s")).socket == Path("/s/control.sock")
    assert short.run_file == tmp_path / "s" / "run.json"
