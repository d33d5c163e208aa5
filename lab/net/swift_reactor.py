"""Twisted's reactor for Linux, with less around ports that read in batches.

For each event, Twisted makes a context for those who log something: that takes longer than the
answer to a question. Such ports log nothing but defects, and say themselves what they are about.
"""

import sys
from select import epoll

from twisted.internet.epollreactor import EPollReactor
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.main import installReactor
from twisted.python.log import callWithLogger

from lab.net.udp_batch import BatchPort


class SwiftReactor(EPollReactor):
    """Let ports that read in batches read at once, and give everything else its context."""

    _poller: epoll
    _selectables: dict[int, IReadDescriptor]

    def doPoll(self, timeout: float | None) -> None:
        """Wait for events, for so many seconds at most, and tell whom they concern."""
        most = len(self._selectables)
        for number, event in self._poller.poll(-1 if timeout is None else timeout, most):
            # Who was told before may have closed it.
            concerned = self._selectables.get(number)
            if isinstance(concerned, BatchPort):
                self._doReadOrWrite(concerned, number, event)
            elif concerned is not None:
                callWithLogger(concerned, self._doReadOrWrite, concerned, number, event)

    doIteration = doPoll  # noqa: N815 the name that Twisted calls it by


def install_reactor() -> None:
    """Make it the reactor, unless there is one already."""
    if "twisted.internet.reactor" not in sys.modules:
        installReactor(SwiftReactor())
