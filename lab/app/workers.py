"""More processes that answer for a running server, and what makes them begin anew.

A worker is a fork. It answers plain questions over UDP; updates, transfers, TCP and whatever is not
plain is done by the first process, which also adds up what all have counted.
"""

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from lab.net.crew import Crew, Ledger, Seat
from lab.net.dns_server import UdpServer, do_not_fragment
from lab.net.udp_batch import BatchPort, SharedPort, Turn

if TYPE_CHECKING:
    from twisted.internet.interfaces import IUDPTransport

    from lab.app.server import RunningServer


class _Through:
    """Send by one socket, as far as a `UdpServer` sends."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened

    def write(self, datagram: bytes, receiver: tuple[str, int]) -> None:
        """Send *datagram*; one that finds a full queue, or nobody, is lost as in any network."""
        with suppress(OSError):
            self._socket.sendto(datagram, receiver)


class Workers:
    """Keep the workers of one running server."""

    def __init__(self, lab: "RunningServer", count: int) -> None:
        """Prepare *count* workers for *lab*; none is there before `start`."""
        self._lab, self._count = lab, count
        self._turns: dict[str, Turn] = {}
        self._crew: Crew | None = None

    @property
    def kind_of_port(self) -> type[BatchPort]:
        """Return by which kind of port the first process answers."""
        return SharedPort if self._count else BatchPort

    def sit(self, address: str, turn: Turn) -> None:
        """Let each worker answer at *address*, too, with what *turn* returns."""
        self._turns[address] = turn

    def start(self) -> None:
        """Start all workers, at the port that the server has."""
        if self._count:
            places = [[self._seat(address) for address in self._turns] for _ in range(self._count)]
            counters = self._lab.answering.counters
            ledger = Ledger(counters.taken, counters.put)
            self._crew = Crew(self._lab.reactor, places, ledger)

    def _seat(self, address: str) -> Seat:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.settimeout(0)
        opened.bind((address, self._lab.port))
        do_not_fragment(opened)
        # In the first process an answer leaves by the socket to which the question came.
        server = UdpServer(self._lab.reactor, self._lab.answering.responder(address))
        server.transport = cast("IUDPTransport", _Through(opened))  # it only writes
        return Seat(opened, self._turns[address], server.datagramReceived)

    def renew(self) -> None:
        """Return when all workers answer as this process does; harmless if there are none."""
        if self._crew is not None:
            self._crew.renew()

    def stop(self) -> None:
        """End all workers; harmless if there are none."""
        if self._crew is not None:
            crew, self._crew = self._crew, None
            crew.stop()
