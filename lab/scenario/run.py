"""Play a scenario: a dialogue that yields what the edge must do, and returns the record.

A step that went otherwise than expected does not end the scenario: the rest is worth seeing.
"""

from dataclasses import replace

from lab.core.checks import Outcome, Report, broken
from lab.core.dialogue import Dialogue
from lab.core.errors import LabError
from lab.core.frozen import dataclass
from lab.scenario.action import Action, Begin, Finished, Observation, Play, Result
from lab.scenario.load import Scenario
from lab.scenario.rules import PERFORMED
from lab.scenario.step import Step


@dataclass(frozen=True, slots=True)
class Played:
    """Hold one step that was played.

    Attributes:
        number: counted from 1.
        step: what was to be done.
        observation: what it showed.
    """

    number: int
    step: Step
    observation: Observation

    def report(self) -> Report:
        """Return it as a report that starts with the words for the reader."""
        told = self.observation.report
        return replace(told, title=f"{self.number}. {told.title}", note=self.step.say)


@dataclass(frozen=True, slots=True)
class Record:
    """Hold what a scenario showed.

    Attributes:
        scenario: what was played.
        played: its steps, in order.
    """

    scenario: Scenario
    played: tuple[Played, ...]

    @property
    def surprises(self) -> tuple[Played, ...]:
        """Return the steps that did not go as expected."""
        return tuple(one for one in self.played if not one.observation.as_expected)

    @property
    def as_expected(self) -> bool:
        """Tell whether every step went as the scenario says."""
        return not self.surprises

    def report(self) -> Report:
        """Return the whole record as one tree: each step is a part."""
        good = len(self.played) - len(self.surprises)
        return Report(
            title=self.scenario.title,
            outcome=Outcome.PASSED if self.as_expected else Outcome.FAILED,
            conclusion=f"{good} of {len(self.played)} steps as expected",
            parts=tuple(one.report() for one in self.played),
            note=self.scenario.summary,
        )


def play(scenario: Scenario) -> Dialogue[Action, Result, Record]:
    """Set the scene, then play every step of *scenario*, whatever the ones before it showed.

    Raises:
        InputError: the lab cannot be made as the scenario wants it.
    """
    yield from scenario.scenery.opening()
    played = []
    for number, step in enumerate(scenario.steps, start=1):
        yield begin(number, len(scenario.steps), step)
        observation = _titled(step, (yield from _attempt(step)))
        yield Finished(number, observation)
        played.append(Played(number, step, observation))
    return Record(scenario, tuple(played))


def begin(number: int, total: int, step: Step) -> Begin:
    """Return what is told before *step*, which is the one of that number."""
    title = step.titled or step.title
    return Begin(number, total, step.do, title, step.say, step.part, step.id, step.ask)


def _titled(step: Step, observation: Observation) -> Observation:
    if not step.titled:
        return observation
    return replace(observation, report=replace(observation.report, title=step.titled))


def _attempt(step: Step) -> Play:
    """Play *step*; trouble on the way (a zone that cannot be edited) is an observation, too."""
    try:
        return (yield from step.play())
    except LabError as error:
        failed = broken(PERFORMED, step.title, trouble=error)
        report = Report(step.title, Outcome.FAILED, f"could not be done: {error}", (failed,))
        return Observation("", "could not be done", report)
