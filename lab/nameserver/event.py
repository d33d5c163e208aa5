"""What happened to one query, as a value: for logs, counters, scenarios and pages.

Nothing is decoded before somebody reads it: an event that is only counted is cheap.
"""

import struct
from functools import cached_property

import dns.exception
import dns.flags
import dns.message
from dns.edns import CookieOption
from dns.message import Message
from dns.name import Name, from_wire
from dns.opcode import Opcode
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.nameserver.query import Peer, Transport

_HEADER = struct.Struct("!HHHHHH")
_QUESTION_TAIL = struct.Struct("!HH")
_RCODE_MASK = 0xF
_FLAG_NAMES = ("QR", "AA", "TC", "RD", "RA", "AD", "CD")


@dataclass(frozen=True)
class QueryEvent:
    """Tell of one message that came, and of what was sent for it.

    Attributes:
        time: when it came, real time in seconds.
        address: that was asked.
        port: that was asked.
        peer: who asked, over which transport.
        query: octets that came.
        answer: octets of the first message that was sent; None: silence.
        messages: how many were sent; several are a transfer.
        octets: of all messages that were sent.
    """

    time: float
    address: str
    port: int
    peer: Peer
    query: bytes
    answer: bytes | None
    messages: int
    octets: int

    @property
    def transport(self) -> Transport:
        """Return over what the query came."""
        return self.peer.transport

    @cached_property
    def question(self) -> tuple[Name, RdataType, RdataClass] | None:
        """Return qname, qtype and qclass; None if there is no question that can be read."""
        if len(self.query) < _HEADER.size or not _HEADER.unpack_from(self.query)[2]:
            return None
        try:
            name, length = from_wire(self.query, _HEADER.size)
            rdtype, rdclass = _QUESTION_TAIL.unpack_from(self.query, _HEADER.size + length)
        except (dns.exception.DNSException, ValueError, struct.error):
            return None
        return name, RdataType.make(rdtype), RdataClass.make(rdclass)

    @property
    def qname(self) -> Name | None:
        """Return the name that was asked for, if it can be read."""
        return None if self.question is None else self.question[0]

    @property
    def qtype(self) -> RdataType | None:
        """Return the type that was asked for, if it can be read."""
        return None if self.question is None else self.question[1]

    @property
    def opcode(self) -> Opcode | None:
        """Return the opcode of the query; None if it has no header."""
        if len(self.query) < _HEADER.size:
            return None
        return dns.opcode.from_flags(_HEADER.unpack_from(self.query)[1])

    @cached_property
    def rcode(self) -> Rcode | None:
        """Return the RCODE of the answer, upper bits included; None: silence."""
        if self.answer is None:
            return None
        _, flags, _, *counts = _HEADER.unpack_from(self.answer)
        # RFC 6891 section 6.1.3: the upper bits stand in OPT. Who has them is told nothing else.
        if counts[:2] == [0, 0] and counts[2] and self._answered is not None:
            return self._answered.rcode()
        return Rcode.make(flags & _RCODE_MASK)

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the names of the flags of the answer, e.g. ("QR", "AA")."""
        if self.answer is None:
            return ()
        flags = _HEADER.unpack_from(self.answer)[1]
        return tuple(name for name in _FLAG_NAMES if flags & dns.flags.Flag[name])

    @property
    def key(self) -> Name | None:
        """Return the name of the TSIG key of the query; None if it has none."""
        return None if self._asked is None or self._asked.tsig is None else self._asked.tsig.name

    @property
    def cookie(self) -> CookieOption | None:
        """Return the cookie of the query; None if it has none."""
        options = () if self._asked is None else self._asked.options
        return next((one for one in options if isinstance(one, CookieOption)), None)

    @property
    def wants_dnssec(self) -> bool:
        """Return whether the query has the DO bit."""
        return self._asked is not None and bool(self._asked.ednsflags & dns.flags.DO)

    @property
    def errors(self) -> tuple[int, ...]:
        """Return the codes of the Extended DNS Errors of the answer (RFC 8914)."""
        if self._answered is None:
            return ()
        return tuple(int(one.code) for one in self._answered.extended_errors())

    @cached_property
    def _asked(self) -> Message | None:
        return _decoded(self.query)

    @cached_property
    def _answered(self) -> Message | None:
        return None if self.answer is None else _decoded(self.answer)


def _decoded(wire: bytes) -> Message | None:
    """Return *wire* as a message, without judging its TSIG; None if it is malformed."""
    try:
        return dns.message.from_wire(wire, keyring=False)
    except (dns.exception.DNSException, ValueError, OverflowError):
        return None
