"""Every scenario of the repository goes as it says, in a lab without sockets."""

import re
from pathlib import Path

import pytest

from lab.core.checks import Outcome
from lab.core.dialogue import answer_all
from lab.present.text import to_text
from lab.scenario.load import load
from lab.scenario.run import Record, play
from tests.unit.scenario.stage import SCENARIOS, Stage

FILES = sorted(SCENARIOS.glob("*.toml"))
# Devices speak by UDP to servers of a running lab, and who stands before TLS needs connections: e2e
# plays those, but for what needs no server.
LOUD = ("lorawan-", "attack-tls", "attack-dot")
QUIET = [
    file for file in FILES if not file.stem.startswith(LOUD) or file.stem == "lorawan-constrained"
]


README = (SCENARIOS / "README.md").read_text(encoding="utf-8")


def play_text(text: str, name: str) -> Record:
    return answer_all(play(load(text, name)), Stage().perform).result


def played(file: Path) -> Record:
    return play_text(file.read_text(encoding="utf-8"), file.name)


@pytest.mark.parametrize("file", QUIET, ids=lambda file: file.stem)
def test_a_shipped_scenario_goes_as_it_says(file: Path) -> None:
    record = played(file)
    assert [to_text(one.observation.report) for one in record.surprises] == []


def test_the_record_of_a_scenario_tells_every_step() -> None:
    report = played(SCENARIOS / "chain-of-trust.toml").report()
    assert report.outcome is Outcome.PASSED
    assert report.parts[0].title == "1. validate www.example.fr. A"
    assert report.parts[0].note.strip().startswith("Read the report from top to bottom")
    assert "22 of 22 steps as expected" in to_text(report)


EXAMPLES = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
PARTS = sorted((SCENARIOS / "parts").glob("*.toml"))


def beside(file: str) -> str:
    return (SCENARIOS / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("given", [{}, {"zone": "kiosk.example.fr"}])
def test_the_lesson_of_the_readme_goes_as_it_says(given: dict[str, str]) -> None:
    scenario = load(EXAMPLES[1], "README.md", given, beside)
    record = answer_all(play(scenario), Stage().perform).result
    assert [to_text(one.observation.report) for one in record.surprises] == []
    assert [one.id for one in scenario.steps] == ["well", "friday.broken", "", "", "friday.mended"]


def test_the_first_example_of_the_readme_goes_as_it_says() -> None:
    assert len(EXAMPLES) == 2
    assert play_text(EXAMPLES[0], "README.md").as_expected


@pytest.mark.parametrize("file", PARTS, ids=lambda file: file.stem)
def test_a_part_of_scenarios_can_be_played_alone(file: Path) -> None:
    assert played(file).as_expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_readme_introduces_every_scenario(file: Path) -> None:
    assert f"[{file.name}]({file.name})" in README


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_scenario_is_found_by_a_tag(file: Path) -> None:
    assert load(file.read_text(encoding="utf-8"), file.name, {}, beside).tags
