"""A plain answer, read from its octets: one RRset as it was asked for, signed, and nothing odd.

Decides: which octets are records, and what stands in their RRSIGs. Whatever is not plain, as an
alias, a denial or a truncated message, is None here: `validator.reading` is for all responses, and
reads the same in what is read here.
"""

import struct
from functools import lru_cache
from typing import NamedTuple

import dns.name
import dns.rdata
from dns.exception import DNSException
from dns.flags import Flag
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.dnssec.canonical import RRSIG_HEAD, rdata_octets

_HEADER = struct.Struct("!2xHHHHH")
_TYPE_CLASS = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
# QR, opcode, TC and RCODE; AA, RA, AD and CD make no difference to a validator.
_DECISIVE = int(Flag.QR | 0x7800 | Flag.TC | 0x000F)
_PLAIN = int(Flag.QR)
_TO_QUESTION = b"\xc0\x0c"
_POINTER, _LONGEST_LABEL, _LONGEST_NAME = 0xC0, 63, 255
_LONGEST_TTL = 0x7FFFFFFF
_EXTENDED_RCODE = 0xFF000000
_OCTETS_OF_NAMES = 4096

# RDATA without names and without any form but a length: canonical as they are.
_OPAQUE = {
    RdataType.A: range(4, 5),
    RdataType.AAAA: range(16, 17),
    RdataType.DNSKEY: range(4, 65536),
}


class WireRrsig(NamedTuple):
    """Hold an RRSIG as far as it was taken apart (RFC 4034 section 3.1).

    Attributes:
        algorithm: of the key.
        labels: of the owner that was signed.
        original_ttl: seconds.
        expiration: a serial number.
        inception: a serial number.
        key_tag: a hint.
        signer: the signer name, uncompressed, in the case in which it was met.
        head: the RDATA before the signer name.
        signature: what is behind it.
    """

    algorithm: int
    labels: int
    original_ttl: int
    expiration: int
    inception: int
    key_tag: int
    signer: bytes
    head: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """Hold what is asked for, and the RRSIGs over it.

    Attributes:
        owner: the QNAME.
        rdtype: the QTYPE.
        ttl: the least one of its records, seconds.
        rdatas: RDATA as received, of which names may be compressed: where it begins and ends.
        canonical: the same in canonical form (RFC 4034 section 6.2), in order, each once.
        rrsigs: one at least, in the order in which they were met.
        rrsig_ttl: the least one of them, seconds.
        wire: the message.
    """

    owner: Name
    rdtype: RdataType
    ttl: int
    rdatas: tuple[tuple[int, int], ...]
    canonical: tuple[bytes, ...]
    rrsigs: tuple[WireRrsig, ...]
    rrsig_ttl: int
    wire: bytes

    def records(self) -> tuple[Rdata, ...]:
        """Return the records as dnspython has them."""
        return tuple(_decoded(self.wire, self.rdtype, *one) for one in self.rdatas)


def read_plain(wire: bytes, qname: Name, rdtype: RdataType) -> PlainAnswer | None:
    """Return what *wire* answers to the question; None if that is not plain.

    The question in *wire* is written as *qname* is, case included.
    """
    name = qname.to_wire()
    assert name is not None
    try:
        return _Reader(wire, name, rdtype).answer(qname)
    except (struct.error, IndexError, DNSException):
        return None


def _decoded(wire: bytes, rdtype: RdataType, begin: int, end: int) -> Rdata:
    return dns.rdata.from_wire(RdataClass.IN, rdtype, wire, begin, end - begin)


class _OddError(DNSException):
    """Report what is not plain."""


