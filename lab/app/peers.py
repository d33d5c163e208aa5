"""The operators' TLS servers and clients: certificates on both sides, trust through DNS alone.

No server knows a CA of another operator. Both gates ask the lab's stub for the other side's TLSA
RRset, validated from the root down, before any application octet is accepted.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from cryptography import x509
from dns.name import Name
from twisted.internet.defer import Deferred

from lab.app.crowds import Throng, careless
from lab.app.ground import Ground
from lab.app.term import WorldTerm
from lab.core.errors import InputError, TransportError
from lab.core.instant import Instant
from lab.dane.bounds import LookupLimits
from lab.dane.client_id import push_client_id
from lab.dane.decision import Decision
from lab.dane.evidence import TlsaEvidence
from lab.dane.policy import ServerPolicy
from lab.faults.clocks import time_of
from lab.net.dns_exchange import RESOLUTION_S
from lab.net.drive import drive
from lab.net.flights import Flights
from lab.net.http import Exchange, HttpRequest, HttpResponse
from lab.net.http_client import exchange
from lab.net.http_server import Handler, listen_https
from lab.net.lookups import Lookups, judged_client
from lab.net.ports import PortSet, on_one_port
from lab.net.resolver import Resolver
from lab.net.tls import Gate, Guard
from lab.pki.identity import Identity
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from lab.scenario.action import Connect, ConnectResult
from lab.scenario.crowd import BeginCrowd, CrowdResult, EndCrowd
from lab.tls.authentication import Presented, authenticate_server
from lab.tls.pkix import decide_by_path
from lab.world.build import World
from lab.world.operators import IdentityConfig
from lab.world.showing import shown

Roots: TypeAlias = tuple[x509.Certificate, ...]


class Peers:
    """Run the servers of all operators, and make connections from their clients."""

    def __init__(self, ground: Ground) -> None:
        """Prepare; nothing is opened before `listen`."""
        self._ground = ground
        self._watched: list[_Watch] = []
        self._seen: World | None = None
        self._found: Flights[Name, TlsaEvidence] = Flights()
        self._lookups: dict[tuple[str, LookupLimits], Lookups] = {}
        self._throng: Throng | None = None

    async def listen(self, port: int) -> tuple[PortSet, int]:
        """Open every operator's servers on one port number and return it.

        Raises:
            BindError: one of them could not be opened; nothing stays open.
        """
        by_address = {one.identity.address: one.identity for one in self._ground.world.endpoints}

        def one(ports: PortSet, address: str, number: int) -> int:
            config = by_address[address]
            where = (address, number)
            return listen_https(
                self._ground.reactor,
                ports,
                where,
                self._server_guard(config),
                self._handler(config),
                lambda: WorldTerm(self._ground),
            )

        return await on_one_port((address for address in by_address if address), port, one)

    def _server_guard(self, config: IdentityConfig) -> Callable[[], Guard]:
        """Return what gives the guard of a server, with the certificate that it has then."""

        async def gate(presented: Presented) -> Decision:
            by_path = [one for one in self._watched if one.judges(config.name, presented)]
            decision = (
                self._by_path(
                    config.name, presented, by_path[0].client, Purpose.CLIENT, by_path[0].roots
                )
                if by_path
                else await self._client_by_dane(config, presented)
            )
            self._tell(config, presented, decision)
            return decision

        made: dict[Identity, Guard] = {}

        def current() -> Guard:
            identity = self._shown(config.name)
            if identity not in made:
                made.clear()
                made[identity] = Guard(self._ground.tls.server(identity), gate)
            return made[identity]

        current()
        return current

    def _shown(self, name: str) -> Identity:
        ground = self._ground
        return shown(ground.world, name, lambda: ground.authority_of(name), ground.clock.now())

    async def _client_by_dane(self, config: IdentityConfig, presented: Presented) -> Decision:
        policy = self._ground.world.policies.get(config.name, config.policy)
        lookups = self._lookups_of(config.name)
        judging = judged_client(presented, policy, lookups, lambda: self._time(config.name))
        deciding = Deferred.fromCoroutine(judging)
        if self._throng is not None:
            self._throng.see(config.name, presented.client_id)
        return await deciding

    def _lookups_of(self, server: str) -> Lookups:
        """Return the lookups of *server*: what strangers do to it does not touch the others."""
        ground = self._ground
        if ground.world is not self._seen:
            # Scenarios change zones from one second to the next, and want to see it.
            self._seen = ground.world
            for one in self._lookups.values():
                one.forget()
        limits = ground.world.limits.get(server, LookupLimits())
        if (server, limits) not in self._lookups:
            find, now = partial(self._find, server), partial(self._time, server)
            made = Lookups(ground.reactor, find, now, limits)
            self._lookups[server, limits] = made
        return self._lookups[server, limits]

    def _time(self, identity: str) -> Instant:
        """Return what the clock of *identity* shows."""
        return time_of(self._ground.world.hooks, identity, self._ground.clock.now())

    async def _find(self, server: str, name: Name) -> TlsaEvidence:
        ground = self._ground
        if self._time(server) != ground.clock.now():
            # Whose clock is wrong comes to verdicts of its own.
            return await Resolver(ground.client, ground.settings, partial(self._time, server)).tlsa(
                name
            )
        return await self._found.get(
            name, ground.world, ground.clock.now(), lambda: ground.finder.tlsa(name)
        )

    def _by_path(
        self, judge: str, presented: Presented, name: Name, purpose: Purpose, roots: Roots
    ) -> Decision:
        expected = Expected(name, purpose, self._time(judge), roots)
        return decide_by_path(presented, expected)

    def _tell(self, config: IdentityConfig, presented: Presented, decision: Decision) -> None:
        self._ground.on_decision(config.name, decision)
        for watch in self._watched:
            watch.see(config.name, presented, decision)

    async def connect(self, action: Connect) -> ConnectResult:
        """Make one HTTPS request as a scenario asks for it, and report what both sides decided.

        Raises:
            InputError: an identity is unknown, or the server is a client only.
        """
        world = self._ground.world
        client, server = world.identity(action.client), world.identity(action.server)
        identity = self._shown(action.certificate or client.name)
        claimed = push_client_id(action.claims or client.client)
        roots = world.scene.trust_store(action.trusts)
        shown = Presented(identity.chain, claimed)
        watch = _Watch(server.name, shown, action.claims or client.client, roots)
        self._watched.append(watch)
        try:
            gate = self._client_gate(client.name, server, roots)
            result = await self._ask(server, (identity, claimed), gate, action.path)
        except TransportError as error:
            return ConnectResult(None, None, refusal=str(error))
        finally:
            self._watched.remove(watch)
        response = result.response
        return ConnectResult(
            client_decision=result.decision,
            server_decision=watch.decision,
            http_status=None if response is None else response.status,
            body="" if response is None else response.body.decode("utf-8", "replace"),
            refusal=result.refusal,
        )

    def _handler(self, config: IdentityConfig) -> Handler:
        """Return what a server answers to those who were let in.

        To GET: who it is and who they are. A POST is for the role that it has, if it has one.
        """

        async def handle(request: HttpRequest, decision: Decision) -> HttpResponse:
            desk = self._ground.roles.desk(config.name)
            if request.method == "POST" and desk is not None:
                return await desk.receive(request, decision)
            if request.method not in {"GET", "HEAD"}:
                methods = "GET, HEAD" if desk is None else "GET, HEAD, POST"
                return HttpResponse(405, (("allow", methods),))
            if request.target.partition("?")[0] != "/":
                return HttpResponse(404, body=b"only / is served here\n")
            body = {"server": config.title, "client": str(decision.identity)}
            octets = json.dumps(body, ensure_ascii=False).encode() + b"\n"
            return HttpResponse(200, (("content-type", "application/json"),), octets)

        return handle

    async def _ask(
        self, server: IdentityConfig, who: tuple[Identity, bytes], gate: Gate, path: str = "/"
    ) -> Exchange:
        """Make one request to *server* as *who*: key with chain, and the name that is claimed."""
        if server.address is None:
            raise InputError(f"{server.name} is a client only; nobody can connect to it")
        identity, claimed = who
        context = self._ground.tls.client(identity, claimed)
        return await exchange(
            self._ground.reactor,
            self._ground.client.way(server.address, self._ground.world.materials.tls_port),
            server.host.to_text(omit_final_dot=True),
            Guard(context, gate),
            HttpRequest("GET", path),
        )

    async def crowd(self, action: BeginCrowd | EndCrowd) -> CrowdResult | None:
        """Let a crowd come and wait until it is there; or wait for its end and tell of it.

        Raises:
            InputError: an identity is unknown, or there is no crowd to wait for.
        """
        if isinstance(action, EndCrowd):
            if self._throng is None:
                raise InputError("there is no crowd to wait for")
            throng, self._throng = self._throng, None
            return await throng.gone()
        world = self._ground.world
        client, server = world.identity(action.client), world.identity(action.server)
        identity = world.materials.identities[client.name]
        tally = self._lookups_of(server.name).counted()
        self._throng = throng = Throng(action, tally, self._ground.reactor)
        for claim in throng.claims:
            throng.send(claim, self._ask(server, (identity, claim), careless))
        await throng.there
        return None

    def _client_gate(self, client: str, server: IdentityConfig, roots: Roots) -> Gate:
        async def gate(presented: Presented) -> Decision:
            if roots:
                return self._by_path(client, presented, server.host, Purpose.SERVER, roots)
            return await drive(
                authenticate_server(
                    server.host,
                    self._ground.world.materials.tls_port,
                    presented,
                    ServerPolicy(),
                    self._ground.settings,
                    self._time(client),
                ),
                self._ground.client.within(RESOLUTION_S).ask,
            )

        return gate


@dataclass
class _Watch:
    """Catch what one server decides about one client that we know.

    Attributes:
        server: whose decision is wanted.
        shown: chain and extension of the client.
        client: who the client says it is.
        roots: what both sides trust; none: they judge by DANE.
        decision: None until it was made.
    """

    server: str
    shown: Presented
    client: Name
    roots: Roots = ()
    decision: Decision | None = None

    def judges(self, server: str, presented: Presented) -> bool:
        """Tell whether *server* judges the client that showed *presented* by path."""
        return bool(self.roots) and self._is_meant(server, presented)

    def _is_meant(self, server: str, presented: Presented) -> bool:
        shown = (presented.chain, presented.client_id)
        return server == self.server and shown == (self.shown.chain, self.shown.client_id)

    def see(self, server: str, presented: Presented, decision: Decision) -> None:
        """Keep *decision* if it is the one that is waited for."""
        if self._is_meant(server, presented):
            self.decision = decision
