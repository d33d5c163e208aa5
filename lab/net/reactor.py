"""What the lab needs of a Twisted reactor, as one type; `app` passes the real one in."""

from twisted.internet.interfaces import (
    IReactorCore,
    IReactorFromThreads,
    IReactorTCP,
    IReactorTime,
    IReactorUDP,
    IReactorUNIX,
)


class Reactor(
    IReactorCore, IReactorFromThreads, IReactorTime, IReactorTCP, IReactorUDP, IReactorUNIX
):
    """Name the six interfaces that the POSIX reactors provide."""
