"""Talk to a running lab: one JSON object a line over a Unix socket in the state folder.

A request is {"do": …}; the answers are events, the last of which is {"done": true} or
{"error": "one sentence"}. Who may open the state folder (mode 0700) may ask.
"""

import json
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeAlias

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver

from lab.app.state import StateFolder
from lab.core.errors import InputError, LabError

log = Logger()

Event: TypeAlias = dict[str, Any]
Emit: TypeAlias = Callable[[Event], None]
Command: TypeAlias = Callable[[Event, Emit], Awaitable[None]]
"""Answers one request by emitting events; raises LabError to refuse it."""

_MAX_REQUEST = 1 << 20
_CONNECT_TIMEOUT_S = 5.0
_STOPPED = "the lab stopped before it had answered"


class NotRunningError(LabError):
    """Report that no lab answers in a state folder."""


class _ControlProtocol(LineOnlyReceiver):
    """Answer the requests of one connection, one after the other."""

    delimiter = b"\n"
    MAX_LENGTH = _MAX_REQUEST

    def __init__(self, commands: Mapping[str, Command]) -> None:
        self._commands = commands
        self._turn = DeferredLock()

    def lineReceived(self, line: bytes) -> None:
        self._running = Deferred.fromCoroutine(self._in_turn(line))

    async def _in_turn(self, line: bytes) -> None:
        await self._turn.acquire()
        try:
            await self._answer(line)
        finally:
            self._turn.release()

    async def _answer(self, line: bytes) -> None:
        try:
            command, request = self._read(line)
            await command(request, self._emit)
        except LabError as error:
            self._emit({"error": str(error)})
        except Exception:  # noqa: BLE001 a defect must not leave the asker waiting for ever
            log.failure("defect while answering a control request")
            self._emit({"error": "the lab has a defect here; its log says more"})
        else:
            self._emit({"done": True})

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

    def _emit(self, event: Event) -> None:
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


def ask(state: StateFolder, request: Event) -> Iterator[Event]:
    """Send *request* to the lab that runs in *state* and iterate over the events it answers.

    Raises:
        NotRunningError: there is none.
        LabError: the lab refused the request.
    """
    connection = socket.socket(socket.AF_UNIX)
    with connection:
        connection.settimeout(_CONNECT_TIMEOUT_S)
        try:
            connection.connect(str(state.socket))
        except OSError as error:
            raise NotRunningError(
                f"no lab is running in {state.path}; start one with `lab up`"
            ) from error
        connection.settimeout(None)
        yield from _events(connection, json.dumps(request).encode() + b"\n")


def _events(connection: socket.socket, request: bytes) -> Iterator[Event]:
    try:
        connection.sendall(request)
        with connection.makefile("rb") as lines:
            for line in lines:
                event = json.loads(line)
                if "error" in event:
                    raise LabError(event["error"])
                if "done" in event:
                    return
                yield event
    except (OSError, ValueError) as error:
        raise LabError(_STOPPED) from error
    raise LabError(_STOPPED)
