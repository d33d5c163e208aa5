"""A scenario is played to its end, and its record tells what happened."""

import dns.name
from dns.rdatatype import RdataType

from lab.core.checks import Outcome
from lab.core.dialogue import answer_all
from lab.core.errors import TransportError
from lab.scenario.action import (
    Action,
    Begin,
    Finished,
    RemoveRecords,
    Result,
)
from lab.scenario.edits import ClearFaults
from lab.scenario.load import Scenario
from lab.scenario.run import Record, play
from lab.scenario.steps_world import ClearFaultsStep, NoteStep, RemoveRecordsStep

WWW = dns.name.from_text("www.example.fr.")
SCENARIO = Scenario(
    "A story",
    "What it is about",
    (
        NoteStep(say="hello"),
        RemoveRecordsStep(owner=WWW, type=RdataType.A, say="away with it"),
        ClearFaultsStep(),
    ),
)


def failing(action: Action) -> Result:
    if isinstance(action, RemoveRecords):
        raise TransportError("the lab is gone")
    return None


def record_of_trouble() -> Record:
    return answer_all(play(SCENARIO), failing).result


def test_the_edge_hears_of_every_step() -> None:
    transcript = answer_all(play(SCENARIO), lambda _: None)
    actions = [action for action, _ in transcript.exchanges]
    assert actions[0] == Begin(1, 3, "note", "note", "hello")
    assert [type(one) for one in actions] == [
        *(Begin, Finished),
        *(Begin, RemoveRecords, Finished),
        *(Begin, ClearFaults, Finished),
    ]
    assert actions[-1] == Finished(3, transcript.result.played[-1].observation)


def test_everything_as_expected_is_said_in_the_report() -> None:
    record = answer_all(play(SCENARIO), lambda _: None).result
    report = record.report()
    assert record.as_expected
    assert report.outcome is Outcome.PASSED
    assert (report.title, report.note) == ("A story", "What it is about")
    assert report.conclusion == "3 of 3 steps as expected"
    assert [part.title for part in report.parts] == [
        "1. note",
        "2. remove www.example.fr. A",
        "3. clear all faults",
    ]
    assert report.parts[1].note == "away with it"


def test_trouble_in_one_step_does_not_end_the_scenario() -> None:
    record = record_of_trouble()
    assert [one.number for one in record.surprises] == [2]
    assert len(record.played) == 3


def test_trouble_is_told_in_the_words_of_its_error() -> None:
    record = record_of_trouble()
    assert not record.as_expected
    (surprise,) = record.surprises
    assert surprise.observation.report.conclusion == "could not be done: the lab is gone"
    report = record.report()
    assert report.conclusion == "2 of 3 steps as expected"
    failure = report.first_failure()
    assert failure is not None
    assert failure.rule.id == "scenario.performed"
