"""What was changed while the lab ran is there after a restart, and its serials never go back."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from dns.name import Name
from dns.rdatatype import RdataType

from lab.app import lasting
from lab.app.journal import JOURNAL
from lab.app.keystore import KeyStore
from lab.app.lasting import Lasting
from lab.app.server import OnChange, RunningServer
from lab.app.state import StateError, StateFolder
from lab.dnssec.keys import KeySet
from lab.faults.rrsigs import RrsigMissing
from lab.world.build import World, build
from lab.world.materials import Materials
from tests.fakes import keys_of, name
from tests.unit.world.small import materials

OP = name("op.")


class FakeLab:
    """Stand for a lab that was started, without sockets."""

    def __init__(self, folder: Path, made_of: Materials | None = None) -> None:
        self.lasting = Lasting(folder / JOURNAL)
        self.world, self.remarks = self.lasting.begin(build(made_of or materials()))
        self.base = self.world
        self.lasting.keep()
        self.on_change: list[OnChange] = []
        self.keystore = KeyStore(StateFolder(folder))

    def add(self, record: str) -> None:
        RunningServer.change(
            cast("RunningServer", self), lambda world: world.with_records(OP, record)
        )

    def change_keys(self) -> None:
        RunningServer.change(
            cast("RunningServer", self),
            lambda world: world.with_keys(OP, KeySet((*world.signers[OP].keys.keys, *OTHER))),
        )

    @property
    def serial(self) -> int:
        return self.base.sources[OP].serial

    def has(self, owner: str) -> bool:
        return self.base.sources[OP].rrset(name(owner), RdataType.A) is not None

    def restarted(self, folder: Path, made_of: Materials | None = None) -> "FakeLab":
        self.lasting.close()
        return FakeLab(folder, made_of)


OTHER = keys_of(OP).keys


def edited(text: str, serial: int) -> Materials:
    """Return the small lab with a line more in one master file."""
    now = materials()
    file = now.texts[OP].replace("SOA ns h 7", f"SOA ns h {serial}") + text
    return replace(now, texts={**now.texts, OP: file})


def test_a_change_is_there_after_a_restart_with_its_serial(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    lab.add("new 60 A 192.0.2.1")
    assert lab.serial == 8
    again = lab.restarted(tmp_path)
    assert (again.has("new.op."), again.serial, again.remarks) == (True, 8, ())


def test_a_world_that_has_been_read_changes_and_lasts_without_master_files(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    lab.world = lab.base = lab.base.without_texts()
    lab.add("new 60 A 192.0.2.1")
    assert not lab.base.materials.texts
    assert lab.restarted(tmp_path).has("new.op.")


def test_listeners_hear_which_zones_changed_after_it_is_on_disk(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    heard: list[tuple[Name, ...]] = []
    lab.on_change.append(heard.append)
    lab.add("new 60 A 192.0.2.1")
    assert heard == [(OP,)]


def test_a_listener_that_fails_does_not_undo_a_change(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    heard: list[tuple[Name, ...]] = []
    lab.on_change += [lambda _: cast("None", 1 / 0), heard.append]
    lab.add("new 60 A 192.0.2.1")
    assert heard == [(OP,)]
    assert lab.has("new.op.")


def test_a_fault_is_neither_kept_nor_numbered(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    fault = RrsigMissing(owner=name("js.op."), type=RdataType.A)
    RunningServer.change(cast("RunningServer", lab), lambda world: world.with_fault(fault))
    assert lab.serial == 7
    assert not lab.restarted(tmp_path).base.hooks.faults


def test_a_full_disk_refuses_the_change_and_nothing_has_changed(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    file = lab.lasting.journal._file
    (pages,) = file.execute("PRAGMA page_count").fetchone()
    file.execute(f"PRAGMA max_page_count={pages}")
    before = lab.base
    with pytest.raises(StateError, match="cannot write the journal"):
        lab.add(f'new 60 TXT "{"x" * 250}" "{"x" * 250}"' + f' "{"x" * 250}"' * 40)
    assert lab.base is before
    assert lab.world is before
    file.execute("PRAGMA max_page_count=100000")
    lab.add("new 60 A 192.0.2.1")
    assert lab.restarted(tmp_path).serial == 8


def test_a_lasting_change_during_a_scenario_has_the_same_serial_in_both_worlds(
    tmp_path: Path,
) -> None:
    lab = FakeLab(tmp_path)
    lab.world = lab.world.with_records(OP, "temporary 60 A 192.0.2.9")
    lab.add("new 60 A 192.0.2.1")
    assert lab.world.sources[OP].serial == lab.base.sources[OP].serial == 8
    assert lab.world.sources[OP].rrset(name("temporary.op."), RdataType.A)
    assert not lab.has("temporary.op.")


def test_changes_are_applied_again_to_a_file_that_was_edited(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    lab.add("new 60 A 192.0.2.1")
    again = lab.restarted(tmp_path, edited("hand 60 A 192.0.2.7\n", serial=7))
    assert (again.has("new.op."), again.has("hand.op."), again.serial) == (True, True, 9)
    (remark,) = again.remarks
    assert "op.: the master file was edited since the last run" in remark


def test_the_serial_is_then_greater_than_that_of_the_file_too(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    lab.add("new 60 A 192.0.2.1")
    assert lab.restarted(tmp_path, edited("", serial=5000)).serial == 5001


def test_a_file_edited_without_a_new_serial_gets_one(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    again = lab.restarted(tmp_path, edited("hand 60 A 192.0.2.7\n", serial=7))
    assert again.serial == 8
    assert "the lab serves 8" in again.remarks[0]
    assert again.restarted(tmp_path, edited("hand 60 A 192.0.2.7\n", serial=7)).serial == 8


def test_a_file_edited_with_a_new_serial_is_taken_at_its_word(tmp_path: Path) -> None:
    again = FakeLab(tmp_path).restarted(tmp_path, edited("hand 60 A 192.0.2.7\n", serial=10))
    assert (again.serial, again.remarks) == (10, ())


def test_a_change_that_no_longer_fits_is_left_out_and_told(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    lab.add("new 60 A 192.0.2.1")
    lab.add("other 60 A 192.0.2.1")
    again = lab.restarted(tmp_path, edited("new 60 CNAME js.op.\n", serial=7))
    assert not again.has("new.op.")
    assert again.has("other.op.")
    assert any("is left out: new.op. has a CNAME" in one for one in again.remarks)


def test_other_generated_records_between_two_runs_raise_the_serial(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path).restarted(tmp_path, replace(materials(), tls_port=9))
    assert (lab.serial, lab.remarks) == (8, ())


def test_other_keys_between_two_runs_raise_the_serials_of_zone_and_parent(tmp_path: Path) -> None:
    keys = materials().keys
    more = {**keys, OP: KeySet((*keys[OP].keys, *OTHER))}
    lab = FakeLab(tmp_path).restarted(tmp_path, replace(materials(), keys=more))
    assert lab.serial == 8
    assert lab.base.sources[name(".")].serial == 8


def test_a_key_change_in_a_run_is_no_news_in_the_next_one(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    lab.change_keys()
    assert lab.serial == 8
    keys = materials().keys
    more = {**keys, OP: KeySet((*keys[OP].keys, *OTHER))}
    # The parent's DS followed the keys only when the lab was built again.
    assert lab.restarted(tmp_path, replace(materials(), keys=more)).serial == 8


def test_a_zone_that_was_transferred_starts_with_a_new_serial(tmp_path: Path) -> None:
    lab = FakeLab(tmp_path)
    lab.lasting.journal.mark_transferred(OP)
    again = lab.restarted(tmp_path)
    assert again.serial == 8
    assert again.restarted(tmp_path).serial == 8


def test_many_entries_are_joined_into_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "ENTRIES_LIMIT", 10)
    lab = FakeLab(tmp_path)
    for number in range(25):
        lab.add(f"new{number} 60 A 192.0.2.1")
    (count,) = lab.lasting.journal._file.execute("SELECT COUNT(*) FROM change").fetchone()
    assert count <= 11
    again = lab.restarted(tmp_path)
    assert all(again.has(f"new{number}.op.") for number in range(25))
    assert again.serial == 32


def test_nobody_else_may_read_the_journal(tmp_path: Path) -> None:
    FakeLab(tmp_path).add("new 60 A 192.0.2.1")
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}


def test_a_journal_that_is_none_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b"these are not the octets you are looking for" * 100)
    with pytest.raises(StateError, match="`lab reset` removes it"):
        FakeLab(tmp_path)


def test_a_journal_of_another_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / JOURNAL) as file:
        file.execute("PRAGMA user_version=99")
    file.close()
    with pytest.raises(StateError, match="another version of the lab"):
        FakeLab(tmp_path)


def worlds(lab: FakeLab, count: int) -> list[World]:
    seen = [lab.base]
    for number in range(count):
        lab.add(f"a{number} 60 A 192.0.2.1\nb{number} 60 A 192.0.2.1")
        seen.append(lab.base)
    return seen


def test_a_journal_cut_off_anywhere_holds_the_first_changes_and_no_half_one(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "whole"
    folder.mkdir()
    count = 5
    history = worlds(FakeLab(folder), count)
    whole, log = (folder / JOURNAL).read_bytes(), (folder / f"{JOURNAL}-wal").read_bytes()
    found = set()
    for number, length in enumerate([*range(0, len(log), 997), len(log)]):
        torn = tmp_path / str(number)
        torn.mkdir()
        (torn / JOURNAL).write_bytes(whole)
        (torn / f"{JOURNAL}-wal").write_bytes(log[:length])
        lab = FakeLab(torn)
        held = [(lab.has(f"a{one}.op."), lab.has(f"b{one}.op.")) for one in range(count)]
        kept = held.count((True, True))
        assert held == [(True, True)] * kept + [(False, False)] * (count - kept)
        assert lab.serial == history[kept].sources[OP].serial
        found.add(kept)
        lab.lasting.close()
    assert found == set(range(count + 1))
