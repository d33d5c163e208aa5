"""A UDP port that takes up to 64 datagrams each time it wakes up, and answers at once what it can.

Reading and sending are then all that a datagram costs beside its answer. What cannot be answered at
once goes the ordinary way, to the protocol of the port.
"""

import socket
from collections.abc import Callable, Sequence
from errno import EAGAIN, ECONNREFUSED, EINTR, EWOULDBLOCK
from typing import Any, TypeAlias, cast

from twisted.internet.interfaces import IListeningPort
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.udp import Port
from twisted.logger import Logger

from lab.net.reactor import Reactor

BATCH = 64

_NOTHING_THERE = frozenset({EAGAIN, EWOULDBLOCK})
# An interrupted call is made again; that an earlier asker has gone is no matter of the next one.
_GO_ON = frozenset({EINTR, ECONNREFUSED})
_LOST_ON_SENDING = frozenset({EAGAIN, EWOULDBLOCK, ECONNREFUSED})

log = Logger()

Quick: TypeAlias = Callable[[bytes, Any], bytes | None]
"""Returns what is sent for a datagram, by its octets and sender: empty for silence, None: ask."""

Turn: TypeAlias = Callable[[], Quick]
"""Returns what answers now: until it has no answer to a datagram, or the batch is over."""


class BatchPort(Port):
    """Read in batches."""

    def __init__(
        self,
        where: tuple[str, int],
        protocol: DatagramProtocol,
        limit: int,
        reactor: Reactor,
        turn: Turn,
    ) -> None:
        """Prepare to listen at *where*, an address and a port; `startListening` opens the socket.

        What *turn* has no answer to is given to *protocol*; *limit* octets of it, no more.
        """
        super().__init__(where[1], protocol, where[0], limit, reactor)
        self._turn = turn

    def doRead(self) -> None:
        """Answer what has come, and let others have their turn."""
        drain(self.socket, self.maxPacketSize, self._turn, self._received)

    def _received(self, datagram: bytes, sender: tuple[str, int]) -> None:
        try:
            self.protocol.datagramReceived(datagram, sender[:2])
        except Exception:  # noqa: BLE001 as Twisted does: one datagram stops no port
            log.failure("defect while a datagram was received")


class SharedPort(BatchPort):
    """Read in batches from a port that other processes of ours read from, too."""

    def createInternetSocket(self) -> socket.socket:
        """Return a socket that is one of several at its address."""
        opened: socket.socket = super().createInternetSocket()
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return opened


def drain(
    opened: socket.socket,
    size: int,
    turn: Turn,
    otherwise: Callable[[bytes, tuple[str, int]], None],
) -> None:
    """Answer what has come to a socket, up to a batch of it.

    To send wakes an asker that has nothing else to do, which takes longer than many an answer: so
    the first answer is sent at once, for nobody else may have asked, and the others together.

    Args:
        opened: where it came, a socket that does not block.
        size: octets of a datagram, no more.
        turn: returns what answers at once.
        otherwise: is given what has no answer at once, and its sender.
    """
    receive, quick = opened.recvfrom, turn()
    held: list[tuple[bytes, Any]] = []
    for number in range(BATCH):
        try:
            datagram, sender = receive(size)
        except OSError as error:
            if error.errno in _NOTHING_THERE:
                break
            if error.errno in _GO_ON:
                continue
            raise
        answer = quick(datagram, sender)
        if answer:
            held.append((answer, sender))
        if answer is None or not number:
            _send(opened, held)
            held = []
        if answer is None:
            # This may take long.
            otherwise(datagram, sender)
            quick = turn()
    _send(opened, held)


def _send(opened: socket.socket, answers: Sequence[tuple[bytes, Any]]) -> None:
    for answer, asker in answers:
        try:
            opened.sendto(answer, asker)
        except OSError as error:
            # A full queue loses datagrams, as those of a busy server do.
            if error.errno not in _LOST_ON_SENDING:
                raise


def listen_in_batches(
    kind: type[BatchPort],
    reactor: Reactor,
    where: tuple[str, int],
    protocol: DatagramProtocol,
    limit: int,
    turn: Turn,
) -> IListeningPort:
    """Return an open port: one that reads in batches, if *reactor* works on plain sockets.

    Raises:
        CannotListenError: it could not be opened.
    """
    if not isinstance(reactor, PosixReactorBase):
        return reactor.listenUDP(where[1], protocol, where[0], limit)
    port = kind(where, protocol, limit, reactor, turn)
    port.startListening()
    return cast("IListeningPort", port)
