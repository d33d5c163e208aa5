"""Ask a running lab, from another process: it answers at its control socket by events.

The other side, and the form of what goes both ways, is `app/control.py`.
"""

import json
import socket
from collections.abc import Generator
from typing import Any, TypeAlias

from lab.app.place import Place
from lab.core.errors import InputError, LabError

Event: TypeAlias = dict[str, Any]

_CONNECT_TIMEOUT_S = 5.0
_STOPPED = "the lab stopped before it had answered"


class NotRunningError(LabError):
    """Report that no lab answers in a state folder."""


def ask(place: Place, request: Event) -> Generator[Event, Event | None, None]:
    """Send *request* to the lab that runs in *place* and iterate over the events it answers.

    What is sent into the generator goes to the lab, for the commands that ask back.

    Raises:
        NotRunningError: there is none.
        InputError: the request is wrong.
        LabError: the lab refused it.
    """
    connection = socket.socket(socket.AF_UNIX)
    with connection:
        connection.settimeout(_CONNECT_TIMEOUT_S)
        try:
            connection.connect(str(place.socket))
        except OSError as error:
            raise NotRunningError(
                f"no lab is running in {place.path}; start one with `lab up`"
            ) from error
        connection.settimeout(None)
        yield from _events(connection, json.dumps(request).encode() + b"\n")


def _events(connection: socket.socket, request: bytes) -> Generator[Event, Event | None, None]:
    try:
        connection.sendall(request)
        with connection.makefile("rb") as lines:
            for line in lines:
                event = json.loads(line)
                if "error" in event:
                    raise (InputError if "input" in event else LabError)(event["error"])
                if "done" in event:
                    return
                reply = yield event
                if reply is not None:
                    connection.sendall(json.dumps(reply).encode() + b"\n")
    except (OSError, ValueError) as error:
        raise LabError(_STOPPED) from error
    raise LabError(_STOPPED)
