"""A long work that several processes share, each of them a fork of this one.

Each makes every so manieth result and sends it through a socket; what comes back is in the order in
which one process alone would have made it. The forks end with their work, or when nobody hears them
any more: then their socket is broken.
"""

import gc
import marshal
import os
import signal
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from lab.core.errors import LabError
from lab.net.forks import fork
from lab.net.reactor import Reactor

_LENGTH_OCTETS = 4
_PIECE = 1 << 18
_END = b""


class GangError(LabError):
    """A process of a gang has gone before its work was done."""


@implementer(IReadDescriptor)
class _Member:
    """Hear one process."""

    def __init__(self, reactor: Reactor, work: Callable[[], Iterable[Any]]) -> None:
        """Fork it."""
        self._reactor = reactor
        self._line, theirs = socket.socketpair()
        self.pid = fork([theirs.fileno()], partial(_tell, theirs, work))
        theirs.close()
        self._line.settimeout(0)
        self._unread = bytearray()
        self._results: deque[bytes] = deque()
        self._waiting: Deferred[None] | None = None
        self._gone = False
        reactor.addReader(self)

    def fileno(self) -> int:
        """Return what the reactor waits for."""
        return self._line.fileno()

    def logPrefix(self) -> str:
        """Return what the reactor calls it."""
        return f"gang {self.pid}"

    def connectionLost(self, _reason: Failure) -> None:
        """Nothing is to be done: the reactor is at its end."""

    def doRead(self) -> None:
        """Take what has come."""
        try:
            octets = self._line.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        self._unread += octets
        self._cut()
        if not octets:
            self.end()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def _cut(self) -> None:
        """Take the whole results of what has come."""
        while len(self._unread) >= _LENGTH_OCTETS:
            end = _LENGTH_OCTETS + int.from_bytes(self._unread[:_LENGTH_OCTETS], "big")
            if len(self._unread) < end:
                return
            self._results.append(bytes(self._unread[_LENGTH_OCTETS:end]))
            del self._unread[:end]

    async def next(self) -> bytes:
        """Wait for the next result; an empty one says that there are no more.

        Raises:
            GangError: the process has gone.
        """
        while not self._results:
            if self._gone:
                raise GangError(f"process {self.pid} has gone")
            self._waiting = Deferred()
            await self._waiting
        return self._results.popleft()

    def end(self) -> None:
        """End the process, which is at its end if all went well."""
        if not self._gone:
            self._gone = True
            self._reactor.removeReader(self)
            self._line.close()
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _tell(line: socket.socket, work: Callable[[], Iterable[Any]]) -> None:
    """Send all results of *work*, as long as somebody listens."""
    # What is shared with the first process would have to be copied only to be looked through.
    gc.disable()
    with suppress(OSError):
        for result in work():
            _send(line, marshal.dumps(result))
        _send(line, _END)


def _send(line: socket.socket, octets: bytes) -> None:
    line.sendall(len(octets).to_bytes(_LENGTH_OCTETS, "big") + octets)


async def shared(
    reactor: Reactor, works: Sequence[Callable[[], Iterable[Any]]]
) -> AsyncIterator[Any]:
    """Iterate over the results of *works*, one of each in turn, until the first has no more.

    Args:
        reactor: of this process.
        works: each makes its results in a process of its own; they consist of tuples, lists,
            octets, text and numbers.

    Raises:
        GangError: a process has gone.
    """
    members = [_Member(reactor, one) for one in works]
    try:
        while True:
            for one in members:
                octets = await one.next()
                if not octets:
                    return
                yield marshal.loads(octets)  # noqa: S302 our own fork wrote it
    finally:
        for one in members:
            one.end()
