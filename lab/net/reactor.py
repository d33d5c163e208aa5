"""What the lab needs of a Twisted reactor, as one type; `app` passes the real one in."""

from twisted.internet.interfaces import (
    IReactorCore,
    IReactorTCP,
    IReactorTime,
    IReactorUDP,
    IReactorUNIX,
)


class Reactor(IReactorCore, IReactorTime, IReactorTCP, IReactorUDP, IReactorUNIX):
    """Name the five interfaces that the POSIX reactors provide."""
