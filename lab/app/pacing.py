"""How fast a play goes on: by itself, for an audience that reads, or step by step.

A pace is a dialogue. It yields what it needs of the terminal and returns whether the play goes on;
so it is the same whether this process plays, or a running lab plays and waits for us.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import field
from enum import Enum
from typing import Protocol, TypeAlias

from rich.console import Console
from rich.markup import escape

from lab.app.asking import Event
from lab.core.dialogue import Dialogue
from lab.core.errors import InputError, LabError
from lab.core.frozen import dataclass
from lab.core.values import from_value
from lab.present import packets
from lab.present.story import chapter_from_json
from lab.scenario.ask import Ask

SPEEDS = {"slow": 2.0, "normal": 1.0, "fast": 0.0}
_BREATH_S = 2.0
_WORD_S = 0.3
# Ten minutes for a sentence are enough.
_SLOWEST = 100
_WAITING = "Enter: go on   b: back   ?: packets   q: quit  > "
_ANSWER = "Your answer (Enter if you do not know) > "
_TRIES = 2


class Going(Enum):
    """Tell whether a play goes on."""

    ON = "on"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Prompt:
    """Ask for a line after *text*; the reply is None if there will be no more."""

    text: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Let *seconds* pass; the reply is None."""

    seconds: float


Pause: TypeAlias = Dialogue[Prompt | Rest, str | None, Going]
Wait: TypeAlias = Callable[[], Awaitable[None]]
"""Waits until a play may go on; raises StoppedError if it shall not."""


class StoppedError(LabError):
    """Report that somebody has seen enough of a play."""

    def __init__(self) -> None:
        """Say that all is well."""
        super().__init__("stopped; the lab is as it was")


class Pace(Protocol):
    """Decide, once a step has been announced and once after the last, when it goes on."""

    @property
    def asks(self) -> bool:
        """Tell whether it puts the questions of a scenario itself."""
        ...

    def pause(self, steps: Sequence[Event]) -> Pause:
        """Wait; *steps* are those so far, the last one perhaps only announced."""
        ...


@dataclass(frozen=True, slots=True)
class Steady:
    """Go on by itself, after the time that people need to read.

    Attributes:
        factor: of that time.
    """

    factor: float
    asks: bool = field(default=False, init=False)

    def pause(self, steps: Sequence[Event]) -> Pause:
        """Rest as long as the words of the last step need, unless all is over."""
        if _is_played(steps[-1]):
            return Going.ON
        words = len(steps[-1]["say"].split())
        yield Rest(self.factor * (_BREATH_S + _WORD_S * words))
        return Going.ON


def speed_of(text: str) -> Steady | None:
    """Return the pace that a user calls *text*; None for one without pauses.

    Raises:
        InputError: it is neither a word nor a factor.
    """
    try:
        factor = SPEEDS[text] if text in SPEEDS else float(text)
    except ValueError:
        factor = -1.0
    if not 0 <= factor <= _SLOWEST:
        known = ", ".join(SPEEDS)
        raise InputError(f"expected --speed as {known} or a factor such as 1.5, not {text!r}")
    return Steady(factor) if factor else None


def _is_played(step: Event) -> bool:
    return "report" in step


@dataclass(frozen=True, slots=True)
class Stepwise:
    """Go on when somebody presses Enter; who wants looks back, or at the packets.

    Attributes:
        console: where to.
        show: shows a step again.
    """

    console: Console
    show: Callable[[Event], None]
    asks: bool = field(default=True, init=False)

    def pause(self, steps: Sequence[Event]) -> Pause:
        """Put the question of the last step, then do what is wanted until it is Enter."""
        played = [one for one in steps if _is_played(one)]
        if not _is_played(steps[-1]) and steps[-1]["ask"]:
            yield from self._quiz(from_value(Ask, steps[-1]["ask"], "the scenario"))
        at = len(steps) - 1
        while True:
            line = yield Prompt(_WAITING)
            match "q" if line is None else line.strip():
                case "":
                    return Going.ON
                case "q":
                    return Going.ENDS
                case "b" if at > 0:
                    at -= 1
                    self.show(steps[at])
                case "?" if played:
                    self._packets(played[min(at, len(played) - 1)])
                case "b" | "?":
                    self.console.print("There is no earlier step.", style="dim")
                case _:
                    self.console.print("Press Enter, or one of b, ? and q.", style="dim")

    def _packets(self, step: Event) -> None:
        chapter = chapter_from_json(step, "the play")
        self.console.print(f"Step {chapter.number}: {escape(chapter.title)}", style="bold")
        told = packets.tell(chapter)
        self.console.print(told, markup=False, highlight=False, soft_wrap=True)

    def _quiz(self, ask: Ask) -> Dialogue[Prompt | Rest, str | None, None]:
        self.console.print(f"[bold]?[/] {escape(ask.question)}", highlight=False)
        for number, choice in enumerate(ask.choices, start=1):
            self.console.print(f"  {number}  {escape(choice)}", highlight=False)
        for tried in range(1, _TRIES + 1):
            given = yield Prompt(_ANSWER)
            if not given or not given.strip():
                break
            if not ask.judge(given).failed:
                self.console.print("[green]Right:[/]", escape(ask.answer), highlight=False)
                return
            hint = f" {escape(ask.hint)}" if ask.hint and tried < _TRIES else ""
            self.console.print(f"[yellow]Not so.[/]{hint}", highlight=False)
        self.console.print("The answer:", escape(ask.answer), highlight=False)
