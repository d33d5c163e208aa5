"""An answer in octets that fits whoever asks the same: all but ID, RD and the question itself.

The question stands in front in the asker's case, and names in the answer point to it (RFC 1035
section 4.1.4): so one body serves every case and every ID.
"""

import struct
from typing import NamedTuple

from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.nameserver.query import UDP_PAYLOAD
from lab.nameserver.ready_question import HEADER_OCTETS, ReadyQuestion

# An answer without signatures does not change with time.
FOREVER = Instant(1 << 62)
# Where the name of a question stands in every message, for pointers to it.
QNAME_POINTER = 0xC000 | HEADER_OCTETS

_HEAD = struct.Struct("!HHHHH")
_OPT = struct.Struct("!BHHIH")
# A plain integer, as a packer has to ask an enum for its number.
_OPT_TYPE = int(RdataType.OPT)
_RD_SHIFT = 8
_RD = 1 << _RD_SHIFT
_ID_OCTETS = 2


class ReadyAnswer(NamedTuple):
    """Hold what is sent to everyone who asks one question in one way.

    Attributes:
        flags: of the header, QR to RCODE, 16 bits, but without RD.
        counts: how many records stand in answer, authority and additional section, OPT included.
        body: the sections behind the question.
        until: the first moment at which the answer may be another one.
    """

    flags: int
    counts: tuple[int, int, int]
    body: bytes
    until: Instant

    def octets(self, question: ReadyQuestion) -> bytes:
        """Return the message for *question*, without its ID."""
        return self.head(question.wants_recursion) + question.asked + self.body

    def head(self, wants_recursion: int) -> bytes:
        """Return the header without its ID, for a question with this RD bit."""
        return _HEAD.pack(self.flags | wants_recursion << _RD_SHIFT, 1, *self.counts)


def pull_answer(question: ReadyQuestion, message: bytes, until: Instant) -> ReadyAnswer:
    """Return what *message*, which answers *question* until a moment, tells others who ask it."""
    flags, _, *counts = _HEAD.unpack_from(message, _ID_OCTETS)
    answer, authority, additional = counts
    body = message[HEADER_OCTETS + len(question.asked) :]
    return ReadyAnswer(flags & ~_RD, (answer, authority, additional), body, until)


def push_opt(question: ReadyQuestion) -> bytes:
    """Return the OPT record of an answer that has no options; nothing if there was no EDNS."""
    return plain_opt(question.edns_flags) if question.has_edns else b""


def plain_opt(edns_flags: int) -> bytes:
    """Return an OPT record without options."""
    return _OPT.pack(0, _OPT_TYPE, UDP_PAYLOAD, edns_flags, 0)
