"""What the running lab does for the roles of the Backend Interfaces: its DNS, and its clients' TLS.

Both sides of every connection are authenticated by DANE, and nothing is connected to on the
strength of an answer that is not secure.
"""

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

from dns.name import Name
from twisted.internet.defer import Deferred

from lab.app.ground import Ground
from lab.app.term import WorldTerm
from lab.backend.discovery import Location, locate
from lab.backend.header import PartyId
from lab.backend.senders import judge_sender
from lab.core.checks import Report
from lab.core.errors import TransportError
from lab.dane.client_id import push_client_id
from lab.dane.decision import Decision
from lab.dane.discovery import Endpoint
from lab.dane.evidence import DnsStatus, TlsaEvidence
from lab.dane.policy import ServerPolicy, decide_server
from lab.net.backend_http import JSON
from lab.net.flights import Flights
from lab.net.http import Exchange, HttpRequest
from lab.net.http_lines import HttpLines, Peer
from lab.net.resolver import Resolver
from lab.net.tls import Guard, TlsLimits
from lab.pki.identity import Identity
from lab.tls.authentication import Presented, judge_server
from lab.tls.context import Context

KeyT = TypeVar("KeyT", bound=Hashable)
T = TypeVar("T")

_HEADERS = (("content-type", JSON),)
# Half of what our servers wait: it is better to leave in time than to be left.
_LIMITS = TlsLimits(idle_s=15.0)


class BackendMeans:
    """Find, vouch and post for the roles of a running lab."""

    def __init__(self, ground: Ground) -> None:
        """Work on *ground*."""
        self._ground = ground
        self._lines = HttpLines(ground.reactor)
        self._found: Flights[PartyId, Location] = Flights()
        self._vouched: Flights[tuple[PartyId, Name], Report] = Flights()
        self._tlsa: Flights[tuple[object, ...], tuple[Name, TlsaEvidence]] = Flights()
        self._contexts: dict[str, tuple[tuple[Identity, bytes], Context]] = {}

    async def find(self, party: PartyId) -> Location:
        """Say where the server of *party* is; the lab's port is meant where the DNS names none."""
        port = self._ground.world.materials.tls_port
        return await self._same(self._found, party, lambda finder: finder.look(locate(party, port)))

    async def vouch(self, party: PartyId, client: Name) -> Report:
        """Judge whether the authenticated *client* may speak for *party*."""
        about = party, client
        return await self._same(
            self._vouched, about, lambda finder: finder.look(judge_sender(*about))
        )

    async def post(self, identity: str, endpoint: Endpoint, octets: bytes) -> Exchange:
        """Send *octets* from the client *identity* to *endpoint*, best over a connection of before.

        What the DNS says about the server is looked up for each message, and must be secure.

        Raises:
            TransportError: nobody listens there.
        """
        about = endpoint.bases, endpoint.port, endpoint.transport, endpoint.status
        found = await self._same(self._tlsa, about, lambda finder: finder.tlsa_of(endpoint))
        base, evidence = found
        if evidence.dns_status is not DnsStatus.SECURE:
            # What the server would show cannot change the verdict on an answer like this.
            decision = decide_server(endpoint, ServerPolicy(), evidence, None)
            return Exchange(decision, None, f"by us: {decision.reason}")

        async def gate(presented: Presented) -> Decision:
            return judge_server(
                endpoint, found, presented, ServerPolicy(), self._ground.clock.now()
            )

        guard = Guard(self._context(identity), gate, _LIMITS)
        name = base.to_text(omit_final_dot=True)
        request = HttpRequest("POST", "/", _HEADERS, octets)
        problems = []
        for address in endpoint.addresses:
            try:
                way = self._ground.client.way(address, endpoint.port)
                peer = Peer(identity, way, name)
                return await self._lines.ask(peer, guard, WorldTerm(self._ground), request)
            except TransportError as error:
                problems.append(str(error))
        raise TransportError("; ".join(problems))

    def _same(
        self,
        flights: Flights[KeyT, T],
        key: KeyT,
        ask: Callable[[Resolver], Coroutine[Any, Any, T]],
    ) -> "Deferred[T]":
        """Return what the DNS says in this second, as long as the lab does not change."""
        ground = self._ground
        return flights.get(key, ground.world, ground.clock.now(), lambda: ask(ground.finder))

    def close(self) -> None:
        """End all connections."""
        self._lines.close()

    def _context(self, name: str) -> Context:
        world = self._ground.world
        who = world.materials.identities[name], push_client_id(world.identity(name).client)
        known, context = self._contexts.get(name, (None, None))
        if context is None or known != who:
            context = self._ground.tls.client(*who)
            self._contexts[name] = who, context
        return context
