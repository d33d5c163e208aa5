"""Zone transfers out: the whole zone (RFC 5936), or what has changed (RFC 1995).

Decides: which records are sent in which order, and how they are cut into messages. Not: who may
have them (reception), and what the zone is (history).
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import dns.flags
from dns.message import Message
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.SOA import SOA
from dns.renderer import Renderer
from dns.serial import Serial

from lab.core.rrsets import RRset
from lab.dnssec.canonical import wire_of
from lab.nameserver.edns import begin, finish
from lab.nameserver.entries import Entry, entry_of
from lab.nameserver.exchange import Exchange
from lab.nameserver.history import History, Snapshot, Step
from lab.nameserver.query import Transport
from lab.nameserver.size import room

# Names can be compressed in the first 16 KiB of a message; more in one message gains nothing.
MESSAGE_SIZE = 16 * 1024
# What a TSIG may take away from the 65535 octets of a message.
MESSAGE_LIMIT = 65535 - 512

_HEADER = struct.Struct("!HHHHHH")
_QUESTION = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
# RFC 1035 section 4.1.4: a pointer is two octets, and two bits of them are set.
_POINTER, _POINTER_LIMIT = 0xC000, 0x4000


def transfer(exchange: Exchange, history: History) -> Iterable[bytes]:
    """Return the messages that answer an AXFR or IXFR query."""
    question = exchange.query.question[0]
    if question.rdtype == RdataType.AXFR:
        return _messages(exchange, whole(history.latest))
    serial = _serial_of(exchange.query)
    if serial is None:
        return (_failure(exchange, Rcode.FORMERR),)
    records = incremental(history, serial)
    if exchange.peer.transport is Transport.UDP:
        return (_datagram(exchange, records, history.latest.soa),)
    return _messages(exchange, records)


def by_tcp(exchange: Exchange, soa: RRset) -> Iterable[bytes]:
    """Return the answer to an IXFR over UDP that says: come by TCP (RFC 1995 section 2)."""
    return (next(_messages(exchange, (entry_of(soa),))),)


def whole(snapshot: Snapshot) -> Sequence[Entry]:
    """Return the records of a whole zone: the SOA, everything else, the SOA (RFC 5936 2.2)."""
    return (*snapshot.entries, snapshot.soa)


def incremental(history: History, serial: int) -> Sequence[Entry]:
    """Return what a secondary with *serial* is sent (RFC 1995 section 4)."""
    latest = history.latest
    # RFC 1995 section 2: who has this serial, or a greater one, gets one SOA.
    if not Serial(serial) < Serial(latest.serial):
        return (latest.soa,)
    steps = history.since(serial)
    # RFC 1995 section 4: whoever is too old gets the whole zone, as if it were AXFR.
    if steps is None or sum(one.size for one in steps) >= latest.size:
        return whole(latest)
    return (latest.soa, *_sequence(steps), latest.soa)


def _sequence(steps: Iterable[Step]) -> Iterator[Entry]:
    for step in steps:
        yield from step.removed
        yield from step.added


def _serial_of(query: Message) -> int | None:
    """Return the serial that the asker of an IXFR has (RFC 1995 section 3); None without."""
    for rrset in query.authority:
        if rrset.rdtype == RdataType.SOA and rrset.name == query.question[0].name:
            return cast("SOA", rrset[0]).serial
    return None


def _failure(exchange: Exchange, rcode: Rcode) -> bytes:
    response = begin(exchange)
    response.set_rcode(rcode)
    finish(exchange, response)
    wire: bytes = response.to_wire()
    return wire


def _datagram(exchange: Exchange, records: Sequence[Entry], soa: Entry) -> bytes:
    """Return the answer over UDP: all of it, or one SOA that says "come by TCP" (RFC 1995 2)."""
    messages = _messages(exchange, records)
    first = next(messages)
    if next(messages, None) is None and len(first) <= room(exchange):
        return first
    return next(_messages(exchange, (soa,)))


def _messages(exchange: Exchange, entries: Iterable[Entry]) -> Iterator[bytes]:
    """Iterate over the messages of a transfer; only the first one repeats question and OPT."""
    page = _Page(exchange)
    page.ask(exchange)
    for owner, rdtype, ttl, rdatas in entries:
        # Records of one RRset may be in several messages.
        for rdata in rdatas:
            if not page.add(owner, rdtype, ttl, rdata):
                yield page.close()
                page = _Page(exchange)
                page.add(owner, rdtype, ttl, rdata)
    yield page.close()


class _Page:
    """Fill one message."""

    def __init__(self, exchange: Exchange) -> None:
        query = exchange.query
        flags = dns.flags.QR | dns.flags.AA | (query.flags & dns.flags.RD)
        self._id, self._flags = query.id, int(flags)
        self._octets = bytearray(_HEADER.size)
        self._names: dict[bytes, bytes] = {}
        self._questions = self._records = 0
        self._opt = b""

    def ask(self, exchange: Exchange) -> None:
        """Repeat the question (RFC 5936 section 2.2.1), and answer its EDNS (section 2.2.5)."""
        question = exchange.query.question[0]
        self._octets += self._compressed(wire_of(question.name))
        self._octets += _QUESTION.pack(question.rdtype, question.rdclass)
        self._questions = 1
        response = begin(exchange)
        finish(exchange, response)
        if response.opt is not None:
            renderer = Renderer()
            renderer.add_opt(response.opt)
            self._opt = renderer.output.getvalue()[_HEADER.size :]

    def add(self, owner: bytes, rdtype: int, ttl: int, rdata: bytes) -> bool:
        """Add a record; return False if the message is full without it."""
        used = len(self._octets)
        length = len(owner) + _RECORD.size + len(rdata) + len(self._opt)
        if self._records and (used >= MESSAGE_SIZE or used + length > MESSAGE_LIMIT):
            return False
        self._octets += self._compressed(owner)
        self._octets += _RECORD.pack(rdtype, RdataClass.IN, ttl, len(rdata))
        self._octets += rdata
        self._records += 1
        return True

    def _compressed(self, name: bytes) -> bytes:
        """Return *name*, which comes next, with a pointer to where its end stands already."""
        small, here, at = name.lower(), len(self._octets), 0
        while small[at]:
            pointer = self._names.get(small[at:])
            if pointer is not None:
                return name[:at] + pointer
            if here + at < _POINTER_LIMIT:
                self._names[small[at:]] = (_POINTER | here + at).to_bytes(2, "big")
            at += 1 + small[at]
        return name

    def close(self) -> bytes:
        """Return the message."""
        counts = (self._questions, self._records, 0, int(bool(self._opt)))
        _HEADER.pack_into(self._octets, 0, self._id, self._flags, *counts)
        return bytes(self._octets) + self._opt
