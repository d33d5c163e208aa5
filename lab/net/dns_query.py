"""One query as octets, and what counts as a response to it (RFC 5452 section 9).

An attacker who cannot see the query must guess its ID, its port and the case of each letter of the
name: a server gives the question back octet for octet (draft-vixie-dnsext-dns0x20).
"""

import struct
from enum import Enum

import dns.flags
from dns.edns import OptionType
from dns.message import Message
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.core.message import Undecoded
from lab.core.question import Question, Role

HEADER_OCTETS = 12

_HEADER = struct.Struct("!2xHH")
_REST_OF_HEADER = struct.Struct("!HHHHH")
_TYPE_CLASS = struct.Struct("!HH")
_OPT = struct.Struct("!BHHBBHH")
_OPTION = struct.Struct("!HH")
_QR_OPCODE = dns.flags.QR | 0x7800
_WITHOUT_QUESTION = frozenset({Rcode.FORMERR, Rcode.SERVFAIL, Rcode.NOTIMP, Rcode.REFUSED})
# Upper and lower case of an ASCII letter differ in this bit.
_CASE_BITS = bytes(0x20 if chr(one).isascii() and chr(one).isalpha() else 0 for one in range(256))


class Edns(Enum):
    """Say what a query offers: UDP payload sizes (DNS flag day 2020; RFC 1035), or no EDNS."""

    USUAL = 1232
    SMALL = 512
    NONE = 0


class NotResponse(Enum):
    """Tell why octets that came in are no response."""

    STRANGE = "of another query"
    CASE_LOST = "the letters of the name came back in another case"


@dataclass(frozen=True, slots=True)
class Sent:
    """Hold one query, as it goes out.

    Attributes:
        name: octets of the QNAME, in the case that the asker wrote.
        wire: the query, with letters of the name in random case.
    """

    name: bytes
    wire: bytes

    def response(self, wire: bytes) -> Message | NotResponse:
        """Return the message that *wire* holds, if it is a response to this query.

        It is decoded when somebody looks into it.
        The name of the question is put back into the case of the asker before decoding, so that
        names which are compressed to it are written as he knows them.
        """
        message = self.in_stream(wire)
        if message is None:
            return NotResponse.STRANGE
        end = HEADER_OCTETS + len(self.name)
        same = wire[HEADER_OCTETS:end] == self.wire[HEADER_OCTETS:end]
        return message if same or not message.question else NotResponse.CASE_LOST

    def in_stream(self, wire: bytes) -> Message | None:
        """Return the same for a TCP stream, into which none can write unseen: case is no matter."""
        if len(wire) < HEADER_OCTETS or wire[:2] != self.wire[:2]:
            return None
        flags, questions = _HEADER.unpack_from(wire)
        if flags & _QR_OPCODE != dns.flags.QR:
            return None
        end = HEADER_OCTETS + len(self.name)
        if questions:
            own = wire[HEADER_OCTETS:end].lower() == self.name.lower()
            what = slice(end, end + _TYPE_CLASS.size)
            if questions > 1 or not own or wire[what] != self.wire[what]:
                return None
            wire = wire[:HEADER_OCTETS] + self.name + wire[end:]
        message = Undecoded(wire)
        # Some servers do not repeat the question of what they do not answer.
        return message if questions or message.rcode() in _WITHOUT_QUESTION else None


def make_query(question: Question, edns: Edns, entropy: Entropy, block: int = 0) -> Sent:
    """Return a query for *question* with a fresh ID and fresh cases.

    Args:
        question: what is asked of whom.
        edns: what to offer.
        entropy: for ID and cases.
        block: the query is padded to a multiple of it (RFC 7830); 0 for no padding.
    """
    name = question.qname.to_wire()
    assert name is not None
    chance = entropy.bytes(2 + len(name))
    # RFC 6840 section 5.9: a validator that forwards sets CD, to be given bogus data, too.
    recursive = question.server.role is Role.RECURSIVE
    flags = dns.flags.RD | dns.flags.CD if recursive else 0
    head = chance[:2] + _REST_OF_HEADER.pack(flags, 1, 0, 0, edns is not Edns.NONE)
    asked = _mixed(name, chance[2:]) + _TYPE_CLASS.pack(question.rdtype, RdataClass.IN)
    wire = head + asked
    return Sent(name, wire if edns is Edns.NONE else wire + _opt(edns, block, len(wire)))


def _opt(edns: Edns, block: int, before: int) -> bytes:
    """Return the OPT record with DO (RFC 6891 section 6.1.2), padded with what is *before* it."""
    padding = b""
    if block:
        size = -(before + _OPT.size + _OPTION.size) % block
        padding = _OPTION.pack(OptionType.PADDING, size) + bytes(size)
    return _OPT.pack(0, RdataType.OPT, edns.value, 0, 0, dns.flags.DO, len(padding)) + padding


def _mixed(name: bytes, chance: bytes) -> bytes:
    """Return a name on the wire with each letter in the case that one bit of *chance* says.

    The lengths of labels are below all letters.
    """
    letters = int.from_bytes(name.translate(_CASE_BITS), "big")
    turned = int.from_bytes(name, "big") ^ (letters & int.from_bytes(chance, "big"))
    return turned.to_bytes(len(name), "big")
