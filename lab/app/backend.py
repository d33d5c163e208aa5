"""What the running lab does for the roles of the Backend Interfaces: its DNS, and its clients' TLS.

Both sides of every connection are authenticated by DANE, and nothing is connected to on the
strength of an answer that is not secure.
"""

from dns.name import Name

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
from lab.dane.evidence import DnsStatus
from lab.dane.policy import ServerPolicy, decide_server
from lab.net.backend_http import JSON
from lab.net.http import Exchange, HttpRequest
from lab.net.http_lines import HttpLines, Peer
from lab.net.tls import Guard, TlsLimits
from lab.pki.identity import Identity
from lab.tls.authentication import Presented, judge_server
from lab.tls.context import Context

_HEADERS = (("content-type", JSON),)
# Half of what our servers wait: it is better to leave in time than to be left.
_LIMITS = TlsLimits(idle_s=15.0)


class BackendMeans:
    """Find, vouch and post for the roles of a running lab."""

    def __init__(self, ground: Ground) -> None:
        """Work on *ground*."""
        self._ground = ground
        self._lines = HttpLines(ground.reactor)
        self._contexts: dict[str, tuple[tuple[Identity, bytes], Context]] = {}

    async def find(self, party: PartyId) -> Location:
        """Say where the server of *party* is; the lab's port is meant where the DNS names none."""
        return await self._ground.finder.look(locate(party, self._ground.world.materials.tls_port))

    async def vouch(self, party: PartyId, client: Name) -> Report:
        """Judge whether the authenticated *client* may speak for *party*."""
        return await self._ground.finder.look(judge_sender(party, client))

    async def post(self, identity: str, endpoint: Endpoint, octets: bytes) -> Exchange:
        """Send *octets* from the client *identity* to *endpoint*, best over a connection of before.

        What the DNS says about the server is looked up for each message, and must be secure.

        Raises:
            TransportError: nobody listens there.
        """
        resolver = self._ground.finder
        found = await resolver.tlsa_of(endpoint)
        base, evidence = found
        if evidence.dns_status is not DnsStatus.SECURE:
            # What the server would show cannot change the verdict on an answer like this.
            decision = decide_server(endpoint, ServerPolicy(), evidence, None)
            return Exchange(decision, None, f"by us: {decision.reason}")

        async def gate(presented: Presented) -> Decision:
            return judge_server(endpoint, found, presented, ServerPolicy(), resolver.now())

        guard = Guard(self._context(identity), gate, _LIMITS)
        name = base.to_text(omit_final_dot=True)
        request = HttpRequest("POST", "/", _HEADERS, octets)
        problems = []
        for address in endpoint.addresses:
            try:
                peer = Peer(identity, (address, endpoint.port), name)
                return await self._lines.ask(peer, guard, WorldTerm(self._ground), request)
            except TransportError as error:
                problems.append(str(error))
        raise TransportError("; ".join(problems))

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
