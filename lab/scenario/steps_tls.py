"""Steps about certificates, their TLSA records, and what servers demand of clients."""

from dataclasses import replace
from enum import Enum
from functools import partial

import dns.exception
import dns.name
from dns.name import Name

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.dane.client_id import Profile
from lab.dane.policy import ClientPolicy
from lab.dane.profiles import Demand
from lab.scenario.action import IdentityName, Play
from lab.scenario.edits import Edit, NewCertificate
from lab.scenario.step import Step, simply, step
from lab.world.build import World
from lab.world.certificates import with_both, with_deployed, with_next_only


class Named(Enum):
    """Tell which certificates the TLSA RRsets of an identity name."""

    BOTH = "both"
    NEXT = "next"


@step("new-certificate")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewCertificateStep(Step):
    """Make a new key and certificate for an identity, and lay it ready; nobody shows it yet.

    Attributes:
        identity: whose.
        names: what it shall bear besides the names of the one in use, separated by spaces.
    """

    identity: IdentityName
    names: str = ""

    @property
    def title(self) -> str:
        """Return it as `new certificate for tsp.ns`."""
        also = f", also as {self.names}" if self.names else ""
        return f"new certificate for {self.identity}{also}"

    def play(self) -> Play:
        """Have it made."""
        action = NewCertificate(self.identity, tuple(self.names.split()))
        return (yield from simply(action, self.title))


@step("roll-tlsa")
@dataclass(frozen=True, slots=True, kw_only=True)
class RollTlsaStep(Step):
    """Publish TLSA records of the certificate that lies ready, as server and as client.

    Attributes:
        identity: whose.
        names: "both", the certificate in use and the next one; or "next" alone.
    """

    identity: IdentityName
    names: Named

    @property
    def title(self) -> str:
        """Return it as `TLSA of tsp.ns: both certificates`."""
        which = "both certificates" if self.names is Named.BOTH else "the next certificate alone"
        return f"TLSA of {self.identity}: {which}"

    def play(self) -> Play:
        """Publish them."""
        change = with_both if self.names is Named.BOTH else with_next_only
        return (yield from simply(Edit(partial(change, name=self.identity)), self.title))


@step("deploy-certificate")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeployCertificateStep(Step):
    """Let an identity show the certificate that lies ready; the DNS stays as it is.

    Attributes:
        identity: whose.
    """

    identity: IdentityName

    @property
    def title(self) -> str:
        """Return it as `tsp.ns shows its new certificate`."""
        return f"{self.identity} shows its new certificate"

    def play(self) -> Play:
        """Deploy it."""
        return (yield from simply(Edit(partial(with_deployed, name=self.identity)), self.title))


@step("client-policy")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPolicyStep(Step):
    """Say what a server demands of its clients (draft-ietf-dance-client-auth).

    Attributes:
        server: whose demands.
        allow: domains below which clients may be, separated by spaces; nothing is asked of the DNS
            about others. Empty: all.
        demand: nobody without DANE; or those who do not use it, too; or even those who fail.
        profile: the draft that counts.
    """

    server: IdentityName
    allow: str = ""
    demand: Demand = Demand.REQUIRED
    profile: Profile = Profile.CLIENT_AUTH_13

    def __post_init__(self) -> None:
        """Refuse words that are no domain names."""
        self.domains()

    @property
    def title(self) -> str:
        """Return it as `afnic.js: clients below telecom-sudparis.eu, DANE required`."""
        who = f"clients below {', '.join(self.allow.split())}" if self.allow else "any client"
        return f"{self.server}: {who}, DANE {self.demand.value}"

    def domains(self) -> tuple[Name, ...] | None:
        """Return the allow-list; None for all.

        Raises:
            InputError: a word is no domain name.
        """
        try:
            return tuple(dns.name.from_text(word) for word in self.allow.split()) or None
        except dns.exception.DNSException as error:
            raise InputError(f"{self.allow!r} is no list of domains: {error}", "allow") from error

    def play(self) -> Play:
        """Set the policy."""
        return (yield from simply(Edit(self.edit), self.title))

    def edit(self, world: World) -> World:
        """Return the world in which the server has this policy.

        Raises:
            InputError: there is no such server.
        """
        world.identity(self.server)
        policy = ClientPolicy.demanding(self.demand, self.domains(), self.profile)
        return replace(world, policies={**world.policies, self.server: policy})


@step("withdraw-ds")
@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDsStep(Step):
    """Take the DS RRset of a zone out of its parent, which proves that there is none.

    So can whoever holds the account at the registrar: the zone becomes insecure.

    Attributes:
        zone: apex of the child.
    """

    zone: Name

    @property
    def title(self) -> str:
        """Return it as `withdraw the DS of telecom-sudparis.eu.`."""
        return f"withdraw the DS of {self.zone}"

    def play(self) -> Play:
        """Withdraw it."""
        return (yield from simply(Edit(partial(_without_ds, zone=self.zone)), self.title))


def _without_ds(world: World, zone: Name) -> World:
    if not world.delegations.get(zone):
        raise InputError(f"there is no DS RRset of {zone} to withdraw")
    return world.with_delegation(zone, ())
