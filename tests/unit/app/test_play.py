import json
from collections.abc import Callable
from pathlib import Path

import dns.name
import pytest
from twisted.internet.defer import Deferred

from lab.app.evidence import EVERYTHING, Evidence
from lab.app.play import (
    event_of,
    event_of_record,
    find_scenario,
    play_on,
    read_scenario,
    read_told,
)
from lab.core.checks import Outcome, Report
from lab.core.errors import InputError, ScenarioError
from lab.core.values import from_value
from lab.net.clock import LabClock
from lab.scenario.action import Begin, Finished, Observation
from lab.scenario.ask import Ask
from lab.scenario.load import load
from lab.scenario.run import Record
from tests.fakes import NOW
from tests.unit.net.test_perform import FakeStage
from tests.unit.present.test_story import told

TEXT = """
title = "Small"
summary = "Two steps."

[[step]]
do = "advance-clock"
by = "1h"

[[step]]
do = "validate"
name = "js.op."
type = "A"
expect = "secure"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for stem in ("first", "second"):
        (tmp_path / f"{stem}.toml").write_text(TEXT)
    return tmp_path


@pytest.mark.parametrize("called", ["first", "first.toml", "{folder}/first.toml"])
def test_a_scenario_is_found_by_name_or_path(called: str, folder: Path) -> None:
    found = find_scenario(called.format(folder=folder), folder)
    assert found == folder / "first.toml"


def test_who_errs_is_told_what_there_is(folder: Path) -> None:
    with pytest.raises(InputError, match="there are: first, second"):
        find_scenario("third", folder)
    with pytest.raises(InputError, match="there are: none"):
        find_scenario("third", folder / "empty")


def test_a_scenario_is_read_or_all_its_mistakes_are_listed(folder: Path) -> None:
    assert read_scenario(folder / "first.toml").title == "Small"
    (folder / "bad.toml").write_text(TEXT.replace("validate", "validates"))
    with pytest.raises(ScenarioError, match=r"bad\.toml:\d+"):
        read_scenario(folder / "bad.toml")
    with pytest.raises(InputError, match="cannot read the scenario"):
        read_scenario(folder / "none.toml")


def played(stage: FakeStage, news: list[Begin | Finished]) -> Record:
    return watched(stage, news.append, TEXT)


def watched(stage: FakeStage, observe: Callable[[Begin | Finished], None], text: str) -> Record:
    got: list[Record] = []
    playing = Deferred.fromCoroutine(play_on(stage, load(text, "small.toml"), observe))
    playing.addCallback(got.append)
    return got[0]


def test_plays_that_were_told_are_read_again(tmp_path: Path) -> None:
    file = tmp_path / "told.json"
    one = told("secure")
    for document in (one, {"as_expected": True, "scenarios": [one, one]}):
        file.write_text(json.dumps(document))
        assert read_told(file) == document.get("scenarios", [one])


@pytest.mark.parametrize("text", ["x", "[]", "{}", '{"scenarios": [{}]}'])
def test_what_tells_of_no_play_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "told.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"told\.json: this is no JSON of `lab run`"):
        read_told(file)


def test_a_play_leaves_the_lab_as_it_was() -> None:
    stage, news = FakeStage(), list[Begin | Finished]()
    stage.clock = LabClock(lambda: float(NOW))
    world = stage.world
    record = played(stage, news)
    assert record.as_expected
    assert stage.world is world
    assert stage.clock.now() == NOW
    assert [type(one) for one in news] == [Begin, Finished, Begin, Finished]


def test_what_the_scenario_set_up_is_taken_down() -> None:
    stage = FakeStage()
    stage.clock = LabClock(lambda: float(NOW))
    entropy = stage.entropy
    seen: list[tuple[int, bool, bool]] = []

    def observe(_news: Begin | Finished) -> None:
        new = dns.name.from_text("new.op.") in stage.world.served
        seen.append((stage.clock.now(), stage.entropy is entropy, new))

    world = '[world]\nstart = 2030-01-01T00:00:00Z\nseed = "x"\n[world.zone."new.op"]\n'
    watched(stage, observe, TEXT.replace("[[step]]", f"{world}[[step]]", 1))
    assert seen[0] == (1_893_456_000, False, True)
    assert stage.entropy is entropy
    assert stage.clock.now() == NOW
    assert stage.world is stage.base


def test_events_say_what_happened() -> None:
    news: list[Begin | Finished] = []
    record = played(FakeStage(), news)
    events = [event_of(one) for one in news]
    assert events[0]["begin"]["do"] == "advance-clock"
    assert events[3]["finished"]["as_expected"] is True
    assert event_of_record(record) == {
        "record": {
            "title": "Small",
            "summary": "Two steps.",
            "as_expected": True,
            "steps": 2,
            "surprises": [],
        }
    }


def test_a_question_can_be_read_from_its_event() -> None:
    ask = Ask("Is it?", answer="no", choices=("yes", "no"))
    begin = Begin(1, 1, "note", "note", "", "", "", ask)
    assert from_value(Ask, event_of(begin)["begin"]["ask"], "an event") == ask


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (frozenset(), set()),
        ({Evidence.CHAINS}, {"chain"}),
        ({Evidence.PACKETS}, {"exchanges"}),
        (EVERYTHING, {"chain", "exchanges"}),
    ],
)
def test_what_is_long_is_told_to_whoever_wants_it(
    wanted: frozenset[Evidence], told: set[str]
) -> None:
    seen = Observation("", "done", Report("a title"))
    event = event_of(Finished(1, seen), frozenset(wanted))["finished"]
    assert set(event) & {"chain", "exchanges"} == told
    assert {"number", "expected", "seen", "as_expected", "report"} <= set(event)


def test_an_event_holds_the_whole_report() -> None:
    seen = Observation("secure", "bogus", Report("a title", Outcome.FAILED))
    event = event_of(Finished(1, seen))["finished"]
    assert (event["expected"], event["seen"], event["as_expected"]) == ("secure", "bogus", False)
    assert event["report"]["title"] == "a title"
