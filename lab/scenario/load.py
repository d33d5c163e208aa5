"""Read a scenario file, and list every mistake in it at once, each with its line.

A scenario is played in front of people: it must not turn out at step nine that a word is wrong.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from itertools import islice

from lab.core.errors import InputError, ScenarioError
from lab.core.frozen import dataclass
from lab.core.located import LocatedToml
from lab.core.parameters import Parameter, build
from lab.scenario.include import (
    MAX_STEPS,
    Expansion,
    Opened,
    Origin,
    PlacedTable,
    Reader,
    nothing_beside,
    opened,
)
from lab.scenario.placeholders import TABLE, Given, Setting
from lab.scenario.scenery import WORLD, Scenery, read_scenery
from lab.scenario.step import Step, StepId
from lab.scenario.tables import read_step, readable


@dataclass(frozen=True, slots=True)
class Scenario:
    """Hold a story that the lab can play.

    Attributes:
        title: one line.
        summary: what the reader will see and learn.
        steps: in order.
        tags: what it is about, a word each.
        settings: its parameters, with their values.
        scenery: what it needs different from the lab's own world.
        origins: where each step stands, in the same order.
    """

    title: str
    summary: str
    steps: tuple[Step, ...]
    tags: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    scenery: Scenery = field(default_factory=Scenery)


@dataclass(frozen=True, slots=True)
class Remnant:
    """Hold what can be read of a step that has mistakes.

    Attributes:
        values: of those parameters that are right.
        origin: where it stands.
    """

    values: tuple[tuple[Parameter, object], ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Examined:
    """Hold what could be understood of a scenario file, and what could not.

    Attributes:
        scenario: without the steps that have mistakes; right if there are none.
        mistakes: in the order of the files.
        document: the file, with its parameters filled in.
        origins: where each step of *scenario* stands.
        remnants: of the steps that have mistakes.
    """

    scenario: Scenario
    mistakes: tuple[InputError, ...]
    document: LocatedToml
    origins: tuple[Origin, ...]
    remnants: tuple[Remnant, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    summary: str = ""
    tags: tuple[str, ...] = ()


def load(
    text: str,
    where: str,
    given: Mapping[str, str] | None = None,
    read: Reader = nothing_beside,
) -> Scenario:
    """Return the scenario that the TOML *text* of the file *where* describes.

    Args:
        text: TOML.
        where: name of the file, for messages, and from which it names others.
        given: values of its parameters.
        read: reads the files that it includes.

    Raises:
        ScenarioError: lists every mistake, in the order of the files.
    """
    examined = examine(text, where, given, read)
    if examined.mistakes:
        raise ScenarioError(examined.mistakes)
    return examined.scenario


def examine(
    text: str,
    where: str,
    given: Mapping[str, str] | None = None,
    read: Reader = nothing_beside,
) -> Examined:
    """Return what can be understood of a scenario, and every mistake; otherwise as `load`.

    Raises:
        ScenarioError: it is not TOML.
    """
    try:
        book = opened(text, where, Given(given or {}))
    except InputError as error:
        raise ScenarioError([error]) from error
    heading, found = _heading(book)
    found += [*book.refused, *book.mistakes]
    scenery, mistakes = read_scenery(book.document, read)
    found += mistakes
    expansion = Expansion(read, (where,)).tables(book.document)
    read_steps = _steps(islice(expansion, MAX_STEPS + 1))
    steps = tuple(read_steps.steps)
    found += read_steps.mistakes
    if len(steps) > MAX_STEPS:
        found.append(InputError(f"a scenario has at most {MAX_STEPS} steps", f"{where}:1"))
    scenario = Scenario(heading.title, heading.summary, steps, heading.tags, book.settings, scenery)
    origins, remnants = tuple(read_steps.origins), tuple(read_steps.remnants)
    return Examined(scenario, in_order(found), book.document, origins, remnants)


def in_order(mistakes: Iterable[InputError]) -> tuple[InputError, ...]:
    """Return *mistakes* by the lines where they are, file after file."""
    found = list(mistakes)
    files = list(dict.fromkeys(one.where.rpartition(":")[0] for one in found))

    def place(one: InputError) -> tuple[int, int]:
        file, _, line = one.where.rpartition(":")
        return files.index(file), int(line) if line.isdigit() else 0

    return tuple(sorted(found, key=place))


def _heading(book: Opened) -> tuple[_Heading, list[InputError]]:
    document = book.document
    head = {key: value for key, value in document.data.items() if key not in {"step", TABLE, WORLD}}
    heading, mistakes = build(_Heading, head, "a scenario")
    found = [InputError(one.what, document.where(one.key)) for one in mistakes]
    return heading or _Heading(""), found


@dataclass(frozen=True, slots=True)
class _Steps:
    """Collect steps with their origins, what is left of wrong ones, and every mistake."""

    steps: list[Step] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    remnants: list[Remnant] = field(default_factory=list)
    mistakes: list[InputError] = field(default_factory=list)


def _steps(tables: Iterator[PlacedTable | InputError]) -> _Steps:
    made = _Steps()
    found = made.mistakes
    ids: dict[StepId, Origin] = {}
    for one in tables:
        if isinstance(one, InputError):
            found.append(one)
            continue
        step, mistakes = read_step(one.table)
        found += [one.origin.mistake(each.what, each.key) for each in mistakes]
        name = StepId(f"{one.origin.prefix}{one.table.get('id', '')}")
        if "id" in one.table and ids.setdefault(name, one.origin) is not one.origin:
            found.append(one.origin.mistake(f"the id {name!r} is taken already", "id"))
        if step is None:
            made.remnants.append(Remnant(readable(one.table), one.origin))
            continue
        made.steps.append(replace(step, id=name) if step.id else step)
        made.origins.append(one.origin)
    return made
