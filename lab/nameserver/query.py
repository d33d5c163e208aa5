"""The border to strangers: octets that claim to be a query.

Decides: is this a query that a server can answer, and what is sent back if it is not. Every
mistake is a `PeerError`; `push_refusal` then finds the code for it, or that silence is due.
"""

import struct
from dataclasses import dataclass
from enum import Enum

import dns.exception
import dns.flags
import dns.message
from dns.message import QueryMessage
from dns.name import NameTooLong, from_wire
from dns.opcode import Opcode
from dns.rcode import Rcode

from lab.core.errors import PeerError

_HEADER = struct.Struct("!HHHHHH")
_OPCODE_SHIFT = 11
_OPCODE_MASK = 0xF


class Transport(Enum):
    """Name how a query came."""

    UDP = "UDP"
    TCP = "TCP"


@dataclass(frozen=True, slots=True)
class Peer:
    """Describe who asks.

    Attributes:
        host: source address, in text.
        port: source port.
        transport: UDP or TCP.
    """

    host: str
    port: int
    transport: Transport


def pull_query(wire: bytes) -> QueryMessage:
    """Return the query that *wire* holds: opcode QUERY, one question, all sections well formed.

    Raises:
        PeerError: it is anything else.
    """
    if len(wire) < _HEADER.size:
        raise PeerError("shorter than a DNS header", wire)
    if _opcode(wire) != Opcode.QUERY or _is_response(wire):
        raise PeerError("not a query", wire)
    try:
        message = dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError, OverflowError) as error:
        raise PeerError(f"malformed: {error}", wire) from error
    if not isinstance(message, QueryMessage) or len(message.question) != 1:
        raise PeerError("it does not ask exactly one question", wire)
    return message


def _is_response(wire: bytes) -> bool:
    return bool(_HEADER.unpack_from(wire)[1] & dns.flags.QR)


def _opcode(wire: bytes) -> int:
    flags: int = _HEADER.unpack_from(wire)[1]
    return flags >> _OPCODE_SHIFT & _OPCODE_MASK


def push_refusal(wire: bytes) -> bytes | None:
    """Return the answer to octets that `pull_query` refused, or None for silence.

    A response is never answered, or two servers could talk for ever; without an ID there is
    nothing to answer to. NOTIMP for other opcodes, FORMERR for the rest (RFC 1035 section 4.1.1).
    """
    if len(wire) < _HEADER.size or _is_response(wire):
        return None
    return push_failure(wire, Rcode.FORMERR if _opcode(wire) == Opcode.QUERY else Rcode.NOTIMP)


def push_failure(wire: bytes, rcode: Rcode) -> bytes:
    """Return an answer that says *rcode* and nothing else; *wire* has at least a header."""
    question = _question_octets(wire)
    message_id, flags = _HEADER.unpack_from(wire)[:2]
    kept = flags & (_OPCODE_MASK << _OPCODE_SHIFT | dns.flags.RD)
    counts = (1 if question else 0, 0, 0, 0)
    return _HEADER.pack(message_id, dns.flags.QR | kept | rcode, *counts) + question


def _question_octets(wire: bytes) -> bytes:
    """Return the question as it came, if there is exactly one that can be read."""
    if _HEADER.unpack_from(wire)[2] != 1:
        return b""
    try:
        name, length = from_wire(wire, _HEADER.size)
    except (dns.exception.DNSException, NameTooLong, ValueError):
        return b""
    end = _HEADER.size + length + 4
    # A compressed name would point into a header that is no longer the same.
    is_whole = end <= len(wire) and wire[_HEADER.size : _HEADER.size + length] == name.to_wire()
    return wire[_HEADER.size : end] if is_whole else b""
