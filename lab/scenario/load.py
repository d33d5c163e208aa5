"""Read a scenario file, and list every mistake in it at once, each with its line.

A scenario is played in front of people: it must not turn out at step nine that a word is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.core.errors import InputError, ScenarioError
from lab.core.located import LocatedToml, parse
from lab.core.parameters import Mistake, build, suggestion
from lab.faults import FAULTS
from lab.scenario.step import STEPS, Step


@dataclass(frozen=True, slots=True)
class Scenario:
    """Hold a story that the lab can play.

    Attributes:
        title: one line.
        summary: what the reader will see and learn.
        steps: in order.
    """

    title: str
    summary: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    summary: str = ""


def load(text: str, where: str) -> Scenario:
    """Return the scenario that the TOML *text* of the file *where* describes.

    Raises:
        ScenarioError: lists every mistake, in order of the file.
    """
    document = _parse(text, where)
    head = {key: value for key, value in document.data.items() if key != "step"}
    heading, mistakes = build(_Heading, head, "a scenario")
    found = [_placed(one, document) for one in mistakes]
    steps, more = _read_steps(document)
    if found or more or heading is None:
        raise ScenarioError([*found, *more])
    return Scenario(heading.title, heading.summary, tuple(steps))


def _parse(text: str, where: str) -> LocatedToml:
    try:
        return parse(text, where)
    except InputError as error:
        raise ScenarioError([error]) from error


def _placed(mistake: Mistake, document: LocatedToml, *path: str | int) -> InputError:
    return InputError(mistake.what, document.where(*path, mistake.key))


def _read_steps(document: LocatedToml) -> tuple[list[Step], list[InputError]]:
    tables = document.data.get("step", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        what = "steps are written as [[step]] tables"
        return [], [InputError(what, document.where("step"))]
    if not tables:
        return [], [InputError("a scenario needs at least one [[step]]", document.where())]
    steps = []
    found = []
    for index, table in enumerate(tables):
        step, mistakes = read_step(table)
        found += [_placed(one, document, "step", index) for one in mistakes]
        if step is not None:
            steps.append(step)
    return steps, found


def read_step(table: Mapping[str, object]) -> tuple[Step | None, tuple[Mistake, ...]]:
    """Return the step that a `[[step]]` table describes, or every mistake in it."""
    do = table.get("do")
    if not isinstance(do, str):
        return None, (Mistake("do", 'a step says what to do: do = "…"'),)
    if do not in STEPS:
        return None, (Mistake("do", f"there is no step {do!r}{suggestion(do, STEPS)}"),)
    given = {key: value for key, value in table.items() if key != "do"}
    if do == "fault":
        given, mistakes = _with_fault(given)
        if mistakes:
            return None, mistakes
    return build(STEPS[do].cls, given, f"the step {do!r}")


def _with_fault(table: dict[str, object]) -> tuple[dict[str, object], tuple[Mistake, ...]]:
    """Return *table* with its fault made of the keys that are not the step's own."""
    name = table.get("fault")
    if name is None:
        return table, (Mistake("", "the step 'fault' needs the parameter 'fault'"),)
    if not isinstance(name, str) or name not in FAULTS:
        ending = suggestion(str(name), FAULTS)
        return table, (Mistake("fault", f"there is no fault {name!r}{ending}"),)
    own = {one.key for one in STEPS["fault"].parameters}
    parameters = {key: value for key, value in table.items() if key not in own}
    fault, mistakes = build(FAULTS[name].cls, parameters, f"the fault {name!r}")
    step = {key: value for key, value in table.items() if key in own}
    return {**step, "fault": fault}, mistakes
