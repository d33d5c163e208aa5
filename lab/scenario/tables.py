"""A `[[step]]` table becomes a step, with its fault and its question; or all its mistakes."""

from collections.abc import Mapping
from dataclasses import replace

from lab.attacks import ATTACKS, AttackKind
from lab.core.parameters import (
    Mistake,
    Parameter,
    build,
    parameters_of,
    read,
    suggestion,
)
from lab.core.registry import Registry
from lab.faults import FAULTS, FaultKind
from lab.scenario.ask import Ask
from lab.scenario.step import STEPS, Step

# Steps whose parameter of the same name is a kind of something, with parameters of its own.
KINDS_OF_STEP: Mapping[str, Registry[str, FaultKind] | Registry[str, AttackKind]] = {
    "fault": FAULTS,
    "attack": ATTACKS,
}


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
    if do in KINDS_OF_STEP:
        given, mistakes = _with_kind(do, given)
        found += mistakes
    if found and do in KINDS_OF_STEP:
        return None, found
    step, mistakes = build(STEPS[do].cls, given, f"the step {do!r}")
    return (None if found else step), (*found, *mistakes)


def readable(table: Mapping[str, object]) -> tuple[tuple[Parameter, object], ...]:
    """Return what can be read of a `[[step]]` table that has mistakes: parameters with values."""
    do = table.get("do")
    if not isinstance(do, str) or do not in STEPS:
        return ()
    known = list(STEPS[do].parameters)
    kind = table.get(do)
    if do in KINDS_OF_STEP and isinstance(kind, str) and kind in KINDS_OF_STEP[do]:
        known += parameters_of(KINDS_OF_STEP[do][kind].cls)
    values, _ = read(known, table, do)
    return tuple((one, values[one.field]) for one in known if one.field in values)


def _with_ask(table: Mapping[str, object]) -> tuple[dict[str, object], tuple[Mistake, ...]]:
    """Return *table* with its question made of the table `ask`."""
    asked = table["ask"]
    assert isinstance(asked, dict), "the caller has looked"
    ask, mistakes = build(Ask, asked, "a question")
    rest = {key: value for key, value in table.items() if key != "ask"}
    placed = tuple(replace(one, key=f"ask.{one.key}".rstrip(".")) for one in mistakes)
    return rest if ask is None else {**rest, "ask": ask}, placed


def _with_kind(
    do: str, table: Mapping[str, object]
) -> tuple[dict[str, object], tuple[Mistake, ...]]:
    """Return *table* with its fault or attack made of the keys that are not the step's own."""
    kinds = KINDS_OF_STEP[do]
    own = {one.key for one in STEPS[do].parameters}
    step = {key: value for key, value in table.items() if key in own}
    name = table.get(do)
    if name is None:
        return step, (Mistake("", f"the step {do!r} needs the parameter {do!r}"),)
    if not isinstance(name, str) or name not in kinds:
        ending = suggestion(str(name), kinds)
        return step, (Mistake(do, f"there is no {do} {name!r}{ending}"),)
    parameters = {key: value for key, value in table.items() if key not in own}
    made, mistakes = build(kinds[name].cls, parameters, f"the {do} {name!r}")
    return {**step, do: made}, mistakes