class _Reader:
    """Go through one message from its beginning to its end."""

    def __init__(self, wire: bytes, name: bytes, rdtype: RdataType) -> None:
        self._wire = wire
        self._name = name
        self._rdtype = rdtype
        self._at = _HEADER.size
        self._rdatas: list[tuple[int, int]] = []
        self._rrsigs: list[WireRrsig] = []
        self._ttls: list[int] = []
        self._rrsig_ttls: list[int] = []

    def answer(self, qname: Name) -> PlainAnswer:
        flags, questions, answers, authority, additional = _HEADER.unpack_from(self._wire)
        _demand(flags & _DECISIVE == _PLAIN and questions == 1)
        asked = self._name + _TYPE_CLASS.pack(self._rdtype, RdataClass.IN)
        _demand(self._wire.startswith(asked, self._at))
        self._at += len(asked)
        for _ in range(answers):
            self._take()
        self._pass_over(authority, additional)
        _demand(self._at == len(self._wire) and bool(self._rdatas and self._rrsigs))
        octets = [self._canonical(*one) for one in self._rdatas]
        canonical = tuple(sorted(set(octets)))
        # A record that comes twice is left to who has sets.
        _demand(len(canonical) == len(octets) and len(set(self._rrsigs)) == len(self._rrsigs))
        return PlainAnswer(
            qname,
            self._rdtype,
            min(self._ttls),
            tuple(self._rdatas),
            canonical,
            tuple(self._rrsigs),
            min(self._rrsig_ttls),
            self._wire,
        )

    def _take(self) -> None:
        """Take the next record of the answer section, of which all have to be of the question."""
        owner = _TO_QUESTION if self._wire.startswith(_TO_QUESTION, self._at) else self._name
        _demand(self._wire.startswith(owner, self._at))
        self._at += len(owner)
        rdtype, rdclass, ttl, begin, end = self._head()
        _demand(rdclass == RdataClass.IN and ttl <= _LONGEST_TTL)
        if rdtype == self._rdtype:
            self._rdatas.append((begin, end))
            self._ttls.append(ttl)
        else:
            _demand(rdtype == RdataType.RRSIG)
            self._rrsigs.append(_rrsig(self._wire[begin:end], self._rdtype))
            self._rrsig_ttls.append(ttl)

    def _head(self) -> tuple[int, int, int, int, int]:
        """Return type, class, TTL, begin and end of the RDATA, and go behind them."""
        rdtype, rdclass, ttl, size = _RECORD.unpack_from(self._wire, self._at)
        begin = self._at + _RECORD.size
        self._at = begin + size
        _demand(self._at <= len(self._wire))
        return rdtype, rdclass, ttl, begin, self._at

    def _pass_over(self, authority: int, additional: int) -> None:
        """Go behind the other sections: an answer in its own right needs nothing of them.

        But RFC 6891 section 6.1.3 has the upper bits of the RCODE there.
        """
        options = 0
        for number in range(authority + additional):
            at = self._at
            self._at = _behind_name(self._wire, at)
            rdtype, _, ttl, _, _ = self._head()
            if rdtype == RdataType.OPT:
                options += 1
                _demand(number >= authority and self._wire[at] == 0)
                _demand(not ttl & _EXTENDED_RCODE)
            _demand(rdtype != RdataType.TSIG)
        _demand(options <= 1)

    def _canonical(self, begin: int, end: int) -> bytes:
        sizes = _OPAQUE.get(self._rdtype)
        if sizes is None:
            return rdata_octets(_decoded(self._wire, self._rdtype, begin, end))
        _demand(end - begin in sizes)
        return self._wire[begin:end]


def _demand(plain: bool) -> None:  # noqa: FBT001 the one boolean that a condition comes to
    if not plain:
        raise _OddError


def _behind_name(wire: bytes, at: int) -> int:
    """Return where a name ends that begins at *at*, without following a pointer."""
    while length := wire[at]:
        if length >= _POINTER:
            return at + 2
        _demand(length <= _LONGEST_LABEL)
        at += 1 + length
    return at + 1


def _rrsig(rdata: bytes, covered: int) -> WireRrsig:
    """Return an RRSIG over *covered*, its signer name not compressed (RFC 4034 section 3.1.7)."""
    type_covered, *numbers = RRSIG_HEAD.unpack_from(rdata)
    _demand(type_covered == covered)
    begin = RRSIG_HEAD.size
    end = begin
    while length := rdata[end]:
        _demand(length <= _LONGEST_LABEL)
        end += 1 + length
    end += 1
    _demand(end - begin <= _LONGEST_NAME)
    algorithm, count, ttl, expiration, inception, tag = numbers
    names = rdata[begin:end], rdata[:begin], rdata[end:]
    return WireRrsig(algorithm, count, ttl, expiration, inception, tag, *names)


@lru_cache(_OCTETS_OF_NAMES)
def name_of(octets: bytes) -> Name:
    """Return the name that uncompressed *octets* are, in their case."""
    return dns.name.from_wire(octets, 0)[0]
