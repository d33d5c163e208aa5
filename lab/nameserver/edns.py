"""EDNS: what a response says in its OPT record (RFC 6891). One function for each option.

Every response that does not come from `NameServer.respond`, as those to NOTIFY, UPDATE and transfer
queries, gets the same record by `finish`: begin, fill the sections, `finish(exchange, response)`.
To add an option, write one function and enter it in OPTIONS.
"""

from collections.abc import Callable
from typing import TypeAlias

import dns.flags
from dns.edns import EDECode, EDEOption, GenericOption, NSIDOption, Option, OptionType
from dns.message import Message, make_response

from lab.core.rules import Ede
from lab.nameserver.cookies import cookie_for
from lab.nameserver.exchange import Exchange
from lab.nameserver.query import COMPACT_OK, UDP_PAYLOAD, Transport

# RFC 8467 section 4.1: responses are padded to a multiple of 468 octets.
PADDING_BLOCK = 468
# So that header, question and OPT always fit into the 512 octets of RFC 1035 section 2.3.4.
NSID_LIMIT = 64
# RFC 3225 section 3, RFC 9824 section 5.1: these flags of a query stand in the response, too.
_COPIED = dns.flags.DO | COMPACT_OK
_KEEPALIVE_UNITS_A_SECOND = 10
_KEEPALIVE_LIMIT = 65535

MakeOption: TypeAlias = Callable[[Exchange], Option | None]


def nsid(exchange: Exchange) -> Option | None:
    """Name the server to those who ask for it (RFC 5001 section 2.1)."""
    if exchange.option(OptionType.NSID) is None or not exchange.service.identity:
        return None
    return NSIDOption(exchange.service.identity.encode()[:NSID_LIMIT])


def cookie(exchange: Exchange) -> Option | None:
    """Answer a client cookie with a server cookie (RFC 7873 section 5.2.3)."""
    asked = exchange.cookie
    if asked is None:
        return None
    return cookie_for(asked, exchange.peer.host, exchange.now, exchange.service.secrets)


def keepalive(exchange: Exchange) -> Option | None:
    """Tell how long idle connections stay open, in tenths of a second (RFC 7828 section 3.3.2)."""
    # RFC 7828 section 3.3.1: over UDP the option is ignored.
    if exchange.peer.transport is Transport.UDP:
        return None
    if exchange.option(OptionType.KEEPALIVE) is None:
        return None
    units = min(int(exchange.service.idle_s * _KEEPALIVE_UNITS_A_SECOND), _KEEPALIVE_LIMIT)
    return GenericOption(OptionType.KEEPALIVE, units.to_bytes(2, "big"))


OPTIONS: tuple[MakeOption, ...] = (nsid, cookie, keepalive)
"""Every option that a response can have, but for Extended DNS Errors and padding."""


def begin(exchange: Exchange) -> Message:
    """Return an empty response: ID, opcode, RD, DO, CO and question as in the query."""
    response = make_response(exchange.query, our_payload=UDP_PAYLOAD, pad=0)
    if exchange.query.edns >= 0:
        response.request_payload = UDP_PAYLOAD
        response.ednsflags = exchange.query.ednsflags & _COPIED
    return response


def finish(exchange: Exchange, response: Message, *errors: Ede) -> None:
    """Give a response its OPT record, if the query has one (RFC 6891 section 6.1.1).

    Args:
        exchange: the query and who asked.
        response: as `begin` returned it, with sections and RCODE.
        errors: what went wrong, as Extended DNS Errors (RFC 8914).
    """
    if exchange.query.edns < 0:
        return
    made = (make(exchange) for make in OPTIONS)
    options = [one for one in made if one is not None]
    options += [EDEOption(EDECode(error)) for error in errors]
    padding = _padding(exchange)
    if not options and not padding:
        return
    rcode = response.rcode()
    flags = exchange.query.ednsflags & _COPIED
    response.use_edns(0, flags, UDP_PAYLOAD, options=options, pad=padding)
    # The upper bits of the RCODE stand in the OPT record.
    response.set_rcode(rcode)


def _padding(exchange: Exchange) -> int:
    """Return the block size: only if the query was padded, and nobody can read along.

    RFC 7830 section 4 forbids it for other queries, and section 6 advises against it in clear text.
    """
    is_asked = exchange.option(OptionType.PADDING) is not None
    return PADDING_BLOCK if is_asked and exchange.peer.transport is Transport.TLS else 0
