"""`lab run`: play scenarios on the running lab if there is one, else on one of its own."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from lab.app.control import Event, NotRunningError, ask
from lab.app.folders import ZonesFolder
from lab.app.foreground import started
from lab.app.play import event_of, event_of_record, play_on
from lab.app.reactor import run
from lab.app.server import Options
from lab.app.state import StateFolder
from lab.app.watching import Watcher
from lab.core.errors import LabError
from lab.net.reactor import Reactor
from lab.scenario.script import Script


def play_anywhere(
    scripts: Sequence[Script], zones: Path, state: StateFolder, watcher: Watcher
) -> None:
    """Play the scenarios of *scripts*, one after the other.

    Args:
        scripts: the scenarios.
        zones: folder of master files for a lab of its own.
        state: where a running lab is looked for.
        watcher: sees what happens.

    Raises:
        ScenarioError: a scenario is wrong.
        LabError: no lab could be started.
    """
    try:
        for script in scripts:
            for event in ask(state, _request(script)):
                watcher.see(event)
    except NotRunningError:
        own = Options(ZonesFolder(zones, tls_port=0), state, port=0)
        left = scripts[len(watcher.told) :]
        if run(_on_own(left, own, watcher)) is None:
            raise LabError("interrupted") from None


def _request(script: Script) -> Event:
    """Return what a running lab is asked: it plays these texts, and reads no file."""
    return {
        "do": "run",
        "file": script.file,
        "text": script.text,
        "others": dict(script.others),
        "set": dict(script.given),
    }


def _on_own(
    scripts: Sequence[Script], options: Options, watcher: Watcher
) -> Callable[[Reactor], Coroutine[Any, Any, bool]]:
    async def main(reactor: Reactor) -> bool:
        async with started(reactor, options) as lab:
            for script in scripts:
                scenario = script.scenario()
                record = await play_on(lab, scenario, lambda news: watcher.see(event_of(news)))
                watcher.see(event_of_record(record))
        return True

    return main
