"""The reception of one address: who calls, what do they want, who deals with it.

Decides: is the TSIG right (NOTAUTH otherwise), which kind of message is it, and may this caller ask
for that (REFUSED otherwise). Queries go to `NameServer`, everything else to the `Desk`; what comes
back is sealed with the key of the request.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import partial

import dns.flags
import dns.message
from dns.message import Message, QueryMessage
from dns.name import Name
from dns.opcode import Opcode
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.update import UpdateMessage

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rules import Ede
from lab.nameserver.access import Access, Caller
from lab.nameserver.edns import begin, finish
from lab.nameserver.exchange import Exchange
from lab.nameserver.query import ALPN, Peer, Transport, push_failure
from lab.nameserver.server import NameServer
from lab.nameserver.size import UDP_WITHOUT_EDNS, datagram_room
from lab.nameserver.tsig import Keys, Opened, open_message
from lab.nameserver.update import May, Outcome

_HEADER = struct.Struct("!HHHHHH")
_TRANSFERS = frozenset({RdataType.AXFR, RdataType.IXFR})
# RFC 9859 section 4: a NOTIFY for these goes to the parent, and names the child.
_FOR_THE_PARENT = frozenset({RdataType.CDS, RdataType.CSYNC})
_NO_ACCESS = Access()
_NO_FLAGS = dns.flags.Flag(0)

Transferring = Callable[[Exchange, Caller], Iterable[bytes]]
"""Answers an AXFR or IXFR that is allowed, in as many messages as it takes, with NOT_YET among them
over a stream."""

Notified = Callable[[Name, RdataType, Caller], None]
"""Is told of a NOTIFY that was acknowledged."""

Updating = Callable[[UpdateMessage, May], Outcome]
"""Does a dynamic update, as far as the sender may: all of it or nothing, before it returns."""


def _no_transfer(exchange: Exchange, _caller: Caller) -> Iterable[bytes]:
    """Serve no zone whole."""
    return (push_failure(exchange.query.to_wire(), Rcode.REFUSED),)


def _unheard(_name: Name, _rdtype: RdataType, _caller: Caller) -> None:
    """Do nothing about a NOTIFY."""


def _no_update(_message: UpdateMessage, _may: May) -> Outcome:
    """Refuse every update."""
    return Outcome(Rcode.NOTIMP)


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold those who deal with what is no ordinary query.

    Attributes:
        transfer: for AXFR and IXFR.
        notified: for NOTIFY.
        update: for UPDATE.
    """

    transfer: Transferring = _no_transfer
    notified: Notified = _unheard
    update: Updating = _no_update


@dataclass(frozen=True, slots=True)
class Reception:
    """Receive the messages to one address.

    Attributes:
        names: answers queries.
        access: apex to access lists; nobody may do anything with a zone without them.
        keys: the shared TSIG keys.
        desk: deals with transfers, notifications and updates.
    """

    names: NameServer
    access: Mapping[Name, Access] = field(default_factory=dict)
    keys: Keys = field(default_factory=dict)
    desk: Desk = field(default_factory=Desk)

    def receive(self, wire: bytes, peer: Peer, now: Instant, real_now: int) -> Iterable[bytes]:
        """Return the messages to send: none is silence, several are a transfer.

        Args:
            wire: one DNS message, without the length octets of TCP.
            peer: who sends it, and over which transport.
            now: the lab's present.
            real_now: real time, seconds, for TSIG.
        """
        if len(wire) < _HEADER.size or _flags(wire) & dns.flags.QR:
            return ()
        try:
            opened = open_message(wire, self.keys, real_now)
        except PeerError:
            return (push_failure(wire, Rcode.FORMERR),)
        if opened.seal is None:
            return self._dispatch(opened, peer, now)
        if opened.refused:
            # RFC 8945 section 5.2: whatever is wrong with the TSIG, the RCODE is NOTAUTH.
            return (opened.seal.sealed(push_failure(opened.wire, Rcode.NOTAUTH)),)
        answers = self._dispatch(opened, peer, now)
        if peer.transport is Transport.UDP:
            room = _room(opened.wire) - opened.seal.room()
            answers = [one if len(one) <= room else _truncated(opened.wire, one) for one in answers]
        return opened.seal.each(answers)

    def _dispatch(self, opened: Opened, peer: Peer, now: Instant) -> Iterable[bytes]:
        if _is_ordinary(opened.wire):
            answer = self.names.respond(opened.wire, peer, now)
            return () if answer is None else (answer,)
        try:
            message = _pull(opened.wire)
        except PeerError:
            return (push_failure(opened.wire, Rcode.FORMERR),)
        call = _Call(Exchange(message, peer, now, self.names.service), Caller(peer, opened.key))
        mistake = _mistake(message)
        if mistake:
            return call.answered(mistake)
        if isinstance(message, UpdateMessage):
            return self._update(message, call)
        if isinstance(message, QueryMessage):
            return self._transfer(message, call)
        return self._notify(call)

    def _transfer(self, query: QueryMessage, call: "_Call") -> Iterable[bytes]:
        question = query.question[0]
        if question.name not in self.names.zones or question.rdclass != RdataClass.IN:
            # RFC 5936 section 2.2.1: whoever is not authoritative for the zone says NOTAUTH.
            return call.answered(Rcode.NOTAUTH, Ede.NOT_AUTHORITATIVE)
        if not self._access(question.name).transfer.allows(call.caller):
            return call.answered(Rcode.REFUSED, Ede.PROHIBITED)
        if call.caller.peer.transport is Transport.TLS and call.caller.peer.protocol != ALPN:
            # RFC 9103 section 7.1: for a transfer over TLS, "dot" is agreed on by ALPN.
            return call.answered(Rcode.REFUSED, Ede.NOT_SUPPORTED)
        if question.rdtype == RdataType.AXFR and call.is_datagram:
            # RFC 5936 section 4.2: there is no AXFR over UDP.
            return call.answered(Rcode.FORMERR)
        return self.desk.transfer(call.exchange, call.caller)

    def _notify(self, call: "_Call") -> Iterable[bytes]:
        question = call.exchange.query.question[0]
        if not self._concerns_us(question.name, question.rdtype):
            return call.answered(Rcode.NOTAUTH, Ede.NOT_AUTHORITATIVE)
        self.desk.notified(question.name, question.rdtype, call.caller)
        return call.answered(Rcode.NOERROR, flags=dns.flags.AA)

    def _concerns_us(self, name: Name, rdtype: RdataType) -> bool:
        if rdtype in _FOR_THE_PARENT:
            return any(name != apex and name.is_subdomain(apex) for apex in self.names.zones)
        return name in self.names.zones

    def _update(self, message: UpdateMessage, call: "_Call") -> Iterable[bytes]:
        zone = message.zone[0]
        if zone.rdtype != RdataType.SOA:
            # RFC 2136 section 3.1.1.
            return call.answered(Rcode.FORMERR)
        if zone.name not in self.names.zones:
            return call.answered(Rcode.NOTAUTH, Ede.NOT_AUTHORITATIVE)
        access = self._access(zone.name)
        if not access.may_update(call.caller):
            return call.answered(Rcode.REFUSED, Ede.PROHIBITED)
        outcome = self.desk.update(message, partial(access.may_change, call.caller))
        return call.answered(outcome.rcode, *(() if outcome.ede is None else (outcome.ede,)))

    def _access(self, apex: Name) -> Access:
        return self.access.get(apex, _NO_ACCESS)


