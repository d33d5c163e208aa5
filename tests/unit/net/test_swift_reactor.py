"""A reactor with less around ports that read in batches, whose events are a list."""

from dataclasses import dataclass, field
from select import EPOLLIN
from typing import Any, cast

from twisted.internet.protocol import DatagramProtocol
from twisted.python.context import get
from twisted.python.log import ILogContext

from lab.net.dns_server import ask_each_time
from lab.net.reactor import Reactor
from lab.net.swift_reactor import SwiftReactor
from lab.net.udp_batch import BatchPort
from tests.unit.net.sockets import FakeReactor


@dataclass
class Events:
    """Have something to tell each time."""

    waiting: list[tuple[int, int]]
    waits: list[float] = field(default_factory=list)

    def poll(self, timeout: float, _most: int) -> list[tuple[int, int]]:
        self.waits.append(timeout)
        return self.waiting


class Told:
    """Remember for whom something would be logged when it was told to read."""

    def __init__(self) -> None:
        self.systems: list[str] = []

    def fileno(self) -> int:
        return 7

    def logPrefix(self) -> str:  # noqa: N802
        return "one of ours"

    def doRead(self) -> None:  # noqa: N802
        self.systems.append(get(ILogContext)["system"])


class ToldPort(Told, BatchPort):
    """Be a port that is told so."""

    def __init__(self) -> None:
        reactor = cast("Reactor", FakeReactor())
        BatchPort.__init__(self, ("127.0.0.1", 0), DatagramProtocol(), 512, reactor, ask_each_time)
        Told.__init__(self)


def reactor(selectables: dict[int, Any], events: Events) -> SwiftReactor:
    """Return one without sockets."""
    made = SwiftReactor.__new__(SwiftReactor)
    made._poller, made._selectables = cast("Any", events), selectables
    return made


def test_a_port_that_reads_in_batches_reads_without_a_context_and_others_have_one() -> None:
    port, other = ToldPort(), Told()
    events = Events([(7, EPOLLIN), (8, EPOLLIN)])
    other.fileno = lambda: 8  # type: ignore[method-assign]
    reactor({7: port, 8: other}, events).doPoll(None)
    assert (port.systems, other.systems) == (["-"], ["one of ours"])
    assert events.waits == [-1]


def test_who_has_been_closed_is_told_nothing() -> None:
    events = Events([(9, EPOLLIN)])
    reactor({}, events).doPoll(0.5)
    assert events.waits == [0.5]
