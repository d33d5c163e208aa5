"""One query as octets, and what counts as a response to it (RFC 5452 section 9).

An attacker who cannot see the query must guess its ID, its port and the case of each letter of the
name: a server gives the question back octet for octet (draft-vixie-dnsext-dns0x20).
"""

from dataclasses import dataclass
from enum import Enum

import dns.exception
import dns.flags
import dns.message
from dns.message import Message

from lab.core.entropy import Entropy
from lab.core.message import pull_message
from lab.core.question import Question, Role

HEADER_OCTETS = 12


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
        message: the query, the name in the case that the asker wrote.
        wire: the same with letters of the name in random case.
    """

    message: Message
    wire: bytes

    def response(self, wire: bytes) -> Message | NotResponse:
        """Return the message that *wire* holds, if it is a readable response to this query.

        A record that cannot be read is left out; that it is missing is for the validator to judge.
        The name of the question is put back into the case of the asker before decoding, so that
        names which are compressed to it are written as he knows them.
        """
        message = self.in_stream(wire)
        if message is None:
            return NotResponse.STRANGE
        end = HEADER_OCTETS + len(self._name)
        same = wire[HEADER_OCTETS:end] == self.wire[HEADER_OCTETS:end]
        return message if same or not message.question else NotResponse.CASE_LOST

    def in_stream(self, wire: bytes) -> Message | None:
        """Return the same for a TCP stream, into which none can write unseen: case is no matter."""
        end = HEADER_OCTETS + len(self._name)
        if wire[HEADER_OCTETS:end].lower() == self._name.lower():
            wire = wire[:HEADER_OCTETS] + self._name + wire[end:]
        try:
            message = pull_message(wire)
        except (dns.exception.DNSException, ValueError):
            return None
        return message if self.message.is_response(message) else None

    @property
    def _name(self) -> bytes:
        octets = self.message.question[0].name.to_wire()
        assert octets is not None
        return octets


def make_query(question: Question, edns: Edns, entropy: Entropy, block: int = 0) -> Sent:
    """Return a query for *question* with a fresh ID and fresh cases.

    Args:
        question: what is asked of whom.
        edns: what to offer.
        entropy: for ID and cases.
        block: the query is padded to a multiple of it (RFC 7830); 0 for no padding.
    """
    message = dns.message.make_query(
        question.qname, question.rdtype, id=int.from_bytes(entropy.bytes(2), "big")
    )
    if edns is not Edns.NONE:
        message.use_edns(0, dns.flags.DO, edns.value, pad=block)
    # RFC 6840 section 5.9: a validator that forwards sets CD, to be given bogus data, too.
    recursive = question.server.role is Role.RECURSIVE
    message.flags = dns.flags.Flag(dns.flags.RD | dns.flags.CD if recursive else 0)
    wire = message.to_wire()
    end = HEADER_OCTETS + len(question.qname.to_wire() or b"")
    return Sent(
        message, wire[:HEADER_OCTETS] + _mixed(wire[HEADER_OCTETS:end], entropy) + wire[end:]
    )


def _mixed(name: bytes, entropy: Entropy) -> bytes:
    """Return a name on the wire with each letter in random case; lengths are below all letters."""
    bits = int.from_bytes(entropy.bytes(len(name) // 8 + 1), "big")
    turned = (
        octet ^ 0x20 if chr(octet).isascii() and chr(octet).isalpha() and bits >> n & 1 else octet
        for n, octet in enumerate(name)
    )
    return bytes(turned)