@dataclass(frozen=True, slots=True)
class _Call:
    """Hold a message that is no ordinary query, and who sent it."""

    exchange: Exchange
    caller: Caller

    @property
    def is_datagram(self) -> bool:
        return self.exchange.peer.transport is Transport.UDP

    def answered(
        self, rcode: Rcode, *errors: Ede, flags: dns.flags.Flag = _NO_FLAGS
    ) -> tuple[bytes]:
        """Return the one message that says *rcode*, and *errors* beside it."""
        response = begin(self.exchange)
        response.flags |= flags
        response.set_rcode(rcode)
        finish(self.exchange, response, *errors)
        return (response.to_wire(),)


def _is_ordinary(wire: bytes) -> bool:
    """Tell whether the nameserver answers *wire*: no transfer, NOTIFY or UPDATE."""
    opcode = dns.opcode.from_flags(_flags(wire))
    if opcode == Opcode.QUERY:
        return _qtype(wire) not in _TRANSFERS
    return opcode not in {Opcode.NOTIFY, Opcode.UPDATE}


def _mistake(message: Message) -> Rcode:
    """Return what is wrong with every message of this kind; NOERROR for nothing."""
    if message.edns > 0:
        return Rcode.BADVERS
    return Rcode.NOERROR if len(message.question) == 1 else Rcode.FORMERR


def _pull(wire: bytes) -> Message:
    try:
        return dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError, OverflowError) as error:
        raise PeerError(f"malformed: {error}", wire) from error


def _flags(wire: bytes) -> int:
    flags: int = _HEADER.unpack_from(wire)[1]
    return flags


def _qtype(wire: bytes) -> int | None:
    """Return the QTYPE, found without parsing the message; None if it cannot be found so."""
    at = _HEADER.size
    try:
        while wire[at]:
            at += 1 + wire[at]
        return int.from_bytes(wire[at + 1 : at + 3], "big")
    except IndexError:
        return None


def _room(wire: bytes) -> int:
    """Return how many octets the answer over UDP to *wire* may have, readable or not."""
    try:
        return datagram_room(_pull(wire))
    except PeerError:
        return UDP_WITHOUT_EDNS


def _truncated(wire: bytes, answer: bytes) -> bytes:
    """Return *answer* without its records: the asker shall come by TCP (RFC 8945 section 5.3)."""
    truncated = push_failure(wire, Rcode(_flags(answer) & 0xF))
    message_id, flags, *counts = _HEADER.unpack_from(truncated)
    flags |= dns.flags.TC | (_flags(answer) & dns.flags.AA)
    return _HEADER.pack(message_id, flags, *counts) + truncated[_HEADER.size :]
