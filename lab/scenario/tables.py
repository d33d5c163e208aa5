"""A `[[step]]` table becomes a step, with its fault and its question; or all its mistakes."""

from collections.abc import Mapping
from dataclasses import replace

from lab.core.parameters import Mistake, build, suggestion
from lab.faults import FAULTS
from lab.scenario.ask import Ask
from lab.scenario.step import STEPS, Step


def read_step(table: Mapping[str, object]) -> tuple[Step | None, tuple[Mistake, ...]]:
    """Return the step that a `[[step]]` table describes, or every mistake in it."""
    do = table.get("do")
    if not isinstance(do, str):
        return None, (Mistake("do", 'a step says what to do: do = "…"'),)
    if do not in STEPS:
        return None, (Mistake("do", f"there is no step {do!r}{suggestion(do, STEPS)}"),)
    given = {key: value for key, value in table.items() if key != "do"}
    found: tuple[Mistake, ...] = ()
    if isinstance(given.get("ask"), dict):
        given, found = _with_ask(given)
    if do == "fault":
        given, mistakes = _with_fault(given)
        found += mistakes
    if found and do == "fault":
        return None, found
    step, mistakes = build(STEPS[do].cls, given, f"the step {do!r}")
    return (None if found else step), (*found, *mistakes)


def _with_ask(table: Mapping[str, object]) -> tuple[dict[str, object], tuple[Mistake, ...]]:
    """Return *table* with its question made of the table `ask`."""
    asked = table["ask"]
    assert isinstance(asked, dict), "the caller has looked"
    ask, mistakes = build(Ask, asked, "a question")
    rest = {key: value for key, value in table.items() if key != "ask"}
    placed = tuple(replace(one, key=f"ask.{one.key}".rstrip(".")) for one in mistakes)
    return rest if ask is None else {**rest, "ask": ask}, placed


def _with_fault(table: Mapping[str, object]) -> tuple[dict[str, object], tuple[Mistake, ...]]:
    """Return *table* with its fault made of the keys that are not the step's own."""
    own = {one.key for one in STEPS["fault"].parameters}
    step = {key: value for key, value in table.items() if key in own}
    name = table.get("fault")
    if name is None:
        return step, (Mistake("", "the step 'fault' needs the parameter 'fault'"),)
    if not isinstance(name, str) or name not in FAULTS:
        ending = suggestion(str(name), FAULTS)
        return step, (Mistake("fault", f"there is no fault {name!r}{ending}"),)
    parameters = {key: value for key, value in table.items() if key not in own}
    fault, mistakes = build(FAULTS[name].cls, parameters, f"the fault {name!r}")
    return {**step, "fault": fault}, mistakes
