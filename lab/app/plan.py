"""Where a validation starts: at the root of the lab, at that of the Internet, or at a resolver."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dns.name import from_text, root

from lab.api import DNS_PORT, settings_of
from lab.app.client import live_status
from lab.app.folders import read_text
from lab.app.state import StateFolder
from lab.core.instant import Instant
from lab.core.question import Role, Server
from lab.net.dns_client import RESOLUTION_S, DnsClient
from lab.net.entropy import SystemEntropy
from lab.net.reactor import Reactor
from lab.validator.anchor import parse_anchors
from lab.validator.settings import Minimisation, Settings, Stub
from lab.validator.start import parse_hints, read_anchors


@dataclass(frozen=True, slots=True)
class Plan:
    """Say where a validation starts.

    Attributes:
        settings: of the validator.
        port: of every nameserver.
        now: by which signatures are judged.
    """

    settings: Settings
    port: int
    now: Instant

    def client(self, reactor: Reactor) -> DnsClient:
        """Return the sockets of a validation."""
        return DnsClient(reactor, self.port, SystemEntropy()).within(RESOLUTION_S)


Planner = Callable[[], Plan]
"""Returns where the next validation starts: time goes on, and a lab changes."""


def plan_in_lab(status: dict[str, Any]) -> Plan:
    """Return how to start in the running lab that *status* describes."""
    file = status["trust_anchor"]["ds"]
    anchors = parse_anchors(read_text(Path(file), "the trust anchor"), file)
    hints = tuple(Server(from_text(one["name"]), one["address"]) for one in status["root_servers"])
    # Without a root there is nothing to walk from: the zones themselves are where one starts.
    stubs = () if hints else tuple(_stubs(status))
    now = Instant(status["clock"]["now"])
    return Plan(Settings(hints, anchors, stubs), status["port"], now)


def _stubs(status: dict[str, Any]) -> Iterator[Stub]:
    for zone in status["zones"]:
        apex = from_text(zone["name"])
        yield Stub(apex, tuple(Server(apex, one["address"]) for one in zone["nameservers"]))


@dataclass(frozen=True, slots=True)
class Origin:
    """Say where validations start, in the words of a command line.

    Attributes:
        state: folder of the running lab; None for the Internet.
        anchor: file of trust anchors; None for those of the lab or of IANA.
        hints: file of root hints; None for those of the lab or of the Internet.
        port: of all nameservers; None for that of the lab, or 53.
        forward: address and port of a recursive resolver to ask instead of nameservers.
        minimisation: how much of a name nameservers are told.
    """

    state: StateFolder | None
    anchor: Path | None = None
    hints: Path | None = None
    port: int | None = None
    forward: tuple[str, int] | None = None
    minimisation: Minimisation = Minimisation.RELAXED

    def plan(self) -> Plan:
        """Return where a validation that begins now starts.

        Raises:
            LabError: no lab is running, or a file is none of the kind.
        """
        plan = self._walking()
        plan = replace(plan, settings=replace(plan.settings, minimisation=self.minimisation))
        if self.forward is None:
            return plan
        address, port = self.forward
        resolver = Server(root, address, Role.RECURSIVE, port)
        return replace(plan, settings=plan.settings.through(resolver))

    def _walking(self) -> Plan:
        if self.state is None:
            now = Instant(time.time())  # noqa: TID251 outside the lab there is no other time
            port = DNS_PORT if self.port is None else self.port
            return Plan(settings_of(self.anchor, self.hints, now), port, now)
        plan = plan_in_lab(live_status(self.state))
        settings = plan.settings
        if self.anchor is not None:
            text = read_text(self.anchor, "the trust anchor")
            anchors = read_anchors(text, str(self.anchor), plan.now)
            settings = replace(settings, anchors=anchors)
        if self.hints is not None:
            text = read_text(self.hints, "the root hints")
            settings = replace(settings, hints=parse_hints(text, str(self.hints)))
        return replace(plan, settings=settings, port=self.port or plan.port)
