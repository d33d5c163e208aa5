import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lab.app.evidence import EVERYTHING, Evidence
from lab.app.pacing import Stepwise
from lab.app.playhouse import Playhouse
from lab.app.terminal import Terminal
from lab.app.watching import Keeps, Reports, Watcher
from tests.unit.present.test_story import told


def watched(*plays: dict[str, Any], as_json: bool = False, reports: Reports = Reports()) -> str:  # noqa: B008 frozen
    """Return what is shown of plays to the end."""
    watcher, shown = watcher_and_output(as_json=as_json, reports=reports)
    for play in plays:
        show(watcher, play)
    watcher.end()
    return shown.getvalue()


def watcher_and_output(
    *,
    as_json: bool = False,
    reports: Reports = Reports(),  # noqa: B008 frozen
) -> tuple[Watcher, io.StringIO]:
    output = io.StringIO()
    return Watcher(Console(file=output, width=100), as_json, explain=False, reports=reports), output


def show(watcher: Watcher, play: dict[str, Any]) -> None:
    for step in play["steps"]:
        begin = {key: step[key] for key in ("number", "total", "do", "title", "say", "part", "ask")}
        watcher.see({"begin": begin})
        watcher.see(
            {"finished": {key: step[key] for key in step if key not in begin} | {"number": 1}}
        )
    record = {key: play[key] for key in play if key != "steps"}
    surprises = [one["number"] for one in play["steps"] if not one["as_expected"]]
    watcher.see({"record": {**record, "surprises": surprises}})


def test_a_play_is_shown_step_by_step() -> None:
    shown = watched(told("secure", "answer expired"))
    assert "Step 2 of 2\nLook.\n? Is it?\n  yes\n" in shown
    assert "A play: not as expected: step 2." in shown
    assert "scenarios as expected" not in shown


def test_only_what_will_be_shown_is_asked_for() -> None:
    watcher, _ = watcher_and_output(as_json=True)
    assert watcher.wants == set()
    watcher.reports = Reports(html=Path("report.html"))
    assert watcher.wants == {Evidence.CHAINS}
    watcher.pace = Stepwise(watcher.console, watcher.show_again)
    assert watcher.wants == EVERYTHING
    watcher.reports = Reports()
    assert watcher.wants == {Evidence.PACKETS}


def test_json_for_replays_holds_everything() -> None:
    watcher, _ = watcher_and_output(as_json=True)
    watcher.keeps = Keeps.EVERYTHING
    assert watcher.wants == EVERYTHING


def house(watcher: Watcher) -> Playhouse:
    return Playhouse(watcher, Terminal(watcher.console, lambda line: None))


def test_what_was_told_is_shown_again_without_a_lab() -> None:
    play = {**told("secure", "answer expired"), "surprises": [2]}
    watcher, shown = watcher_and_output()
    house(watcher).replay([play])
    assert shown.getvalue() == watched(play)
    assert watcher.told[0]["steps"] == play["steps"]


def test_a_play_that_is_stopped_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    watcher, shown = watcher_and_output()
    watcher.pace = Stepwise(watcher.console, watcher.show_again)
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n\nb\nq\n"))
    house(watcher).replay([{**told("secure", "secure"), "surprises": []}])
    assert watcher.told == []
    assert watcher.as_expected
    assert "Step 2 of 2: validate www.example.fr. A" in shown.getvalue()
    assert shown.getvalue().endswith("Stopped; zones, faults and clock are as they were.\n")


def test_several_plays_are_summed_up() -> None:
    good, bad = told("secure"), {**told("denied"), "title": "A bad play"}
    shown = watched(good, bad)
    assert "not as expected  A bad play" in shown
    assert "1 of 2 scenarios as expected." in shown


@pytest.mark.parametrize(
    ("plays", "well"), [((), True), (("secure",), True), (("secure", "denied"), False)]
)
def test_one_bad_play_spoils_all(plays: tuple[str, ...], well: bool) -> None:  # noqa: FBT001 a case
    watcher, _ = watcher_and_output()
    for case in plays:
        show(watcher, told(case))
    assert watcher.as_expected is well


def test_json_is_one_document_with_every_step_in_one_object() -> None:
    one = json.loads(watched(told("secure", "denied"), as_json=True))
    assert one["surprises"] == [2]
    assert one["steps"][1]["seen"] == "secure"
    several = json.loads(watched(told("secure"), told("denied"), as_json=True))
    assert several["as_expected"] is False
    assert [len(one["steps"]) for one in several["scenarios"]] == [1, 1]


def test_reports_are_written_at_the_end(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    xml = tmp_path / "results.xml"
    watched(told("secure"), reports=Reports(html=page, junit=xml))
    assert "<h1" in page.read_text()
    assert "<testcase" in xml.read_text()
