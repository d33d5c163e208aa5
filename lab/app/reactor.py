"""Run one coroutine on the reactor, from its first line to its last `finally`."""

import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from lab.net.reactor import Reactor

T = TypeVar("T")


def run(main: Callable[[Reactor], Coroutine[Any, Any, T]]) -> T | None:
    """Return what *main* returns; None if Ctrl-C or SIGTERM ended it.

    An interrupt cancels *main* where it waits, and the reactor stops when its clean-up is done. An
    exception of *main* is raised here.
    """
    if sys.platform == "linux":
        from lab.net.swift_reactor import install_reactor  # noqa: PLC0415 others have no epoll

        install_reactor()
    from twisted.internet import reactor as installed  # noqa: PLC0415 importing it installs one

    # mypy-zope knows the module as having only some of the interfaces of the object.
    reactor = cast("Reactor", installed)
    outcome: list[T | Failure] = []

    def start() -> None:
        running: Deferred[T] = Deferred.fromCoroutine(main(reactor))
        finished: Deferred[None] = Deferred()

        def end(result: T | Failure) -> None:
            outcome.append(result)
            finished.callback(None)
            if not stopping:
                reactor.stop()

        def interrupt() -> Deferred[None] | None:
            stopping.append(True)
            if finished.called:
                return None
            running.cancel()
            return finished

        stopping: list[bool] = []
        reactor.addSystemEventTrigger("before", "shutdown", interrupt)
        running.addBoth(end)

    reactor.callWhenRunning(start)
    reactor.run()
    return _result(outcome[0])


def _result(outcome: T | Failure) -> T | None:
    if not isinstance(outcome, Failure):
        return outcome
    if outcome.check(CancelledError):
        return None
    outcome.raiseException()
    raise AssertionError
