"""The border to strangers: octets that claim to be a query.

Decides: is this a query that a server can answer, and what is sent back if it is not. Every
mistake is a `PeerError`; `push_refusal` then finds the code for it, or that silence is due.
"""

import struct
from enum import Enum

import dns.exception
import dns.flags
import dns.message
from dns.edns import OptionType
from dns.message import QueryMessage
from dns.name import NameTooLong, from_wire
from dns.opcode import Opcode
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.rules import Ede

# RFC 6891 section 6.2.3 leaves the size to the operator; 1232 octets never fragment (RFC 9715).
UDP_PAYLOAD = 1232
# IANA's registry of ALPN protocol IDs: DNS over TLS.
ALPN = "dot"
# RFC 9824 section 5.1: Compact Answers OK, the flag beside DO in the OPT record.
COMPACT_OK = 0x4000

_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_QUESTION_TAIL = 4
_LABEL_LIMIT = 63
_RECORDS_SEARCHED = 16
_OPCODE_SHIFT = 11
_OPCODE_MASK = 0xF


class Transport(Enum):
    """Name how a query came."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"


@dataclass(frozen=True, slots=True)
class Peer:
    """Describe who asks.

    Attributes:
        host: source address, in text.
        port: source port.
        transport: over what the query came.
        protocol: that was agreed on by ALPN (RFC 7301); empty if there is none.
    """

    host: str
    port: int
    transport: Transport
    protocol: str = ""


ANYBODY = Peer("127.0.0.1", 0, Transport.UDP)
"""Who asks a plain question plays no part: only cookies are judged by it, and it has none."""


def pull_query(wire: bytes) -> QueryMessage:
    """Return the query that *wire* holds: opcode QUERY, one question, all sections well formed.

    A query for a cookie alone has no question (RFC 7873 section 5.4).

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
    if not isinstance(message, QueryMessage) or not _asks_once(message):
        raise PeerError("it does not ask exactly one question", wire)
    return message


def _asks_once(message: QueryMessage) -> bool:
    # RFC 9619 section 4: more than one question is a FORMERR.
    if message.question:
        return len(message.question) == 1
    return any(one.otype == OptionType.COOKIE for one in message.options)


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
    if _opcode(wire) == Opcode.QUERY:
        return push_failure(wire, Rcode.FORMERR)
    return push_failure(wire, Rcode.NOTIMP, Ede.NOT_SUPPORTED)


def push_failure(wire: bytes, rcode: Rcode, *errors: Ede) -> bytes:
    """Return an answer that says *rcode*, and *errors* if there is EDNS; *wire* has a header."""
    question = _question_octets(wire)
    message_id, flags = _HEADER.unpack_from(wire)[:2]
    kept = flags & (_OPCODE_MASK << _OPCODE_SHIFT | dns.flags.RD)
    # RFC 6891 section 7: a FORMERR has an OPT record, too, if the query had one.
    opt = _opt_octets(errors) if _has_opt(wire) else b""
    counts = (1 if question else 0, 0, 0, 1 if opt else 0)
    return _HEADER.pack(message_id, dns.flags.QR | kept | rcode, *counts) + question + opt


def _opt_octets(errors: tuple[Ede, ...]) -> bytes:
    options = b"".join(struct.pack("!HHH", OptionType.EDE, 2, error) for error in errors)
    return b"\0" + _RECORD.pack(RdataType.OPT, UDP_PAYLOAD, 0, len(options)) + options


def _has_opt(wire: bytes) -> bool:
    """Return whether an OPT record can be found in octets that make no sense as a whole."""
    questions, *records = _HEADER.unpack_from(wire)[2:]
    at = _HEADER.size
    try:
        for _ in range(min(questions, _RECORDS_SEARCHED)):
            at = _end_of_name(wire, at) + _QUESTION_TAIL
        for _ in range(min(sum(records), _RECORDS_SEARCHED)):
            start = _end_of_name(wire, at)
            rdtype, _, _, length = _RECORD.unpack_from(wire, start)
            if rdtype == RdataType.OPT:
                return True
            at = start + _RECORD.size + length
    except (IndexError, struct.error):
        pass
    return False


def _end_of_name(wire: bytes, at: int) -> int:
    """Return where the name at *at* ends, without following pointers."""
    while wire[at]:
        if wire[at] > _LABEL_LIMIT:
            return at + 2
        at += 1 + wire[at]
    return at + 1


def _question_octets(wire: bytes) -> bytes:
    """Return the question as it came, if there is exactly one that can be read."""
    if _HEADER.unpack_from(wire)[2] != 1:
        return b""
    try:
        name, length = from_wire(wire, _HEADER.size)
    except (dns.exception.DNSException, NameTooLong, ValueError):
        return b""
    end = _HEADER.size + length + _QUESTION_TAIL
    # A compressed name would point into a header that is no longer the same.
    is_whole = end <= len(wire) and wire[_HEADER.size : _HEADER.size + length] == name.to_wire()
    return wire[_HEADER.size : end] if is_whole else b""
