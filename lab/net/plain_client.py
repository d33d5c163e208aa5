"""Ask one server one question with plain blocking sockets, for programs without a reactor."""

import socket
import time
from dataclasses import replace
from math import inf

from dns.message import Message

from lab.core.dialogue import answer_all
from lab.core.entropy import Entropy
from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.core.question import Carrier, Question, Response, Server
from lab.net.dns_exchange import Attempt, exchange, read_datagram
from lab.net.dns_query import Sent
from lab.net.way import Way, straight

UDP_ANSWER_LIMIT = 65535
TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class PlainClient:
    """Ask questions, and wait for each answer.

    Attributes:
        port: where the servers listen; referrals and glue carry no port.
        entropy: for message IDs and the case of letters.
        timeout_s: seconds to wait for one answer.
        deadline: no question is asked after it, by the monotonic clock.
        way: address and port of a server to those at which it is reached.
    """

    port: int
    entropy: Entropy
    timeout_s: float = TIMEOUT_S
    deadline: float = inf
    way: Way = straight

    def within(self, seconds: float) -> "PlainClient":
        """Return a client for one resolution, which has to end in *seconds*."""
        return replace(self, deadline=time.monotonic() + seconds)

    def ask(self, question: Question) -> Response:
        """Return what the server of *question* answers.

        Raises:
            TransportError: no answer came in time, or the server is not there.
        """

        def perform(attempt: Attempt) -> Message:
            return self._perform(attempt, question.server)

        return answer_all(exchange(question, self.entropy), perform).result

    def _perform(self, attempt: Attempt, server: Server) -> Message:
        patience = min(self.timeout_s, self.deadline - time.monotonic())
        if patience <= 0:
            raise TransportError("not asked: the time for this resolution is over")
        wait = _over_udp if attempt.carrier is Carrier.UDP else _over_tcp
        where = self.way(server.address, self.port if server.port is None else server.port)
        try:
            return wait(attempt.sent, where, _Timer(patience))
        except OSError as error:
            carrier = attempt.carrier.value
            raise TransportError(f"no answer over {carrier} from {server}: {error}") from error


class _Timer:
    """Count down while a socket is waited for."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def set(self, sock: socket.socket) -> None:
        """Let *sock* wait for what is left.

        Raises:
            TimeoutError: nothing is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        sock.settimeout(left)


def _over_udp(sent: Sent, where: tuple[str, int], timer: _Timer) -> Message:
    with socket.socket(_family(where), socket.SOCK_DGRAM) as sock:
        # The system gives a fresh port, and lets in what comes from this peer only.
        sock.connect(where)
        sock.send(sent.wire)
        while True:
            timer.set(sock)
            message = read_datagram(sent, sock.recv(UDP_ANSWER_LIMIT))
            if message is not None:
                return message


def _over_tcp(sent: Sent, where: tuple[str, int], timer: _Timer) -> Message:
    with socket.socket(_family(where), socket.SOCK_STREAM) as sock:
        timer.set(sock)
        sock.connect(where)
        # RFC 7766 section 8: length and message in one write.
        sock.sendall(len(sent.wire).to_bytes(2, "big") + sent.wire)
        while True:
            size = int.from_bytes(_exactly(2, sock, timer), "big")
            message = sent.in_stream(_exactly(size, sock, timer))
            if message is not None:
                return message


def _exactly(size: int, sock: socket.socket, timer: _Timer) -> bytes:
    octets = b""
    while len(octets) < size:
        timer.set(sock)
        more = sock.recv(size - len(octets))
        if not more:
            raise ConnectionError("the server closed the connection without an answer")
        octets += more
    return octets


def _family(where: tuple[str, int]) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in where[0] else socket.AF_INET
