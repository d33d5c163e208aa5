"""Look a service up, shake hands with each of its addresses, and judge what they show by DANE."""

from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any

from lab.app.plan import Plan
from lab.app.words import parse_name
from lab.core.errors import InputError, TransportError
from lab.core.frozen import dataclass
from lab.dane.discovery import (
    SMTP_PORT,
    Discovery,
    Endpoint,
    Service,
    discover_host,
    discover_mx,
    discover_naptr,
    discover_srv,
)
from lab.dane.policy import ServerPolicy, decide_server
from lab.net.drive import drive
from lab.net.probe import probe
from lab.net.reactor import Reactor
from lab.tls.authentication import judge_server
from lab.tls.context import Context
from lab.tls.inspection import Attempt, Inspection
from lab.tls.lookup import look_up_endpoint, looking
from lab.tls.starttls import SmtpStartTls

HTTPS_PORT = 443
_PORTS = 65535


class Via(Enum):
    """Tell how a name leads to servers."""

    HOST = "host"
    SRV = "srv"
    MX = "mx"
    NAPTR = "naptr"


class StartTls(Enum):
    """Tell what is spoken before TLS."""

    NONE = "none"
    SMTP = "smtp"


@dataclass(frozen=True, slots=True)
class Target:
    """Say what to connect to.

    Attributes:
        service: name and port.
        via: how the name leads to servers.
        starttls: what is spoken before TLS.
        tag: service and protocol of NAPTR records.
        address: instead of those in the DNS; empty: those.
    """

    service: Service
    via: Via = Via.HOST
    starttls: StartTls = StartTls.NONE
    tag: str = ""
    address: str = ""

    def discovery(self) -> Discovery:
        """Return the dialogue that finds the servers."""
        match self.via:
            case Via.HOST:
                return discover_host(self.service)
            case Via.SRV:
                return discover_srv(self.service)
            case Via.MX:
                return discover_mx(self.service)
            case Via.NAPTR:
                return discover_naptr(self.service, self.tag)


def parse_service(text: str, default_port: int) -> Service:
    """Return what `HOST` or `HOST:PORT` means.

    Raises:
        InputError: it is neither.
    """
    host, _, port = text.partition(":")
    if port and not (port.isdigit() and 0 < int(port) <= _PORTS):
        raise InputError(f"there is no port {port!r}; expected HOST:PORT, not {text!r}")
    return Service(parse_name(host), int(port) if port else default_port)


def default_port(via: Via, starttls: StartTls) -> int:
    """Return the port of those who name none."""
    return SMTP_PORT if starttls is StartTls.SMTP or via is Via.MX else HTTPS_PORT


def inspect(
    plan: Plan, target: Target, policy: ServerPolicy, context: Context
) -> Callable[[Reactor], Coroutine[Any, Any, tuple[Inspection, ...]]]:
    """Return the coroutine function that finds and judges the servers of *target*.

    Args:
        plan: where a validation starts.
        target: what to connect to.
        policy: what counts.
        context: how to shake hands.
    """

    async def main(reactor: Reactor) -> tuple[Inspection, ...]:
        discovery = looking(target.discovery(), plan.settings, plan.now)
        endpoints = await drive(discovery, plan.client(reactor).ask)
        return tuple(
            [await _inspect(reactor, plan, target, policy, context, one) for one in endpoints]
        )

    return main


async def _inspect(
    reactor: Reactor,
    plan: Plan,
    target: Target,
    policy: ServerPolicy,
    context: Context,
    endpoint: Endpoint,
) -> Inspection:
    lookup = look_up_endpoint(endpoint, plan.settings, plan.now)
    base, evidence = await drive(lookup, plan.client(reactor).ask)
    attempts = []
    for address in (target.address,) if target.address else endpoint.addresses:
        # RFC 7671 section 7: the TLSA base domain goes into SNI.
        name = base.to_text(omit_final_dot=True)
        prelude = SmtpStartTls() if target.starttls is StartTls.SMTP else None
        try:
            way = plan.way(address, endpoint.port)
            probed = await probe(reactor, way, context, name, prelude)
        except TransportError as error:
            attempts.append(Attempt(address, problem=str(error)))
            continue
        decision = judge_server(endpoint, (base, evidence), probed.presented, policy, plan.now)
        attempts.append(Attempt(address, probed, decision))
    decided = (one.decision for one in attempts if one.decision is not None)
    verdict = next(decided, decide_server(endpoint, policy, evidence, None))
    return Inspection(endpoint, base, evidence, tuple(attempts), verdict)
