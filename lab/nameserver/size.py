"""How much of a response fits, and what is left out first."""

import dns.flags
from dns.exception import TooBig
from dns.message import Message
from dns.rdatatype import RdataType

from lab.nameserver.exchange import Exchange
from lab.nameserver.query import UDP_PAYLOAD, Transport

UDP_WITHOUT_EDNS = 512
TCP_LIMIT = 65535


def room(exchange: Exchange) -> int:
    """Return how many octets the answer may have."""
    if exchange.peer.transport is not Transport.UDP:
        return TCP_LIMIT
    return datagram_room(exchange.query)


def datagram_room(query: Message) -> int:
    """Return how many octets an answer over UDP may have (RFC 6891 section 6.2.5)."""
    if query.edns < 0:
        return UDP_WITHOUT_EDNS
    payload: int = query.payload
    return min(max(payload, UDP_WITHOUT_EDNS), UDP_PAYLOAD)


def fitted(response: Message, octets: int) -> bytes:
    """Return *response* as octets; what does not fit is left to TCP (RFC 2181 section 9)."""
    try:
        return response.to_wire(max_size=octets, want_shuffle=False)
    except TooBig:
        if response.additional and not _is_referral(response):
            # Addresses beside an answer are a favour, glue is not (RFC 9471).
            response.additional = []
            return fitted(response, octets)
        response.answer, response.authority, response.additional = [], [], []
        response.flags |= dns.flags.TC
        return response.to_wire(max_size=octets, want_shuffle=False)


def _is_referral(response: Message) -> bool:
    return any(one.rdtype == RdataType.NS for one in response.authority)
