"""The body of a "no", written in octets from the records that a draft of it would have.

Decides: where a name becomes a pointer (RFC 1035 section 4.1.4): to the place where what is left
of it was written for the first time. So does dnspython, and its octets are the same.
"""

import struct
from collections.abc import Iterable

import dns.flags
from dns.name import Name
from dns.rcode import Rcode
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.ANY.SOA import SOA

from lab.core.instant import Instant
from lab.core.rrsets import RRset, SignedRRset
from lab.dnssec.canonical import RRSIG_HEAD, name_octets, published_octets, wire_of
from lab.nameserver.ready_body import Body
from lab.nameserver.ready_question import HEADER_OCTETS, QUESTION_TAIL, ReadyQuestion
from lab.nameserver.tree import ServedZone

_FLAGS = int(dns.flags.QR | dns.flags.AA)
_RECORD = struct.Struct("!HHI")
_NUMBERS = struct.Struct("!5I")
_POINTERS = 0xC000
# A pointer has 14 bits.
_FARTHEST = 0x3FFF


def write_denial(
    served: ServedZone,
    question: ReadyQuestion,
    proof: Iterable[RRset],
    rcode: Rcode,
    now: Instant,
) -> Body:
    """Return the body of an answer without records: the SOA record, and the *proof* for it.

    Args:
        served: the zone that answers.
        question: who does not ask for DNSSEC gets no signatures.
        proof: NSEC or NSEC3 records.
        rcode: of the answer.
        now: the lab's present; decides the signatures' window.
    """
    soa, pen = served.zone.soa, _Pen(question)
    # RFC 2308 section 3: the SOA record of a "no" carries the TTL that the "no" may be kept for.
    for rrset in (RRset(soa.owner, soa.rdtype, served.zone.negative_ttl, soa.rdatas), *proof):
        signed = SignedRRset(rrset)
        if served.signer is not None and question.wants_dnssec:
            signed = served.signer.signed(rrset, now)
        pen.write(rrset.owner, rrset.ttl, rrset.rdatas)
        pen.write(rrset.owner, signed.rrsig_ttl, signed.rrsigs)
    return pen.body(_FLAGS | rcode)


def rdata_octets(rdata: Rdata) -> bytes:
    """Return RDATA in which no name is compressed, its letters as they are."""
    if not isinstance(rdata, RRSIG):
        return published_octets(rdata)
    head = RRSIG_HEAD.pack(
        rdata.type_covered,
        rdata.algorithm,
        rdata.labels,
        rdata.original_ttl,
        rdata.expiration,
        rdata.inception,
        rdata.key_tag,
    )
    return head + wire_of(rdata.signer) + rdata.signature


class _Pen:
    """Write an authority section behind one question."""

    def __init__(self, question: ReadyQuestion) -> None:
        name = question.name
        self._length = len(name)
        self._start = HEADER_OCTETS + len(name) + QUESTION_TAIL
        self._places = {name[at:]: HEADER_OCTETS + at for at in question.offsets}
        self._octets = bytearray()
        self._count = 0
        self._pointers: list[int] = []
        self._mentioned: set[bytes] = set()
        self._windows: list[tuple[int, int]] = []

    def write(self, owner: Name, ttl: int, rdatas: Iterable[Rdata]) -> None:
        """Write the records of one owner."""
        for rdata in rdatas:
            self._write_name(owner)
            self._octets += _RECORD.pack(rdata.rdtype, RdataClass.IN, ttl)
            at = len(self._octets)
            self._octets += b"\0\0"
            if isinstance(rdata, SOA):
                self._write_soa(rdata)
            else:
                self._octets += rdata_octets(rdata)
            if isinstance(rdata, RRSIG):
                self._windows.append((rdata.expiration, rdata.inception))
            self._octets[at : at + 2] = (len(self._octets) - at - 2).to_bytes(2, "big")
            self._count += 1

    def _write_soa(self, soa: SOA) -> None:
        self._write_name(soa.mname)
        self._write_name(soa.rname)
        self._octets += _NUMBERS.pack(soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum)

    def _write_name(self, name: Name) -> None:
        lower, octets, at = name_octets(name), wire_of(name), 0
        self._mentioned.add(lower)
        begin = self._start + len(self._octets)
        while length := lower[at]:
            place = self._places.get(lower[at:])
            if place is not None:
                self._pointers.append(len(self._octets) + at)
                self._octets += octets[:at] + (_POINTERS | place).to_bytes(2, "big")
                return
            if begin + at <= _FARTHEST:
                self._places[lower[at:]] = begin + at
            at += 1 + length
        self._octets += octets

    def body(self, flags: int) -> Body:
        """Return what is written."""
        behind = len(self._octets) - 2
        return Body(
            flags,
            (0, self._count, 0),
            bytes(self._octets),
            sum(1 << 8 * (behind - one) for one in self._pointers),
            self._length,
            frozenset(self._mentioned),
            tuple(self._windows),
        )
