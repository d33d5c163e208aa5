"""What `lab dig` does: ask one nameserver of a running lab one question."""

from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.query
from dns.name import from_text
from dns.rdatatype import RdataType

from lab.app.words import Asked
from lab.core.errors import InputError, TransportError
from lab.core.question import Server

DIG_TIMEOUT_S = 5.0
UDP_PAYLOAD = 1232


def dig(
    status: dict[str, Any], asked: Asked, server: str | None, *, tcp: bool, dnssec: bool
) -> tuple[Server, dns.message.Message]:
    """Return which nameserver was asked, and what it answered.

    Raises:
        InputError: there is no such server.
        TransportError: it did not answer.
    """
    chosen = _server(status, asked, server)
    query = dns.message.make_query(
        asked.qname, asked.rdtype, use_edns=0, want_dnssec=dnssec, payload=UDP_PAYLOAD
    )
    query.flags &= ~dns.flags.RD
    try:
        if tcp:
            return chosen, dns.query.tcp(query, chosen.address, DIG_TIMEOUT_S, status["port"])
        answer, _ = dns.query.udp_with_fallback(
            query, chosen.address, DIG_TIMEOUT_S, status["port"]
        )
    except (dns.exception.DNSException, OSError) as error:
        raise TransportError(f"no answer from {chosen}: {error}") from error
    return chosen, answer


def _server(status: dict[str, Any], asked: Asked, wanted: str | None) -> Server:
    """Return the server that the user names, or the first one of the closest zone."""
    servers = [
        (from_text(zone["name"]), Server(from_text(one["name"]), one["address"]))
        for zone in status["zones"]
        for one in zone["nameservers"]
    ]
    if wanted is not None:
        for _, server in servers:
            if wanted in {server.address, str(server.name), str(server.name).rstrip(".")}:
                return server
        raise InputError(f"{wanted} is no nameserver of this lab; see `lab status`")
    name = asked.qname
    if asked.rdtype == RdataType.DS and len(name) > 1:
        name = name.parent()
    above = [(apex, server) for apex, server in servers if name.is_subdomain(apex)]
    deepest = max(len(apex) for apex, _ in above)
    return next(server for apex, server in above if len(apex) == deepest)
