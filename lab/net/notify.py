"""Tell a secondary that a zone has a new version, until it has heard (RFC 1996)."""

import dns.exception
import dns.message
from dns.message import Message
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import DatagramProtocol

from lab.nameserver.access import Target
from lab.net.reactor import Reactor

ANSWER_LIMIT = 65535
# RFC 1996 section 3.6 suggests 60 seconds and five tries; on one machine a second is long.
FIRST_WAIT_S = 1.0
TRIES = 5


class _Telling(DatagramProtocol):
    """Send one NOTIFY again and again, with longer and longer pauses."""

    def __init__(self, reactor: Reactor, target: Target, message: Message) -> None:
        self._reactor = reactor
        self._target = target
        self._message = message
        self._waiting: Deferred[bool] = Deferred()

    async def run(self, source: str) -> bool:
        try:
            port = self._reactor.listenUDP(0, self, source, ANSWER_LIMIT)
        except CannotListenError:
            return False
        timer = self._reactor.callLater(FIRST_WAIT_S, self._again, 1)
        self._timer = timer
        try:
            return await self._waiting
        finally:
            if self._timer.active():
                self._timer.cancel()
            port.stopListening()

    def _again(self, number: int) -> None:
        if number == TRIES:
            self._end(heard=False)
            return
        self._send()
        self._timer = self._reactor.callLater(FIRST_WAIT_S * 2**number, self._again, number + 1)

    def _send(self) -> None:
        if self.transport is not None:
            wire = self._message.to_wire()
            self.transport.write(wire, (self._target.address, self._target.port))

    def _end(self, *, heard: bool) -> None:
        if not self._waiting.called:
            self._waiting.callback(heard)

    def startProtocol(self) -> None:
        self._send()

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        if addr != (self._target.address, self._target.port):
            return
        try:
            # That it was heard is all we learn: a forged answer only ends the repetition.
            answer = dns.message.from_wire(datagram, keyring=False)
        except (dns.exception.DNSException, ValueError):
            return
        # RFC 1996 section 3.8: any response with the same ID ends it, whatever its RCODE.
        if answer.id == self._message.id:
            self._end(heard=True)

    def connectionRefused(self) -> None:
        """Go on: the secondary may be starting."""


async def notify(reactor: Reactor, source: str, target: Target, message: Message) -> bool:
    """Send *message*, a NOTIFY, from *source* to *target*; return whether it was answered."""
    return await _Telling(reactor, target, message).run(source)
