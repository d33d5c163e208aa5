"""Processes that answer beside the first one, each of them a fork of it.

A fork has all that the first process had at that moment: zones, keys, faults, clock and what was
kept. So nothing is told to a worker. When something changes, all workers end and others are forked;
datagrams wait meanwhile in sockets that stay open. A worker answers what it can at once, and hands
on everything else: what changes something happens in the first process only.
"""

import json
import os
import select
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from twisted.internet.interfaces import IReadDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from lab.net.dns_server import UDP_QUERY_LIMIT
from lab.net.forks import fork
from lab.net.reactor import Reactor
from lab.net.udp_batch import Turn, drain

# A worker that has not ended after so many seconds is ended by force.
PATIENCE_S = 5.0
# Between two reports of what a worker has counted.
REPORT_MS = 500
ROWS = 200

_ASKED, _COUNTED = b"?", b"#"
_MESSAGE_OCTETS = 1 << 17

log = Logger()


class Seat(NamedTuple):
    """Say where one worker answers.

    Attributes:
        socket: bound, one of several at the same address and port.
        turn: returns what answers there now.
        hand_on: is given, in the first process, what has no answer at once, and its sender.
    """

    socket: socket.socket
    turn: Turn
    hand_on: Callable[[bytes, tuple[str, int]], None]


class Ledger(NamedTuple):
    """Say how counts of a worker become counts of the first process.

    Attributes:
        report: returns what a process has counted since it was last asked, as JSON values.
        add: is given that in the first process.
    """

    report: Callable[[], list[object]]
    add: Callable[[list[object]], None]


@implementer(IReadDescriptor)
class _Worker:
    """Hear, in the first process, what one worker says."""

    def __init__(self, crew: "Crew", seats: Sequence[Seat]) -> None:
        """Fork it."""
        self._crew, self.seats = crew, seats
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        own = [theirs.fileno(), *(seat.socket.fileno() for seat in seats)]
        self.pid = fork(own, partial(_work, theirs, seats, crew.ledger))
        theirs.close()
        self.line.settimeout(0)

    def fileno(self) -> int:
        """Return what the reactor waits for."""
        return self.line.fileno()

    def logPrefix(self) -> str:
        """Return what the reactor calls it."""
        return f"worker {self.pid}"

    def connectionLost(self, _reason: Failure) -> None:
        """Nothing is to be done: the reactor is at its end."""

    def doRead(self) -> None:
        """Take one message of it; without any, it has gone."""
        try:
            message = self.line.recv(_MESSAGE_OCTETS)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if message:
            try:
                self.heard(message)
            except Exception:  # noqa: BLE001 one question stops no worker
                log.failure("defect while a worker was heard")
        else:
            self._crew.replace(self)

    def heard(self, message: bytes) -> None:
        """Do what one message says."""
        head, _, datagram = message[1:].partition(b"\0")
        if message[:1] == _COUNTED:
            self._crew.ledger.add(json.loads(head))
            return
        number, *sender = json.loads(head)
        self.seats[number].hand_on(datagram, (sender[0], sender[1]))

    def dismiss(self) -> None:
        """Say that it shall end."""
        with suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)

    def join(self) -> list[bytes]:
        """Wait until it has ended, and return what it said last."""
        said = []
        self.line.settimeout(PATIENCE_S)
        try:
            while message := self.line.recv(_MESSAGE_OCTETS):
                said.append(message)
        except OSError:
            os.kill(self.pid, signal.SIGKILL)
        self.line.close()
        os.waitpid(self.pid, 0)
        return said


class Crew:
    """Keep a number of workers, and let them have what the first process has now."""

    def __init__(self, reactor: Reactor, places: Sequence[Sequence[Seat]], ledger: Ledger) -> None:
        """Start one worker for each of *places*."""
        self.ledger = ledger
        self._reactor, self._places = reactor, places
        self._workers: list[_Worker] = []
        self._begin()

    def _begin(self) -> None:
        for seats in self._places:
            self._add(seats)

    def _add(self, seats: Sequence[Seat]) -> None:
        worker = _Worker(self, seats)
        self._workers.append(worker)
        self._reactor.addReader(worker)

    def renew(self) -> None:
        """Return when no worker answers as before, and others answer as this process would."""
        self._end()
        self._begin()

    def replace(self, worker: _Worker) -> None:
        """Let another worker take the seats of one that has gone."""
        log.error("a process that answers has gone: {pid}", pid=worker.pid)
        self._reactor.removeReader(worker)
        self._workers.remove(worker)
        worker.join()
        self._add(worker.seats)

    def _end(self) -> None:
        workers, self._workers = self._workers, []
        for one in workers:
            self._reactor.removeReader(one)
            one.dismiss()
        for one in workers:
            for message in one.join():
                # Not now: we may be in the middle of a change.
                self._reactor.callLater(0, one.heard, message)

    def stop(self) -> None:
        """End all workers, and close their sockets."""
        self._end()
        for seats in self._places:
            for seat in seats:
                seat.socket.close()
        self._places = ()


def _work(line: socket.socket, seats: Sequence[Seat], ledger: Ledger) -> None:
    """Answer until *line* ends."""
    # What is counted so far the first process has counted.
    ledger.report()
    poll = select.poll()
    poll.register(line, select.POLLIN)
    by_number = {seat.socket.fileno(): number for number, seat in enumerate(seats)}
    for number in by_number:
        poll.register(number, select.POLLIN)
    while True:
        ready = [number for number, _ in poll.poll(REPORT_MS)]
        for number in ready:
            if number in by_number:
                _answer(line, seats, by_number[number])
        if not ready or line.fileno() in ready:
            for part in _parts(ledger.report()):
                line.send(_COUNTED + json.dumps(part).encode())
        if line.fileno() in ready:
            return


def _parts(rows: list[object]) -> Iterator[list[object]]:
    """Cut a report into what fits into a message."""
    for begin in range(0, len(rows), ROWS):
        yield rows[begin : begin + ROWS]


def _answer(line: socket.socket, seats: Sequence[Seat], number: int) -> None:
    def hand_on(datagram: bytes, sender: tuple[str, int]) -> None:
        line.send(_ASKED + json.dumps([number, *sender[:2]]).encode() + b"\0" + datagram)

    seat = seats[number]
    drain(seat.socket, UDP_QUERY_LIMIT, seat.turn, hand_on)
