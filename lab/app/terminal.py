"""The terminal as the other side of a pause: prompts, lines that are typed, time that passes.

Where this process plays, servers go on to answer while the terminal waits; where a running lab
plays, there is nothing else to do here.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import assert_never

from rich.console import Console
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from zope.interface import implementer

from lab.app.pacing import Going, Pause, Prompt, Rest
from lab.core.dialogue import answer_all
from lab.net.drive import drive
from lab.net.reactor import Reactor

_CHUNK = 4096


@implementer(IReadDescriptor)
class Keyboard:
    """Read lines from a file descriptor that the reactor watches only while somebody waits."""

    def __init__(self, reactor: Reactor, descriptor: int) -> None:
        """Read from *descriptor*, in turn with everything else on *reactor*."""
        self._reactor = IReactorFDSet(reactor)
        self._descriptor = descriptor
        self._typed = b""
        self._lines: deque[str | None] = deque()
        self._waiting: Deferred[str | None] | None = None

    async def line(self) -> str | None:
        """Return the next line; None at the end of the input."""
        if self._lines:
            return self._lines.popleft()
        self._waiting = Deferred()
        self._reactor.addReader(self)
        try:
            return await self._waiting
        finally:
            self._waiting = None
            self._reactor.removeReader(self)

    def doRead(self) -> None:  # noqa: N802 Twisted's name
        """Take what was typed; a terminal gives whole lines."""
        chunk = os.read(self._descriptor, _CHUNK)
        *lines, self._typed = (self._typed + chunk).split(b"\n")
        self._lines += [one.decode(errors="replace") for one in lines]
        if not chunk:
            self._lines.append(None)
        if self._waiting is not None and self._lines and not self._waiting.called:
            self._waiting.callback(self._lines.popleft())

    def fileno(self) -> int:
        """Return what the reactor watches."""
        return self._descriptor

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 Twisted's name
        """Take note that the terminal is gone."""
        del reason
        if self._waiting is not None and not self._waiting.called:
            self._waiting.callback(None)

    def logPrefix(self) -> str:  # noqa: N802 Twisted's name
        """Return how the reactor calls it."""
        return "keyboard"


class Terminal:
    """Hold pauses at a terminal."""

    def __init__(self, console: Console, typed: Callable[[str], None]) -> None:
        """Prompt on *console*; *typed* is told each line, which the terminal itself has shown."""
        self._console = console
        self._typed = typed

    def hold(self, pause: Pause) -> Going:
        """Go through *pause* while nothing else has to be done here."""

        def serve(need: Prompt | Rest) -> str | None:
            match need:
                case Rest(seconds=seconds):
                    time.sleep(seconds)
                    return None
                case Prompt(text=text):
                    self._prompt(text)
                    return self._read(sys.stdin.readline())
                case _:
                    assert_never(need)

        return answer_all(pause, serve).result

    async def hold_on(self, pause: Pause, reactor: Reactor, keyboard: Keyboard) -> Going:
        """Go through *pause* while *reactor* goes on."""

        async def serve(need: Prompt | Rest) -> str | None:
            match need:
                case Rest(seconds=seconds):
                    await deferLater(reactor, seconds)
                    return None
                case Prompt(text=text):
                    self._prompt(text)
                    line = await keyboard.line()
                    return self._read("" if line is None else f"{line}\n")
                case _:
                    assert_never(need)

        return await drive(pause, serve)

    def _prompt(self, text: str) -> None:
        self._console.print(text, end="", style="bold", markup=False, highlight=False)
        self._console.file.flush()

    def _read(self, line: str) -> str | None:
        """Return *line* without its end; None if it has none, for then nothing more comes."""
        if not line.endswith("\n"):
            self._console.print()
            return None
        self._typed(line)
        return line[:-1]
