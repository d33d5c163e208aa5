"""`lab run`: play scenarios on the running lab if there is one, else on one of its own."""

import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from lab.app.asking import Event, NotRunningError, ask
from lab.app.folders import ZonesFolder
from lab.app.foreground import started
from lab.app.pacing import Going, StoppedError
from lab.app.play import event_of, event_of_record, play_on
from lab.app.reactor import run
from lab.app.server import Options
from lab.app.state import StateFolder
from lab.app.terminal import Keyboard, Terminal
from lab.app.watching import Watcher
from lab.core.errors import LabError
from lab.core.frozen import dataclass
from lab.net.reactor import Reactor
from lab.scenario.script import Script

_OF_THE_END = {"expected", "seen", "as_expected", "report", "chain", "exchanges"}


@dataclass(frozen=True, slots=True)
class Playhouse:
    """Play for one watcher at one terminal.

    Attributes:
        watcher: sees what happens.
        terminal: where pauses are held.
    """

    watcher: Watcher
    terminal: Terminal

    def play(self, scripts: Sequence[Script], zones: Path, state: StateFolder) -> None:
        """Play the scenarios of *scripts*, one after the other, until somebody has seen enough.

        Args:
            scripts: the scenarios.
            zones: folder of master files for a lab of its own.
            state: where a running lab is looked for.

        Raises:
            ScenarioError: a scenario is wrong.
            LabError: no lab could be started.
        """
        try:
            self._play(scripts, zones, state)
        except StoppedError:
            self.watcher.stop()

    def replay(self, documents: Sequence[Event]) -> None:
        """Show again what `--json` has told of plays; no lab is needed."""
        try:
            for document in documents:
                for step in document["steps"]:
                    begin = {key: step[key] for key in step if key not in _OF_THE_END}
                    self.watcher.see({"begin": begin})
                    self._hold()
                    self.watcher.see({"finished": step})
                self._hold()
                self.watcher.see({"record": document})
        except StoppedError:
            self.watcher.stop()

    def _play(self, scripts: Sequence[Script], zones: Path, state: StateFolder) -> None:
        try:
            for script in scripts:
                self._play_there(script, state)
        except NotRunningError:
            own = Options(ZonesFolder(zones, tls_port=0), state, port=0)
            left = scripts[len(self.watcher.told) :]
            if run(self._on_own(left, own)) is None:
                raise LabError("interrupted") from None

    def _play_there(self, script: Script, state: StateFolder) -> None:
        """Play on the running lab: it is sent these texts, and reads no file."""
        conversation = ask(
            state,
            {
                "do": "run",
                "file": script.file,
                "text": script.text,
                "others": dict(script.others),
                "set": dict(script.given),
                "paced": self.watcher.pace is not None,
                "evidence": [one.value for one in self.watcher.wants],
            },
        )
        reply: Event | None = None
        stopped = False
        while True:
            try:
                event = conversation.send(reply)
            except StopIteration:
                break
            reply = None
            if "waiting" in event:
                stopped = self.terminal.hold(self.watcher.pause()) is Going.ENDS
                reply = {"go": not stopped}
            else:
                self.watcher.see(event)
        if stopped:
            raise StoppedError

    def _hold(self) -> None:
        if self.terminal.hold(self.watcher.pause()) is Going.ENDS:
            raise StoppedError

    def _on_own(
        self, scripts: Sequence[Script], options: Options
    ) -> Callable[[Reactor], Coroutine[Any, Any, bool]]:
        async def main(reactor: Reactor) -> bool:
            keyboard = Keyboard(reactor, sys.stdin.fileno())

            async def wait() -> None:
                pause = self.watcher.pause()
                if await self.terminal.hold_on(pause, reactor, keyboard) is Going.ENDS:
                    raise StoppedError

            async with started(reactor, options) as lab:
                for script in scripts:
                    scenario = script.scenario()
                    record = await play_on(
                        lab,
                        scenario,
                        lambda news: self.watcher.see(event_of(news, self.watcher.wants)),
                        wait,
                    )
                    self.watcher.see(event_of_record(record))
            return True

        return main
