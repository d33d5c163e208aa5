"""Play scenarios on a running lab, and leave the lab as it was."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lab.app.asking import Event
from lab.app.evidence import EVERYTHING, Evidence
from lab.app.pacing import Wait
from lab.app.texts import read_text
from lab.core.errors import InputError, ScenarioError
from lab.core.values import to_value
from lab.net.drive import drive
from lab.net.perform import Performer, Stage
from lab.present.chain_graph import graph_of
from lab.present.json import report_to_json
from lab.present.story import story_from_json
from lab.scenario.action import Action, Begin, Finished, Observation, Result
from lab.scenario.attack_actions import EndAttacks
from lab.scenario.load import Scenario
from lab.scenario.run import Record, play
from lab.scenario.script import Script, gather
from lab.validator.recording import exchange_to_json

SUFFIX = ".toml"


def find_scenario(name: str, folder: Path) -> Path:
    """Return the file of the scenario that a user calls *name*: a path, or a name in *folder*.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    candidates = (Path(name), folder / name, folder / f"{name}{SUFFIX}")
    for path in candidates:
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))) or "none"
    raise InputError(f"there is no scenario {name!r}; in {folder} there are: {known}")


def every_scenario(folder: Path) -> list[Path]:
    """Return the files of all scenarios in *folder*, by name."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def read_scripts(paths: Iterable[Path], given: Mapping[str, str]) -> list[Script]:
    """Return the scripts of several scenarios; *given* are values of their parameters.

    Raises:
        InputError: one cannot be read.
        ScenarioError: lists every mistake in all of them.
    """
    scripts, mistakes = [], list[InputError]()
    for path in paths:
        try:
            scripts.append(read_script(path, given))
        except ScenarioError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ScenarioError(mistakes)
    return scripts


def read_script(path: Path, given: Mapping[str, str] | None = None) -> Script:
    """Return what the scenario of a file is made of, once it is known to be right.

    Args:
        path: of the scenario.
        given: values of its parameters.

    Raises:
        InputError: it cannot be read.
        ScenarioError: lists every mistake in it.
    """

    def beside(file: str) -> str:
        return read_text(Path(file), "what the scenario includes")

    return gather(read_text(path, "the scenario"), str(path), given or {}, beside)


def read_scenario(path: Path, given: Mapping[str, str] | None = None) -> Scenario:
    """Return the scenario of a file; as `read_script`."""
    return read_script(path, given).scenario()


def parse_settings(texts: Iterable[str]) -> dict[str, str]:
    """Return the values that `--set NAME=VALUE` gives.

    Raises:
        InputError: one of them has no equals sign.
    """
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"expected --set NAME=VALUE, not {text!r}")
        pairs[name] = value
    return pairs


def read_told(file: Path) -> list[Event]:
    """Return the plays of which *file* tells, as `lab run --json` prints them.

    Raises:
        InputError: it cannot be read, or tells of none.
    """
    try:
        document = json.loads(read_text(file, "the recording"))
        plays = document.get("scenarios", [document])
    except (ValueError, AttributeError) as error:
        raise InputError(f"this is no JSON of `lab run`: {error}", str(file)) from error
    for one in plays:
        story_from_json(one, str(file))
    return list(plays)


async def at_once() -> None:
    """Go on without a pause."""


async def play_on(
    stage: Stage,
    scenario: Scenario,
    observe: Callable[[Begin | Finished], None],
    wait: Wait = at_once,
) -> Record:
    """Play *scenario*; zones, faults and clock are set back at the end, whatever happens.

    Args:
        stage: where it is played.
        scenario: what is played.
        observe: is told when a step begins and when it is finished.
        wait: returns when a step that was announced may be played, and when all may end.
    """
    performer = Performer(stage, observe)

    async def perform(action: Action) -> Result:
        result = await performer(action)
        if isinstance(action, Begin):
            await wait()
        return result

    restore_clock, entropy = stage.clock.bookmark(), stage.entropy
    stage.playing = True
    try:
        record = await drive(play(scenario), perform)
        await wait()
        return record
    finally:
        await stage.attack(EndAttacks())
        stage.world, stage.entropy = stage.base, entropy
        restore_clock()
        stage.playing = False


def event_of(news: Begin | Finished, wanted: frozenset[Evidence] = EVERYTHING) -> Event:
    """Return *news* as JSON, for whoever watches from another process.

    Args:
        news: that a step begins, or has ended.
        wanted: what is told besides the report.
    """
    match news:
        case Begin():
            return {
                "begin": {
                    "number": news.number,
                    "total": news.total,
                    "do": news.do,
                    "title": news.title,
                    "say": news.say,
                    "part": news.part,
                    "id": news.id,
                    "ask": to_value(news.ask),
                }
            }
        case Finished(number=number, observation=seen):
            return {
                "finished": {
                    "number": number,
                    "expected": seen.expected,
                    "seen": seen.seen,
                    "as_expected": seen.as_expected,
                    "report": report_to_json(seen.report),
                    **{one.value: _evidence(one, seen) for one in sorted(wanted, key=_order)},
                }
            }


def _order(evidence: Evidence) -> int:
    return list(Evidence).index(evidence)


def _evidence(wanted: Evidence, seen: Observation) -> Any:  # noqa: ANN401 JSON
    match wanted:
        case Evidence.CHAINS:
            validation = seen.validation
            return None if validation is None else to_value(graph_of(validation))
        case Evidence.PACKETS:
            return [exchange_to_json(one) for one in seen.report.every_exchange()]


def event_of_record(record: Record) -> Event:
    """Return the last event of a play."""
    return {
        "record": {
            "title": record.scenario.title,
            "summary": record.scenario.summary,
            "as_expected": record.as_expected,
            "steps": len(record.played),
            "surprises": [one.number for one in record.surprises],
        }
    }
