"""What the operators' servers and clients need of the lab that they run in."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from lab.dane.decision import Decision
from lab.net.backend_http import Roles
from lab.net.clock import LabClock
from lab.net.dns_client import DnsClient
from lab.net.reactor import Reactor
from lab.net.resolver import Resolver
from lab.pki.ca import CertificateAuthority
from lab.tls.handshake import Handshake
from lab.validator.settings import Settings
from lab.world.build import World

OnDecision: TypeAlias = Callable[[str, Decision], None]
"""Is told which server decided what about a client."""


class Ground(Protocol):
    """Name what they need.

    Attributes:
        world: certificates and names, as they are now.
        clock: the lab's.
        reactor: for sockets.
        on_decision: is told what a server decided.
        roles: what answers requests of the Backend Interfaces.
        tls: key log, and number of the extension.
    """

    world: World
    clock: LabClock
    reactor: Reactor
    on_decision: OnDecision
    roles: Roles
    tls: Handshake

    def authority_of(self, identity: str) -> CertificateAuthority:
        """Return the CA of the operator of *identity*."""
        ...

    @property
    def finder(self) -> Resolver:
        """Return validated lookups that remember nothing from before the last change of the lab."""
        ...

    @property
    def settings(self) -> Settings:
        """Return root hints and trust anchor."""
        ...

    @property
    def client(self) -> DnsClient:
        """Return the sockets of the stub."""
        ...
