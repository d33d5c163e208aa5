"""What a step is: a dataclass whose fields are its parameters, entered into STEPS by its name.

A step yields actions and ends in an observation. It never touches the lab itself, so that the same
step runs in the terminal, in a test and in a replay.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, NewType, TypeVar

from lab.core.checks import Check, Outcome, Report, check, outcome_of
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import KINDS, Kind, Parameter, parameters_of
from lab.core.registry import Registry
from lab.core.rules import Rule
from lab.faults.fault import NamedFault
from lab.scenario.action import Action, IdentityName, Observation, Play
from lab.scenario.ask import Ask
from lab.scenario.rules import REASON

StepId = NewType("StepId", str)
"""Name of one step; in what is included, after the id of the include and a dot."""

_NO_ID = StepId("")
_ID = re.compile(r"[a-z][a-z0-9-]*")
_IDENTITY = re.compile(r"[a-z][a-z0-9-]*\.(ns|js|as|gateway)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(ABC):
    """Do one thing in the lab and look at what happens.

    Attributes:
        do: the kind of step, as scenarios write it; `step` fills it in.
        say: what the teacher says before the step; Markdown.
        part: heading of the part of the lesson that begins here.
        id: name of the step, in links and reports; no other step of the scenario has it.
        ask: question to the participants, asked before the step shows the answer.
        titled: what is shown as its title; for a mystery, which the true one would give away.
    """

    do: ClassVar[str]

    say: str = ""
    part: str = ""
    id: StepId = _NO_ID
    ask: Ask | None = None
    titled: str = ""

    @property
    @abstractmethod
    def title(self) -> str:
        """Return what the step is about to do, e.g. `validate www.example.fr. A`."""

    @abstractmethod
    def play(self) -> Play:
        """Yield actions to the edge; return what was observed."""


@dataclass(frozen=True, slots=True)
class StepKind:
    """Describe one kind of step.

    Attributes:
        name: as scenarios write it.
        cls: the dataclass; its fields are the parameters.
    """

    name: str
    cls: type[Step]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Return what a scenario may set, common parameters last."""
        common = {one.key for one in parameters_of(Step)}
        return tuple(sorted(parameters_of(self.cls), key=lambda one: one.key in common))


STEPS: Registry[str, StepKind] = Registry("step")

StepT = TypeVar("StepT", bound=Step)


def step(name: str) -> Callable[[type[StepT]], type[StepT]]:
    """Enter the decorated dataclass into STEPS as *name*."""

    def enter(cls: type[StepT]) -> type[StepT]:
        cls.do = name
        STEPS.add(name, StepKind(name, cls))
        return cls

    return enter


def simply(action: Action, title: str) -> Play:
    """Play a step that is one action without a result: done, or an error on the way."""
    yield action
    return Observation("", "done", Report(title, conclusion="done"))


def judged(
    title: str, expected: str, seen: str, checks: tuple[Check, ...], evidence: Report
) -> Observation:
    """Return the observation of a step that has *evidence* for what was *seen*."""
    outcome = outcome_of(checks)
    conclusion = seen if outcome is Outcome.PASSED else f"{seen}, not as expected"
    report = Report(title, outcome, conclusion, checks, (evidence,))
    return Observation(expected, seen, report)


def reason_check(because: Rule, evidence: Report) -> Check:
    """Check that *because* is among the reasons why *evidence* failed."""
    reasons = [one.rule.id for one in evidence.reasons()]
    seen = ", because of ".join(reasons) or "nothing failed"
    return check(REASON, because.id in reasons, evidence.title, expected=because.id, seen=seen)


def _identity(value: object) -> IdentityName:
    if not isinstance(value, str) or not _IDENTITY.fullmatch(value):
        raise InputError(f"{value!r} is no identity; write operator and role, e.g. 'tsp.ns'")
    return IdentityName(value)


def _step_id(value: object) -> StepId:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InputError(f"{value!r} is no id; write small letters, digits and hyphens")
    return StepId(value)


def _fault(value: object) -> NamedFault:
    if not isinstance(value, NamedFault):
        raise InputError(f"{value!r} is no fault")
    return value


KINDS.add(NamedFault, Kind("kind of fault; see Faults", _fault))
KINDS.add(StepId, Kind('id, e.g. "expired-signature"', _step_id))
KINDS.add(IdentityName, Kind('identity, e.g. "tsp.ns" (roles: ns, js, as, gateway)', _identity))
