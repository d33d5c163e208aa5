"""Stand before TLS servers of a running lab: between operators, and where DNS is asked over TLS."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dns.name import Name

from lab.app.crowds import careless
from lab.attacks.connections import OnTls, TlsImpersonation
from lab.core.errors import InputError
from lab.core.parameters import suggestion
from lab.core.question import Carrier
from lab.dane.decision import Decision
from lab.nameserver.query import Peer
from lab.net.dns_server import Responder
from lab.net.dns_stream import Wait
from lab.net.dns_tls import listen_dot
from lab.net.http import HttpRequest, HttpResponse
from lab.net.http_server import listen_https
from lab.net.ports import PortSet
from lab.net.relay import HOST, Relay
from lab.net.tls import Guard
from lab.net.tls_relay import Traffic, Way, stand_before
from lab.pki.identity import Identity
from lab.tls.context import ClientAuth

if TYPE_CHECKING:
    from lab.app.running import RunningLab


class Interception:
    """Lead those who want to reach a TLS server elsewhere.

    Attributes:
        ways: address and port of a server to those where the attacker listens.
        traffic: what came by.
    """

    def __init__(self, lab: "RunningLab", relay: Relay) -> None:
        """Open nothing yet; *relay* says what becomes of DNS."""
        self._lab, self._relay = lab, relay
        self._ports = PortSet()
        self.ways: dict[tuple[str, int], tuple[str, int]] = {}
        self.traffic = Traffic()

    def begin(self, attack: OnTls) -> None:
        """Stand before the server of *attack*.

        Raises:
            InputError: there is no such server, or no such identity for the attacker.
            BindError: there is no room for it.
        """
        places = tuple(self._places(attack.server))
        if not places:
            hosts = (str(one) for one in self._hosts())
            near = suggestion(str(attack.server), hosts)
            raise InputError(f"no server {attack.server} speaks TLS in the lab{near}")
        for place, is_nameserver in places:
            if isinstance(attack, TlsImpersonation):
                identity = self._identity(attack.shows)
                port = (
                    self._false_nameserver(place[0], identity)
                    if is_nameserver
                    else self._false_server(attack.shows, identity)
                )
            else:
                way = Way(attack.passed, self.traffic)
                port = stand_before(self._lab.reactor, self._ports, HOST, place, way)
            self.ways[place] = HOST, port

    async def close(self) -> None:
        """Go away."""
        self.ways.clear()
        await self._ports.close()

    def _hosts(self) -> Iterator[Name]:
        world = self._lab.world
        yield from (one.identity.host for one in world.endpoints)
        yield from (one.server.name for one in world.dot)

    def _places(self, host: Name) -> Iterator[tuple[tuple[str, int], bool]]:
        """Iterate over where *host* speaks TLS, and whether that is for DNS."""
        world = self._lab.world
        for endpoint in world.endpoints:
            if endpoint.identity.host == host and endpoint.identity.address is not None:
                yield (endpoint.identity.address, endpoint.port), False
        for dot in world.dot:
            if dot.server.name == host:
                yield (dot.server.address, dot.port), True

    def _identity(self, name: str) -> Identity:
        return self._lab.world.materials.identities[self._lab.world.identity(name).name]

    def _false_server(self, name: str, identity: Identity) -> int:
        """Answer requests in the place of an operator's server; every client is welcome."""
        guard = Guard(self._lab.tls.server(identity, ClientAuth.OPTIONAL), careless)
        title = self._lab.world.operator_of(name).title

        async def handle(request: HttpRequest, decision: Decision) -> HttpResponse:
            del request, decision
            self.traffic.answered += 1
            body = json.dumps({"server": title}, ensure_ascii=False).encode() + b"\n"
            return HttpResponse(200, (("content-type", "application/json"),), body)

        return listen_https(self._lab.reactor, self._ports, (HOST, 0), lambda: guard, handle)

    def _false_nameserver(self, address: str, identity: Identity) -> int:
        """Answer questions in the place of the nameserver at *address*, as the relay would."""
        honest = self._lab.answering.responder(address)
        where = (HOST, 0)
        return listen_dot(self._lab.reactor, self._ports, where, identity, self._tampering(honest))

    def _tampering(self, honest: Responder) -> Responder:
        def respond(wire: bytes, peer: Peer) -> Iterator[bytes | Wait]:
            for answer in honest(wire, peer):
                if isinstance(answer, Wait):
                    yield answer
                    continue
                for one in self._relay.deliveries(wire, answer, Carrier.TLS)[:1]:
                    yield one.wire

        return respond
