"""What the lab needs of a Twisted reactor, as one type; `app` passes the real one in."""

from twisted.internet.interfaces import (
    IReactorCore,
    IReactorFDSet,
    IReactorFromThreads,
    IReactorTCP,
    IReactorTime,
    IReactorUDP,
    IReactorUNIX,
)


class Reactor(
    IReactorCore,
    IReactorFDSet,
    IReactorFromThreads,
    IReactorTime,
    IReactorTCP,
    IReactorUDP,
    IReactorUNIX,
):
    """Name the seven interfaces that the POSIX reactors provide."""
