"""One quiet line for each query, and never more of them than a person can read."""

from collections.abc import Callable

import dns.exception
import dns.message
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.nameserver.query import Peer

LINES_A_SECOND = 20


class QueryLog:
    """Describe queries and answers in lines; under load it counts what it leaves out."""

    def __init__(self, show: Callable[[str], None], seconds: Callable[[], float]) -> None:
        """Give each line to *show*; *seconds* is the real time, to keep the pace."""
        self._show = show
        self._seconds = seconds
        self._second = 0
        self._shown = 0
        self._left_out = 0

    def __call__(self, address: str, peer: Peer, query: bytes, answer: bytes | None) -> None:
        """Describe one query to the server at *address*, if there is room for a line."""
        if self._has_room():
            self._show(describe(address, peer, query, answer))

    def _has_room(self) -> bool:
        second = int(self._seconds())
        if second != self._second:
            if self._left_out:
                self._show(f"… and {self._left_out} more queries")
            self._second, self._shown, self._left_out = second, 0, 0
        if self._shown >= LINES_A_SECOND:
            self._left_out += 1
            return False
        self._shown += 1
        return True


def describe(address: str, peer: Peer, query: bytes, answer: bytes | None) -> str:
    """Return e.g. `127.53.11.1  www.example.fr. A  NOERROR  219 octets UDP`."""
    if answer is None:
        return f"{address}  {len(query)} octets of {peer.transport.value} ignored"
    asked = "a malformed query"
    try:
        question = dns.message.from_wire(query, question_only=True).question[0]
        asked = f"{question.name} {RdataType.to_text(question.rdtype)}"
    except (dns.exception.DNSException, ValueError, IndexError):
        pass
    return f"{address}  {asked}  {_rcode(answer)}  {len(answer)} octets {peer.transport.value}"


def _rcode(answer: bytes) -> str:
    try:
        # RFC 6891 section 6.1.3: the upper bits of it stand in the OPT record.
        return Rcode.to_text(dns.message.from_wire(answer).rcode())
    except dns.exception.DNSException:
        return Rcode.to_text(Rcode(answer[3] & 0xF))
