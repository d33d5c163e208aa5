"""`lab run`: play a scenario on the running lab if there is one, else on one of its own."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from lab.app.control import Event, NotRunningError, ask
from lab.app.folders import ZonesFolder, write_text
from lab.app.foreground import started
from lab.app.play import event_of, event_of_record, play_on
from lab.app.reactor import run
from lab.app.server import Options
from lab.app.state import StateFolder
from lab.core.errors import LabError
from lab.net.reactor import Reactor
from lab.present import sequence as sequence_text
from lab.present import sequence_svg
from lab.present.json import report_from_json
from lab.present.text import render_tree
from lab.present.tree import Detail
from lab.scenario.load import Scenario
from lab.scenario.script import Script


@dataclass
class Watcher:
    """Show the events of a play as they come.

    Attributes:
        console: where to.
        as_json: collect the events and print them as one JSON document at the end.
        explain: show every check.
        diagrams: folder for the sequence diagrams of the steps, as SVG; None: as text only.
    """

    console: Console
    as_json: bool
    explain: bool
    diagrams: Path | None = None
    _steps: list[Event] = field(default_factory=list)

    def see(self, event: Event) -> None:
        """Show one event."""
        if "finished" in event and self.diagrams is not None:
            _draw(event["finished"], self.diagrams)
        if self.as_json:
            self._collect(event)
        elif "begin" in event:
            self._begin(event["begin"])
        elif "finished" in event:
            self._finished(event["finished"])
        elif "record" in event:
            self._record(event["record"])

    def _collect(self, event: Event) -> None:
        if "begin" in event:
            self._steps.append(event["begin"])
        elif "finished" in event:
            self._steps[-1].update(event["finished"])
        elif "record" in event:
            document = {**event["record"], "steps": self._steps}
            self.console.file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    def _begin(self, begin: Event) -> None:
        self.console.print()
        self.console.print(f"Step {begin['number']} of {begin['total']}", style="bold")
        for paragraph in begin["say"].split("\n\n"):
            if words := " ".join(paragraph.split()):
                self.console.print(escape(words), style="italic", highlight=False)

    def _finished(self, finished: Event) -> None:
        report = report_from_json(finished["report"])
        detail = Detail.EVERYTHING if self.explain else Detail.OUTLINE
        self.console.print(render_tree(report, detail=detail))
        for sequence in report.sequences():
            drawn = sequence_text.to_text(sequence, ascii_only=self.console.options.ascii_only)
            self.console.print(f"\n{drawn}", markup=False, highlight=False, soft_wrap=True)

    def _record(self, record: Event) -> None:
        self.console.print()
        if record["as_expected"]:
            self.console.print(
                f"[bold green]{escape(record['title'])}: all {record['steps']} steps went as "
                "expected.[/]"
            )
        else:
            numbers = ", ".join(map(str, record["surprises"]))
            self.console.print(
                f"[bold red]{escape(record['title'])}: not as expected: step {numbers}.[/]"
            )


def _draw(finished: Event, folder: Path) -> None:
    """Write the diagrams of a step, named after its number."""
    for count, sequence in enumerate(report_from_json(finished["report"]).sequences()):
        name = f"step-{finished['number']}{f'-{count + 1}' if count else ''}.svg"
        write_text(folder / name, sequence_svg.render(sequence))


def play_anywhere(script: Script, zones: Path, state: StateFolder, watcher: Watcher) -> bool:
    """Play the scenario of *script* and return whether all went as expected.

    Args:
        script: the scenario.
        zones: folder of master files for a lab of its own.
        state: where a running lab is looked for.
        watcher: sees what happens.

    Raises:
        ScenarioError: the scenario is wrong.
        LabError: no lab could be started.
    """
    as_expected = False
    try:
        for event in ask(state, _request(script)):
            watcher.see(event)
            as_expected = event.get("record", {}).get("as_expected", as_expected)
    except NotRunningError:
        own = Options(ZonesFolder(zones, tls_port=0), state, port=0)
        return _play_on_own(script.scenario(), own, watcher)
    return bool(as_expected)


def _request(script: Script) -> Event:
    """Return what a running lab is asked: it plays these texts, and reads no file."""
    return {
        "do": "run",
        "file": script.file,
        "text": script.text,
        "others": dict(script.others),
        "set": dict(script.given),
    }


def _play_on_own(scenario: Scenario, options: Options, watcher: Watcher) -> bool:
    result = run(_on_own(scenario, options, watcher))
    if result is None:
        raise LabError("interrupted")
    return result


def _on_own(
    scenario: Scenario, options: Options, watcher: Watcher
) -> Callable[[Reactor], Coroutine[Any, Any, bool]]:
    async def main(reactor: Reactor) -> bool:
        async with started(reactor, options) as lab:
            record = await play_on(lab, scenario, lambda news: watcher.see(event_of(news)))
        watcher.see(event_of_record(record))
        return record.as_expected

    return main
