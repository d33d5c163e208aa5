"""Zone transfers out: the whole zone (RFC 5936), or what has changed (RFC 1995).

Decides: which records are sent in which order, and how they are cut into messages. Not: who may
have them (reception), and what the zone is (history).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

import dns.flags
import dns.rrset
from dns.exception import TooBig
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.SOA import SOA
from dns.renderer import ANSWER, Renderer
from dns.serial import Serial

from lab.core.rrsets import RRset
from lab.nameserver.edns import begin, finish
from lab.nameserver.exchange import Exchange
from lab.nameserver.history import History, Snapshot, Step
from lab.nameserver.query import Transport
from lab.nameserver.size import room

# Names can be compressed in the first 16 KiB of a message; more in one message gains nothing.
MESSAGE_SIZE = 16 * 1024
# What a TSIG may take away from the 65535 octets of a message.
MESSAGE_LIMIT = 65535 - 512


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


def whole(snapshot: Snapshot) -> Sequence[RRset]:
    """Return the records of a whole zone: the SOA, everything else, the SOA (RFC 5936 2.2)."""
    return (*snapshot.rrsets, snapshot.soa)


def incremental(history: History, serial: int) -> Sequence[RRset]:
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


def _sequence(steps: Iterable[Step]) -> Iterator[RRset]:
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


def _datagram(exchange: Exchange, records: Sequence[RRset], soa: RRset) -> bytes:
    """Return the answer over UDP: all of it, or one SOA that says "come by TCP" (RFC 1995 2)."""
    messages = _messages(exchange, records)
    first = next(messages)
    if next(messages, None) is None and len(first) <= room(exchange):
        return first
    return next(_messages(exchange, (soa,)))


def _messages(exchange: Exchange, records: Iterable[RRset]) -> Iterator[bytes]:
    """Iterate over the messages of a transfer; only the first one repeats question and OPT."""
    page = _Page(exchange)
    page.ask()
    for rrset in records:
        for piece in _pieces(rrset):
            if not page.add(piece):
                yield page.close()
                page = _Page(exchange)
                page.add(piece)
    yield page.close()


def _pieces(rrset: RRset) -> Iterator[RRset]:
    """Iterate over parts of an RRset that are small enough: a message may end between records."""
    if len(rrset.rdatas) == 1:
        yield rrset
        return
    for rdata in rrset.rdatas:
        yield replace(rrset, rdatas=(rdata,))


class _Page:
    """Fill one message."""

    def __init__(self, exchange: Exchange) -> None:
        response = begin(exchange)
        finish(exchange, response)
        self._response = response
        self._opt: dns.rrset.RRset | None = None
        flags = int(response.flags) | dns.flags.AA
        self._renderer = Renderer(response.id, flags, MESSAGE_LIMIT)

    def ask(self) -> None:
        """Repeat the question (RFC 5936 section 2.2.1), and answer its EDNS (section 2.2.5)."""
        question = self._response.question[0]
        self._renderer.add_question(question.name, question.rdtype, question.rdclass)
        self._opt = self._response.opt

    def add(self, rrset: RRset) -> bool:
        """Add records; return False if the message is full without them."""
        used = self._renderer.output.tell()
        if used >= MESSAGE_SIZE:
            return False
        try:
            self._renderer.add_rrset(ANSWER, rrset.to_dns(), want_shuffle=False)
        except TooBig:
            return False
        return True

    def close(self) -> bytes:
        """Return the message."""
        if self._opt is not None:
            self._renderer.add_opt(self._opt)
        self._renderer.write_header()
        wire: bytes = self._renderer.get_wire()
        return wire
