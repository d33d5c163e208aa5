"""The sections of one answer, ready to stand behind other questions that get the same records.

Decides: where names in them are pointers (RFC 1035 section 4.1.4), and which these become behind a
longer or shorter qname. Not: who gets the same records (ready_denial).
"""

import struct
from collections.abc import Iterator, Mapping

from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.nameserver.ready_question import HEADER_OCTETS, QUESTION_TAIL

_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_TIMES = struct.Struct("!II")
_POINTER = 0xC0
_RD = 0x0100

# How many octets stand before the names in the RDATA of a type, and how many names they are; in
# others names are never compressed (RFC 3597 section 4).
_NAMES: Mapping[int, tuple[int, int]] = {
    RdataType.NS: (0, 1),
    RdataType.CNAME: (0, 1),
    RdataType.SOA: (0, 2),
    RdataType.PTR: (0, 1),
    RdataType.MX: (2, 1),
}
# Its name stands behind other fields, and dnspython compresses it nevertheless.
_UNREAD = RdataType.AMTRELAY
_TIMES_AT = 8


@dataclass(frozen=True, slots=True)
class Body:
    """Hold what stands behind the question of one answer, without the OPT record.

    Attributes:
        flags: of the header, without RD.
        counts: records in answer, authority and additional section.
        octets: the three sections.
        pointers: a number as long as *octets*: 1 in each pointer that moves with the length of
            the qname, 0 elsewhere.
        length: octets of the qname that it was made for.
        mentioned: names, lower-cased, which a qname could share labels with: owners but for those
            of the answer section, and names in RDATA that may be compressed.
        windows: expiration and inception of each RRSIG.
    """

    flags: int
    counts: tuple[int, int, int]
    octets: bytes
    pointers: int
    length: int
    mentioned: frozenset[bytes]
    windows: tuple[tuple[int, int], ...]

    def behind(self, length: int) -> bytes:
        """Return the sections as they stand behind a qname of *length* octets."""
        if length == self.length:
            return self.octets
        # What pointers lead to, the tail of the qname and names in the body, moves equally far: so
        # one addition moves all pointers, and none is so great that it would carry.
        number = int.from_bytes(self.octets, "big") + (length - self.length) * self.pointers
        return number.to_bytes(len(self.octets), "big")


def pull_body(message: bytes) -> Body | None:
    """Return the body of *message*, a well formed answer of ours; None: it cannot be used again."""
    _, flags, _, answers, authorities, others = _HEADER.unpack_from(message)
    start = _pull_name(message, HEADER_OCTETS)[1] + QUESTION_TAIL
    sections = [0] * answers + [1] * authorities + [2] * others
    counts, at = [0, 0, 0], start
    pointers: list[int] = []
    mentioned: set[bytes] = set()
    windows = []
    for section in sections:
        owner, end, pointer = _pull_name(message, at)
        rdtype, _, _, size = _RECORD.unpack_from(message, end)
        rdata = end + _RECORD.size
        if rdtype == RdataType.OPT:
            # It is always the last one, and has no options if nobody asked for any.
            if size:
                return None
            break
        if rdtype == _UNREAD:
            return None
        counts[section] += 1
        if section:
            mentioned.add(owner)
        if pointer and (section or not _points_to_qname(message, pointer)):
            pointers.append(pointer)
        for name, place in _names(message, rdtype, rdata):
            mentioned.add(name)
            pointers += [place] if place else []
        if rdtype == RdataType.RRSIG:
            windows.append(_TIMES.unpack_from(message, rdata + _TIMES_AT))
        at = rdata + size
    return Body(
        flags & ~_RD,
        (counts[0], counts[1], counts[2]),
        message[start:at],
        sum(1 << 8 * (at - one - 2) for one in pointers),
        start - QUESTION_TAIL - HEADER_OCTETS,
        frozenset(mentioned),
        tuple(windows),
    )


def _points_to_qname(message: bytes, at: int) -> bool:
    return message[at] == _POINTER and message[at + 1] == HEADER_OCTETS


def _names(message: bytes, rdtype: int, at: int) -> Iterator[tuple[bytes, int]]:
    """Iterate over the names in RDATA that may be compressed, and where their pointers stand."""
    before, number = _NAMES.get(rdtype, (0, 0))
    at += before
    for _ in range(number):
        name, at, pointer = _pull_name(message, at)
        yield name, pointer


def _pull_name(message: bytes, at: int) -> tuple[bytes, int, int]:
    """Return the name at *at* (lower case), where it ends, and where its pointer stands or 0."""
    labels, end, pointer = [], 0, 0
    while length := message[at]:
        if length >= _POINTER:
            if not end:
                end, pointer = at + 2, at
            at = (length & ~_POINTER) << 8 | message[at + 1]
        else:
            labels.append(message[at : at + 1 + length])
            at += 1 + length
    return b"".join([*labels, b"\0"]).lower(), end or at + 1, pointer
