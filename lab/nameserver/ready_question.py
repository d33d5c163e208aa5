"""An ordinary question over UDP, read from its octets without a message object.

Decides: is this the plain form that nearly every query has: one question of class IN, perhaps an
OPT record without options, and nothing else? Whatever is not is left to `query`: it may be good,
too, as one with a cookie or a TSIG is, but its answer does not depend on the question alone.
"""

from typing import NamedTuple, TypeAlias

import dns.flags

from lab.nameserver.query import COMPACT_OK, UDP_PAYLOAD
from lab.nameserver.size import UDP_WITHOUT_EDNS

HEADER_OCTETS = 12
# QTYPE and QCLASS, behind the name of a question.
QUESTION_TAIL = 4

# RFC 1035 section 4.1.1: QR and OPCODE, which are 0 in a query; then RD.
_QR_AND_OPCODE = 0xF8
_RD = 0x01
# One question, no answer, nothing about authority; the first octet of ARCOUNT.
_COUNTS = b"\0\1\0\0\0\0\0"
_CLASS_IN = b"\0\1"
# RFC 6891 section 6.1.2: root, type 41; then size, upper RCODE and version, flags, no options.
_OPT_HEAD, _OPT_VERSION, _OPT_LENGTH, _OPT_OCTETS = b"\0\0\x29", b"\0\0", b"\0\0", 11
# Plain integers: to combine members of an enum takes as long as all the rest.
_DO = int(dns.flags.DO)
_EDNS_FLAGS = _DO | COMPACT_OK
# RFC 1035 section 2.3.4.
LABEL_LIMIT, NAME_LIMIT = 63, 255


class ReadyQuestion(NamedTuple):
    """Hold all of a plain query that its answer may depend on.

    It is a tuple, as one is made for each query and a dataclass takes five times as long.

    Attributes:
        name: the qname in wire form, in lower case.
        offsets: where in *name* its labels begin, the root left out.
        rdtype: the QTYPE.
        asked: the question as it came, in the asker's case: it stands in the answer, too.
        wants_recursion: the RD bit, which is copied as well.
        has_edns: there is an OPT record, so the answer has one.
        edns_flags: its DO and CO bits, which are copied; 0 without EDNS.
        room: how many octets the answer may have over UDP.
    """

    name: bytes
    offsets: tuple[int, ...]
    rdtype: int
    asked: bytes
    wants_recursion: int
    has_edns: bool
    edns_flags: int
    room: int

    @property
    def key(self) -> tuple[bytes, int, int]:
        """Return what is equal for those who ask the same, room and RD aside."""
        return self.name, self.rdtype, self.edns_flags | self.has_edns

    @property
    def wants_dnssec(self) -> bool:
        """Return whether the query has the DO bit."""
        return bool(self.edns_flags & _DO)


Manner: TypeAlias = tuple[int, bool, int]
"""How a question was asked, as it shows in the answer: RD bit, EDNS, DO and CO bits."""


def manner(question: ReadyQuestion) -> Manner:
    """Return how *question* was asked."""
    return question.wants_recursion, question.has_edns, question.edns_flags


def pull_question(wire: bytes) -> ReadyQuestion | None:
    """Return the question that *wire* asks, or None if it is no plain query."""
    if wire[4:11] != _COUNTS or wire[2] & _QR_AND_OPCODE:
        return None
    at, offsets = HEADER_OCTETS, []
    try:
        while length := wire[at]:
            if length > LABEL_LIMIT:
                return None
            offsets.append(at - HEADER_OCTETS)
            at += 1 + length
        at += 1
        end, additional = at + QUESTION_TAIL, wire[11]
    except IndexError:
        return None
    if at - HEADER_OCTETS > NAME_LIMIT or wire[at + 2 : end] != _CLASS_IN:
        return None
    if additional == 0 and len(wire) == end:
        has_edns, edns_flags, room = False, 0, UDP_WITHOUT_EDNS
    elif additional == 1 and _is_plain_opt(wire, end):
        has_edns = True
        edns_flags = (wire[end + 7] << 8 | wire[end + 8]) & _EDNS_FLAGS
        # RFC 6891 section 6.2.5.
        payload = wire[end + 3] << 8 | wire[end + 4]
        room = min(max(payload, UDP_WITHOUT_EDNS), UDP_PAYLOAD)
    else:
        return None
    return ReadyQuestion(
        wire[HEADER_OCTETS:at].lower(),
        tuple(offsets),
        wire[at] << 8 | wire[at + 1],
        wire[HEADER_OCTETS:end],
        wire[2] & _RD,
        has_edns,
        edns_flags,
        room,
    )


def _is_plain_opt(wire: bytes, at: int) -> bool:
    """Return whether *wire* ends with an OPT record at *at*: EDNS version 0, without options."""
    return (
        len(wire) == at + _OPT_OCTETS
        and wire[at : at + 3] == _OPT_HEAD
        and wire[at + 5 : at + 7] == _OPT_VERSION
        and wire[at + 9 :] == _OPT_LENGTH
    )
