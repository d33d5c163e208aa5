"""Whoever adds a step, a fault or a rule adds its manual, and an example that is played."""

import re
from pathlib import Path

import pytest

from lab.app.folders import read_tree, read_verdicts
from lab.core.parameters import parameters_of
from lab.core.rules import RULES, Rule
from lab.faults import FAULTS, FaultKind
from lab.present.specimens import document
from lab.scenario.load import Scenario, load
from lab.scenario.reference import description, meanings, render
from lab.scenario.step import STEPS, StepKind
from lab.scenario.steps_world import FaultStep

SCENARIOS = Path(__file__).parents[2] / "scenarios"
ZONES = SCENARIOS.parent / "zones"
FILES = sorted(SCENARIOS.glob("*.toml"))


def scenario(file: Path) -> Scenario:
    return load(file.read_text(encoding="utf-8"), file.name)


@pytest.mark.parametrize("kind", STEPS.values(), ids=STEPS)
def test_every_step_has_a_manual(kind: StepKind) -> None:
    assert description(kind.cls)
    assert {one.field for one in kind.parameters} <= set(meanings(kind.cls))


@pytest.mark.parametrize("kind", FAULTS.values(), ids=FAULTS)
def test_every_fault_has_a_manual(kind: FaultKind) -> None:
    assert description(kind.cls)
    assert {one.field for one in parameters_of(kind.cls)} <= set(meanings(kind.cls))


@pytest.mark.parametrize("kind", FAULTS.values(), ids=FAULTS)
def test_the_manual_of_a_fault_names_what_a_validator_reports(kind: FaultKind) -> None:
    manual = description(kind.cls)
    assert "reports: " in manual
    assert set(re.findall(r"rule ([a-z0-9-]+\.[a-z0-9-]+)", manual)) <= set(RULES)


def test_every_step_has_an_example() -> None:
    used = {step.do for file in FILES for step in scenario(file).steps}
    assert set(STEPS) == used


def test_every_fault_has_an_example_in_a_scenario_or_among_the_specimens() -> None:
    steps = [step for file in FILES for step in scenario(file).steps]
    told = {step.fault.kind for step in steps if isinstance(step, FaultStep)}
    assert set(FAULTS) == told | {fault.kind for fault in read_tree(ZONES).faults}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_is_one_sentence_with_its_place(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+", rule.id)
    assert rule.sentence
    assert not rule.sentence.endswith(".")
    assert re.match(r"RFC \d+|draft-|scenarios/|LoRaWAN |Semtech ", rule.section)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_scenario_can_be_loaded(file: Path) -> None:
    loaded = scenario(file)
    assert loaded.summary
    assert re.fullmatch(r"[a-z0-9-]+", file.stem)


def test_the_table_of_specimens_is_up_to_date() -> None:
    written, tree = (ZONES / "FAULTS.md").read_text(encoding="utf-8"), read_tree(ZONES)
    assert written == document(tree, read_verdicts(ZONES, tree)), "run `make reference`"


def test_the_reference_is_up_to_date() -> None:
    written = (SCENARIOS / "REFERENCE.md").read_text(encoding="utf-8")
    assert written == render(), "run `make reference`"
