"""Whoever watches plays: they are shown step by step, and kept for the reports at the end."""

import json
from dataclasses import field
from enum import Enum
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from lab.app.asking import Event
from lab.app.evidence import EVERYTHING, Evidence
from lab.app.pacing import Going, Pace, Pause
from lab.app.texts import write_text
from lab.core.frozen import dataclass
from lab.present import html, junit, sequence_svg
from lab.present import sequence as sequence_text
from lab.present.json import report_from_json
from lab.present.story import Story, story_from_json
from lab.present.text import render_tree
from lab.present.tree import Detail


@dataclass(frozen=True, slots=True)
class Reports:
    """Say which files are to be written at the end.

    Attributes:
        html: one page for people; None for none.
        junit: XML for CI systems; None for none.
        diagrams: folder for the sequence diagrams of the steps, as SVG; None: as text only.
    """

    html: Path | None = None
    junit: Path | None = None
    diagrams: Path | None = None


class Keeps(Enum):
    """Tell what the JSON of a play holds.

    Attributes:
        REPORTS: what happened and why.
        EVERYTHING: chains of trust and packets, too: about ten times as much.
    """

    REPORTS = "reports"
    EVERYTHING = "everything"


@dataclass
class Watcher:
    """Show the events of plays as they come, and keep them.

    Attributes:
        console: where to.
        as_json: show nothing until the end, and then one JSON document.
        explain: show every check.
        reports: files to write.
        pace: when it goes on; None for at once.
        keeps: whether its JSON holds all that replays need.
        told: for each play that ended, what `--json` says of it.
    """

    console: Console
    as_json: bool
    explain: bool
    reports: Reports = field(default_factory=Reports)
    pace: Pace | None = None
    keeps: Keeps = Keeps.REPORTS
    told: list[Event] = field(default_factory=list)
    _steps: list[Event] = field(default_factory=list)

    @property
    def as_expected(self) -> bool:
        """Tell whether every step of every play went as expected."""
        return all(one["as_expected"] for one in self.told)

    @property
    def wants(self) -> frozenset[Evidence]:
        """Return what has to be told besides the reports of the steps."""
        looks = self.pace is not None and self.pace.asks
        wanted = {
            Evidence.CHAINS: self.reports.html is not None,
            Evidence.PACKETS: looks,
        }
        if self.keeps is Keeps.EVERYTHING:
            return EVERYTHING
        return frozenset(one for one, needed in wanted.items() if needed)

    def see(self, event: Event) -> None:
        """Show one event."""
        if "begin" in event:
            self._steps.append(event["begin"])
        elif "finished" in event:
            self._steps[-1].update(event["finished"])
        elif "record" in event:
            self.told.append({**event["record"], "steps": self._steps})
            self._steps = []
        if not self.as_json:
            self._show(event)

    def pause(self) -> Pause:
        """Wait before the step that was announced, or at the end, as the pace has it."""
        if self.pace is None:
            return Going.ON
        return (yield from self.pace.pause(self._steps))

    def show_again(self, step: Event) -> None:
        """Show a step that was played before."""
        self._begin(step)
        self._finished(step)

    def stop(self) -> None:
        """Take note that the play ended before its end."""
        self._steps = []
        self.console.print("Stopped; zones, faults and clock are as they were.")

    def _show(self, event: Event) -> None:
        if "begin" in event:
            self._begin(event["begin"])
        elif "finished" in event:
            self._finished(event["finished"])
        elif "record" in event:
            self._record(self.told[-1])

    def _begin(self, begin: Event) -> None:
        self.console.print()
        if begin.get("part"):
            self.console.rule(escape(begin["part"]), align="left")
        # Without a pause the result, which names the step, follows at once.
        title = "" if self.pace is None else f": {escape(begin['title'])}"
        self.console.print(f"Step {begin['number']} of {begin['total']}{title}", style="bold")
        for paragraph in begin["say"].split("\n\n"):
            if words := " ".join(paragraph.split()):
                self.console.print(escape(words), style="italic", highlight=False)

        if begin.get("ask") and not (self.pace and self.pace.asks):
            self._ask(begin["ask"])

    def _ask(self, ask: Event) -> None:
        """Show a question with its answer: nobody is there to give one."""
        choices = f" ({' / '.join(ask['choices'])})" if ask["choices"] else ""
        self.console.print(f"[bold]?[/] {escape(ask['question'] + choices)}", highlight=False)
        self.console.print(f"  {escape(ask['answer'])}", style="dim", highlight=False)

    def _finished(self, finished: Event) -> None:
        report = report_from_json(finished["report"])
        detail = Detail.EVERYTHING if self.explain else Detail.OUTLINE
        self.console.print(render_tree(report, detail=detail))
        for sequence in report.sequences():
            drawn = sequence_text.to_text(sequence, ascii_only=self.console.options.ascii_only)
            self.console.print(f"\n{drawn}", markup=False, highlight=False, soft_wrap=True)

    def _record(self, told: Event) -> None:
        self.console.print()
        title = escape(told["title"])
        if told["as_expected"]:
            words = f"all {len(told['steps'])} steps went as expected."
            self.console.print(f"[bold green]{title}: {words}[/]")
        else:
            numbers = ", ".join(map(str, told["surprises"]))
            self.console.print(f"[bold red]{title}: not as expected: step {numbers}.[/]")

    def end(self) -> None:
        """Write what is written when the last play has ended.

        Raises:
            InputError: a file cannot be written.
        """
        if self.as_json:
            self._print_json()
        elif len(self.told) > 1:
            self._summary()
        if self.reports == Reports():
            return
        stories = tuple(story_from_json(one, "the play") for one in self.told)
        if self.reports.html is not None:
            write_text(self.reports.html, html.render(stories))
        if self.reports.junit is not None:
            write_text(self.reports.junit, junit.render(stories))
        if self.reports.diagrams is not None:
            for story in stories:
                _draw(story, self.reports.diagrams)

    def _print_json(self) -> None:
        several = {"as_expected": self.as_expected, "scenarios": self.told}
        document = self.told[0] if len(self.told) == 1 else several
        self.console.file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    def _summary(self) -> None:
        self.console.print()
        for one in self.told:
            mark = (
                "[green]as expected    [/]"
                if one["as_expected"]
                else "[bold red]not as expected[/]"
            )
            self.console.print(f"  {mark}  {escape(one['title'])}", soft_wrap=True)
        good = sum(1 for one in self.told if one["as_expected"])
        style = "bold green" if self.as_expected else "bold red"
        self.console.print(f"{good} of {len(self.told)} scenarios as expected.", style=style)


def _draw(story: Story, folder: Path) -> None:
    """Write the diagrams of each step, named after its number."""
    for chapter in story.chapters:
        for count, sequence in enumerate(chapter.report.sequences()):
            name = f"step-{chapter.number}{f'-{count + 1}' if count else ''}.svg"
            write_text(folder / name, sequence_svg.render(sequence))
