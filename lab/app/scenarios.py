"""Scenario files as a library: which there are, what they tell, and whether they are right."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any

from dns.name import Name

from lab.app.folders import read_public
from lab.app.play import SUFFIX, event_of, read_scenario
from lab.app.texts import read_text, write_text
from lab.core.errors import InputError, ScenarioError
from lab.core.rules import Rule
from lab.dane.tlsa import server_owner
from lab.lorawan.identifiers import join_eui_name
from lab.nameserver.zone import load as load_zone
from lab.scenario.load import Scenario, examine, in_order
from lab.scenario.mentions import Known, above, unknown_mentions
from lab.scenario.run import begin
from lab.scenario.schema import schema
from lab.scenario.step import Step
from lab.scenario.template import new_scenario
from lab.world.identities import owners
from lab.world.materials import Materials

SCHEMA = "scenario.schema.json"
INCLUDED = "what the scenario includes"


def scenario_files(folder: Path) -> list[Path]:
    """Return the scenarios of a folder, in order of their names."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def known_in(zones: Path) -> Known:
    """Return what there is in the lab that a folder of zones describes.

    Raises:
        InputError: a file is missing or wrong.
    """
    materials = read_public(zones)
    identities = [one for operator in materials.operators for one in operator.identities]
    return Known(
        zones=frozenset(one.apex for one in materials.configs),
        owners=above(_owners(materials)),
        identities=frozenset(one.name for one in identities),
        operators=frozenset(one.name for one in materials.operators),
        devices=frozenset(materials.lorawan.devices),
    )


def _owners(materials: Materials) -> Iterator[Name]:
    for apex, text in materials.texts.items():
        yield from load_zone(text, apex, str(apex)).owners()
    for operator in materials.operators:
        for one in operator.identities:
            yield from (one.client, server_owner(one.host, materials.tls_port))
    yield from (owner for _, owner in owners(materials.lorawan))
    for registered in materials.lorawan.join_euis.values():
        name = join_eui_name(registered.join_eui)
        yield from (name, server_owner(name, materials.tls_port))


def mistakes_in(path: Path, given: Mapping[str, str], known: Known) -> tuple[InputError, ...]:
    """Return every mistake in the scenario of a file.

    Raises:
        InputError: it cannot be read.
    """
    text = read_text(path, "the scenario")
    try:
        examined = examine(text, str(path), given, lambda file: read_text(Path(file), INCLUDED))
    except ScenarioError as error:
        return error.mistakes
    return in_order((*examined.mistakes, *unknown_mentions(examined, known)))


def listed(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Iterate over what a list tells of each file; of a wrong one, how many mistakes it has."""
    for path in files:
        try:
            scenario = read_scenario(path)
        except ScenarioError as error:
            yield {"name": path.stem, "mistakes": len(error.mistakes)}
            continue
        yield {
            "name": path.stem,
            "title": scenario.title,
            "summary": scenario.summary,
            "tags": list(scenario.tags),
            "steps": len(scenario.steps),
            "questions": sum(one.ask is not None for one in scenario.steps),
        }


def told(scenario: Scenario) -> dict[str, Any]:
    """Return all that a scenario says to people, as JSON."""
    total = len(scenario.steps)
    return {
        "title": scenario.title,
        "summary": scenario.summary,
        "tags": list(scenario.tags),
        "parameters": [
            {**asdict(one), "kind": one.kind.value, "choices": list(one.choices)}
            for one in scenario.settings
        ],
        "steps": [
            {**event_of(begin(number, total, step))["begin"], "expect": expected(step)}
            for number, step in enumerate(scenario.steps, start=1)
        ],
    }


def expected(step: Step) -> str:
    """Return what a step expects, in the words of the scenario; empty if nothing."""
    words = (getattr(step, key, None) for key in ("expect", "answer"))
    ending = " ".join(str(one.value) for one in words if isinstance(one, Enum))
    because = getattr(step, "because", None)
    return f"{ending}, because {because.id}" if isinstance(because, Rule) else ending


def begin_scenario(file: Path, title: str) -> Iterator[Path]:
    """Write a scenario to begin with, and the schema beside it; iterate over what was written.

    Raises:
        InputError: there is such a file already, or it cannot be written.
    """
    if file.exists():
        raise InputError("there is such a file already; it is not overwritten", str(file))
    write_text(file, new_scenario(title))
    yield file
    beside = file.parent / SCHEMA
    if not beside.exists():
        write_text(beside, schema_text())
        yield beside


def schema_text() -> str:
    """Return the JSON Schema of scenario files as text."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
