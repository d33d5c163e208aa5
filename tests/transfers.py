"""A secondary of dnspython: what it holds after our transfer messages."""

from collections.abc import Iterable
from typing import TypeAlias

import dns.message
import dns.xfr
import dns.zone
from dns.message import Message
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.core.rrsets import RRset
from lab.nameserver.exchange import Exchange
from lab.nameserver.history import History
from lab.nameserver.query import Peer
from lab.nameserver.transfer import transfer
from tests.fakes import NOW, TCP_PEER, name, query

Records: TypeAlias = set[tuple[Name, int, RdataType, Rdata]]
"""Names in rdata compare without case: compression may change it."""


def xfr_query(apex: str, serial: int | None = None) -> Message:
    """Return an AXFR query, or the IXFR query of who has *serial*."""
    if serial is None:
        return query(apex, "AXFR", edns=None)
    asked = query(apex, "IXFR", edns=None)
    soa = dns.rrset.from_text(apex, 0, "IN", "SOA", f". . {serial} 0 0 0 0")
    asked.authority.append(soa)
    return asked


def answers(
    asked: Message, history: History, peer: Peer = TCP_PEER, now: Instant = NOW
) -> list[Message]:
    exchange = Exchange(asked, peer, now)
    return [dns.message.from_wire(one, xfr=True) for one in transfer(exchange, history)]


def feed(secondary: dns.zone.Zone, messages: Iterable[Message], serial: int | None) -> None:
    """Let *secondary* take a transfer; it raises if the messages are no such thing."""
    rdtype = RdataType.AXFR if serial is None else RdataType.IXFR
    done = False
    with dns.xfr.Inbound(secondary, rdtype, serial) as inbound:
        for message in messages:
            assert not done
            done = inbound.process_message(message)
    assert done


def empty(apex: str) -> dns.zone.Zone:
    return dns.zone.Zone(name(apex), relativize=False)


def contents(rrsets: Iterable[RRset]) -> Records:
    return {(one.owner, one.ttl, one.rdtype, rdata) for one in rrsets for rdata in one.rdatas}


def held(secondary: dns.zone.Zone) -> Records:
    return {
        (owner, rdataset.ttl, rdataset.rdtype, rdata)
        for owner, rdataset in secondary.iterate_rdatasets()
        for rdata in rdataset
    }
