"""What `lab status` and `lab dig` do: use a running lab from another process, over sockets."""

from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.query
from dns.name import Name, from_text
from dns.rdatatype import RdataType

from lab.app.control import NotRunningError, ask
from lab.app.state import StateFolder
from lab.core.errors import InputError, TransportError
from lab.core.question import Server

DIG_TIMEOUT_S = 5.0
UDP_PAYLOAD = 1232


def live_status(state: StateFolder) -> dict[str, Any]:
    """Return what a running lab says about itself now.

    Raises:
        NotRunningError: there is none.
    """
    for event in ask(state, {"do": "status"}):
        status: dict[str, Any] = event["status"]
        return status
    raise NotRunningError(f"the lab in {state.path} did not answer")


def live_stats(state: StateFolder) -> dict[str, Any]:
    """Return how many queries a running lab has had.

    Raises:
        NotRunningError: there is none.
    """
    for event in ask(state, {"do": "stats"}):
        stats: dict[str, Any] = event["stats"]
        return stats
    raise NotRunningError(f"the lab in {state.path} did not answer")


def flush_cache(state: StateFolder) -> int:
    """Let the resolver of a running lab forget what it has cached; return how many answers.

    Raises:
        LabError: there is no lab, or it has no such cache.
    """
    for event in ask(state, {"do": "flush"}):
        forgotten: int = event["forgotten"]
        return forgotten
    raise NotRunningError(f"the lab in {state.path} did not answer")


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what a user wants to know.

    Attributes:
        qname: absolute.
        rdtype: the QTYPE.
    """

    qname: Name
    rdtype: RdataType

    @classmethod
    def parse(cls, name: str, rdtype: str) -> "Asked":
        """Return what the words of a command line mean.

        Raises:
            InputError: the name or the type is none.
        """
        try:
            return cls(from_text(name), RdataType.from_text(rdtype))
        except (dns.exception.DNSException, ValueError) as error:
            raise InputError(f"cannot ask for {name!r} {rdtype!r}: {error}") from error


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
