"""Talk to a running lab: one JSON object a line over a Unix socket in the state folder.

A request is {"do": …}; the answers are events, the last of which is {"done": true} or
{"error": "one sentence"}, with "input": true if what was asked is wrong. Who may open the state
folder (mode 0700) may ask; `app/asking.py` does.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol as Form
from typing import TypeAlias

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure

from lab.app.asking import Event
from lab.core.errors import InputError, LabError

__all__ = ["Asker", "Command", "ControlFactory", "Emit", "Event"]

log = Logger()

Emit: TypeAlias = Callable[[Event], None]


class Asker(Form):
    """Stand for who has sent a request: is told events, and may be asked back."""

    def __call__(self, event: Event) -> None:
        """Send one event."""
        ...

    async def reply(self) -> Event:
        """Return the next line that comes instead of a request.

        Raises:
            LabError: the asker has left, or sent something else.
        """
        ...


Command: TypeAlias = Callable[[Event, Asker], Awaitable[None]]
"""Answers one request by events; raises LabError to refuse it."""

_MAX_REQUEST = 1 << 20
_LEFT = "who asked has left"


class _ControlProtocol(LineOnlyReceiver):
    """Answer the requests of one connection, one after the other."""

    delimiter = b"\n"
    MAX_LENGTH = _MAX_REQUEST

    def __init__(self, commands: Mapping[str, Command]) -> None:
        self._commands = commands
        self._turn = DeferredLock()
        self._awaited: Deferred[Event] | None = None
        self._left = False

    def lineReceived(self, line: bytes) -> None:
        if self._awaited is not None:
            self._take(line, self._awaited)
        else:
            self._running = Deferred.fromCoroutine(self._in_turn(line))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._left = True
        if self._awaited is not None:
            awaited, self._awaited = self._awaited, None
            awaited.errback(LabError(_LEFT))

    async def reply(self) -> Event:
        """Return the next line, which is no request; only one command at a time runs here."""
        if self._left:
            raise LabError(_LEFT)
        self._awaited = Deferred()
        return await self._awaited

    def _take(self, line: bytes, awaited: "Deferred[Event]") -> None:
        self._awaited = None
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict):
            awaited.callback(event)
        else:
            awaited.errback(InputError("expected a JSON object as the reply"))

    async def _in_turn(self, line: bytes) -> None:
        await self._turn.acquire()
        try:
            await self._answer(line)
        finally:
            self._turn.release()

    async def _answer(self, line: bytes) -> None:
        try:
            command, request = self._read(line)
            await command(request, self)
        except InputError as error:
            self({"error": str(error), "input": True})
        except LabError as error:
            self({"error": str(error)})
        except Exception:  # noqa: BLE001 a defect must not leave the asker waiting for ever
            log.failure("defect while answering a control request")
            self({"error": "the lab has a defect here; its log says more"})
        else:
            self({"done": True})

    def _read(self, line: bytes) -> tuple[Command, Event]:
        known = ", ".join(self._commands)
        try:
            request: Event = json.loads(line)
            wanted = str(request["do"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f'expected a JSON object with "do", one of {known}') from error
        if wanted not in self._commands:
            raise InputError(f"what is running here cannot do {wanted!r}; it knows {known}")
        return self._commands[wanted], request

    def __call__(self, event: Event) -> None:
        """Send one event, unless the asker has left."""
        if self.transport is not None:
            self.sendLine(json.dumps(event).encode())


class ControlFactory(Factory):
    """Make a control connection for whoever opens the socket."""

    noisy = False

    def __init__(self, commands: Mapping[str, Command]) -> None:
        """Answer with *commands*, by the name that requests give as "do"."""
        self._commands = commands

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Return the protocol for one connection."""
        return _ControlProtocol(self._commands)
