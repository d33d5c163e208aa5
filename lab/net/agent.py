"""twisted.web's HTTP client, and so treq's, over DANE: `https` between operators."""

from collections.abc import Callable

from dns.name import Name
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.web.client import URI, Agent, HTTPConnectionPool
from twisted.web.error import SchemeNotSupported
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from lab.net.endpoints import dane_client
from lab.net.reactor import Reactor
from lab.net.resolver import Resolver
from lab.pki.identity import Identity
from lab.tls.handshake import DEFAULT, Handshake


@implementer(IAgentEndpointFactory)
class DaneEndpoints:
    """Make a `dane_client` for each server that is to be asked."""

    def __init__(self, make: Callable[[str, int], IStreamClientEndpoint]) -> None:
        """Let *make* do it, for a host and a port."""
        self._make = make

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """Return the endpoint for *uri*.

        Raises:
            SchemeNotSupported: it is not https.
        """
        if uri.scheme != b"https":
            raise SchemeNotSupported(f"DANE needs https, not {uri.scheme.decode()!r}")
        return self._make(uri.host.decode("ascii"), uri.port)


def dane_agent(
    reactor: Reactor,
    *,
    resolver: Resolver,
    identity: Identity | None = None,
    client_id: str | Name | None = None,
    pool: HTTPConnectionPool | None = None,
    handshake: Handshake = DEFAULT,
) -> Agent:
    """Return an agent of twisted.web whose servers are authenticated by DANE.

    `treq.client.HTTPClient(agent)` makes a treq client of it.

    Args:
        reactor: for sockets and time.
        resolver: looks servers up.
        identity: key and certificates; None for an anonymous client.
        client_id: owner name of the client's TLSA records.
        handshake: raw public keys, TLS 1.2 and the like.
        pool: of connections that stay open; None: each request has its own.
    """

    def make(host: str, port: int) -> IStreamClientEndpoint:
        return dane_client(
            reactor,
            host,
            port,
            resolver=resolver,
            identity=identity,
            client_id=client_id,
            handshake=handshake,
        )

    agent: Agent = Agent.usingEndpointFactory(reactor, DaneEndpoints(make), pool)
    return agent
