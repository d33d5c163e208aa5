"""The JSON Schema accepts what the loader accepts, and finds what editors can find."""

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from lab.attacks import ATTACKS
from lab.core.parameters import parameters_of
from lab.faults import FAULTS
from lab.scenario.schema import schema
from lab.scenario.step import STEPS
from lab.scenario.template import new_scenario
from tests.unit.scenario.stage import SCENARIOS

SCHEMA = schema()
VALIDATOR = Draft7Validator(SCHEMA)
FILES = sorted(SCENARIOS.rglob("*.toml"))
TEN = Path(__file__).parent / "mistakes" / "ten.toml"


def errors(text: str) -> list[str]:
    document = json.loads(json.dumps(tomllib.loads(text), default=str))
    return [error.json_path for error in VALIDATOR.iter_errors(document)]


def step(table: dict[str, object]) -> list[str]:
    return [one.json_path for one in VALIDATOR.iter_errors({"title": "T", "step": [table]})]


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_scenario_obeys_the_schema_and_names_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert errors(text) == []
    first = text.partition("\n")[0]
    named = file.parent / first.removeprefix("#:schema ")
    assert named.resolve() == SCENARIOS / "scenario.schema.json"


def test_what_is_begun_by_the_template_obeys_it() -> None:
    assert errors(new_scenario("T")) == []


def test_ten_mistakes_do_not() -> None:
    found = errors(TEN.read_text(encoding="utf-8"))
    assert {"$", "$.world.zone['shop.example.fr'].denial", "$.step[1]", "$.step[2]"} <= set(found)


def test_the_shipped_schema_is_up_to_date() -> None:
    written = (SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8")
    assert json.loads(written) == SCHEMA, "run `make reference`"


def test_every_step_and_fault_is_described_with_all_its_parameters() -> None:
    definitions = SCHEMA["definitions"]
    classes: dict[str, type] = {f"fault-{name}": kind.cls for name, kind in FAULTS.items()}
    classes |= {f"attack-{name}": kind.cls for name, kind in ATTACKS.items()}
    plain = {name: kind.cls for name, kind in STEPS.items() if name not in {"fault", "attack"}}
    classes |= {f"step-{name}": cls for name, cls in plain.items()}
    for name, cls in classes.items():
        assert definitions[name]["description"]
        assert {one.key for one in parameters_of(cls)} <= set(definitions[name]["properties"])


@pytest.mark.parametrize(
    ("table", "right"),
    [
        ({"do": "advance-clock", "by": 3}, True),
        ({"do": "advance-clock", "by": "3h"}, True),
        ({"do": "advance-clock", "by": "{time}"}, True),
        ({"do": "advance-clock", "by": "soon"}, False),
        ({"do": "advance-clock"}, False),
        ({"do": "advance-clock", "by": 3, "to": 4}, False),
        ({"do": "validate", "name": "a.{zone}", "type": "TLSA", "expect": "{status}"}, True),
        ({"do": "validate", "name": "a", "type": "A", "expect": "fine"}, False),
        ({"do": "validate", "name": "a", "type": "A", "because": "rrsig.expiration"}, True),
        ({"do": "validate", "name": "a", "type": "A", "because": "rrsig.expired"}, False),
        ({"do": "fault", "fault": "rrsig-expired", "owner": "a", "say": "x", "id": "b"}, True),
        ({"do": "fault", "fault": "rrsig-expired", "becomes": "a"}, False),
        ({"do": "fault", "fault": "gremlins"}, False),
        ({"do": "note", "say": "x", "ask": {"question": "a?", "answer": "b"}}, True),
        ({"do": "note", "say": "x", "ask": {"question": "a?"}}, False),
        ({"do": "note", "say": "x", "id": "Not So"}, False),
        ({"include": "a.toml", "with": {"zone": "b"}, "id": "c"}, True),
        ({"include": "a.toml", "do": "note"}, False),
    ],
)
def test_a_step_is_accepted_or_not(table: dict[str, object], right: bool) -> None:  # noqa: FBT001 a table
    assert (step(table) == []) is right
