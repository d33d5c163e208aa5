"""A server that stands: started, asked over its control socket, described in its state folder.

Also `lab serve`: the server alone, in the foreground, until Ctrl-C.
"""

import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred

from lab.app.commands import commands_of
from lab.app.control import Command, ControlFactory
from lab.app.querylog import LogFiles, logging_to
from lab.app.server import Options, RunningServer
from lab.app.status import describe
from lab.net.reactor import Reactor

SOCKET_MODE = 0o600


def described(server: RunningServer) -> dict[str, Any]:
    """Return what `lab status --json` says of *server*, with the process that it is."""
    status = describe(server.world, server.state, server.port, server.clock, server.resolver)
    return {**status, "pid": os.getpid()}


@asynccontextmanager
async def standing(server: RunningServer, commands: Mapping[str, Command]) -> AsyncIterator[None]:
    """Start *server* and answer *commands* at its control socket, until the block ends."""
    await server.start()
    try:
        control = server.state.socket
        control.unlink(missing_ok=True)
        port = server.reactor.listenUNIX(str(control), ControlFactory(commands), mode=SOCKET_MODE)
        try:
            status = json.dumps(described(server))
            server.state.write_public(server.state.run_file.name, status)
            yield
        finally:
            await maybeDeferred(port.stopListening)
    finally:
        await server.stop()


def serve(
    options: Options, files: LogFiles, ready: Callable[[RunningServer], None]
) -> Callable[[Reactor], Coroutine[Any, Any, None]]:
    """Return the coroutine function that serves until it is cancelled.

    Args:
        options: where the zones come from, and where to listen.
        files: where queries are written.
        ready: is told once, when every socket is open.
    """

    async def main(reactor: Reactor) -> None:
        server = RunningServer(reactor, options)
        async with standing(server, commands_of(server)):
            with logging_to(files, server.answering):
                server.workers.start()
                ready(server)
                await Deferred[None]()

    return main
