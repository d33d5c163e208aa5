"""`lab up`: start, show, check, then stay until Ctrl-C."""

import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import field
from typing import Any

from rich.console import Console
from rich.markup import escape
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorProcess
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from lab.app.lab_commands import commands_of
from lab.app.querylog import LogFiles, QueryLog, logging_to
from lab.app.running import RunningLab
from lab.app.server import Options
from lab.app.service import described, standing
from lab.core.frozen import dataclass
from lab.net.reactor import Reactor


@dataclass(frozen=True, slots=True)
class Showing:
    """Say what `lab up` shows.

    Attributes:
        console: where to.
        as_json: print the status as one line of JSON and nothing else.
        quiet: no log of queries.
        demo: stop after the self-check.
        files: where queries are written.
        shell: run this program in the foreground and stop when it ends; empty for none.
        started_at: real time at which the command began, seconds.
    """

    console: Console
    as_json: bool
    quiet: bool
    demo: bool
    shell: str
    started_at: float
    files: LogFiles = field(default_factory=LogFiles)


@asynccontextmanager
async def started(reactor: Reactor, options: Options) -> AsyncIterator[RunningLab]:
    """Start a lab with its control socket; it is stopped when the block ends."""
    lab = RunningLab(reactor, options)
    async with standing(lab, commands_of(lab)):
        yield lab


def foreground(
    options: Options, showing: Showing
) -> Callable[[Reactor], Coroutine[Any, Any, bool]]:
    """Return the coroutine function that `lab up` runs; it returns whether all was well."""

    async def main(reactor: Reactor) -> bool:
        async with started(reactor, options) as lab:
            with logging_to(showing.files, lab.answering):
                lab.workers.start()
                return await _stay(reactor, lab, showing)

    return main


async def _stay(reactor: Reactor, lab: RunningLab, showing: Showing) -> bool:
    """Show the lab until it shall stop; return whether all was well."""
    lab.on_notice.append(_beside(showing.console))
    if showing.as_json:
        _print_json(lab, showing)
        good = True
    else:
        from lab.app.welcome import welcome  # noqa: PLC0415 programs are not told as people are

        good = await welcome(lab, showing.console, showing.started_at)
    if showing.demo:
        return good
    if showing.shell:
        await _shell(reactor, showing.shell)
        return good
    if not showing.quiet and not showing.as_json:
        lab.answering.on_query.append(QueryLog(_dimmed(showing.console), reactor.seconds))
        showing.console.print("Queries to the lab, as they come (Ctrl-C stops everything):")
        lab.workers.renew()
    await Deferred[None]()
    return good


def _print_json(lab: RunningLab, showing: Showing) -> None:
    showing.console.file.write(json.dumps(described(lab)) + "\n")
    showing.console.file.flush()


def _dimmed(console: Console) -> Callable[[str], None]:
    return lambda line: console.print(line, style="dim", highlight=False, soft_wrap=True)


def _beside(console: Console) -> Callable[[str], None]:
    """Return what writes sentences to stderr: stdout may be read by a program."""
    errors = Console(stderr=True, width=console.width)
    return lambda sentence: errors.print(f"[yellow]![/] {escape(sentence)}", soft_wrap=True)


class _Shell(ProcessProtocol):
    """Wait for a program that has this terminal."""

    def __init__(self) -> None:
        self.ended: Deferred[None] = Deferred()

    def processEnded(self, reason: Failure) -> None:  # noqa: N802, ARG002 Twisted's signature
        self.ended.callback(None)


async def _shell(reactor: Reactor, program: str) -> None:
    waiting = _Shell()
    IReactorProcess(reactor).spawnProcess(
        waiting, program, [program], env=None, childFDs={0: 0, 1: 1, 2: 2}
    )
    await waiting.ended
