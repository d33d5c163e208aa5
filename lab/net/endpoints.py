"""Endpoints of Twisted for any protocol over mutual TLS, authenticated by DANE.

Both sides look the other one up in the DNS, validated from a trust anchor down; no CA, no system
resolver. A client that the server refuses learns that when it reads: its connection is lost with a
`PeerError` that names the alert.
"""

from dataclasses import replace

from dns.exception import DNSException
from dns.name import Name, from_text
from twisted.internet.defer import Deferred, execute
from twisted.internet.error import NoProtocol
from twisted.internet.interfaces import (
    IListeningPort,
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
    IStreamServerEndpoint,
)
from zope.interface import implementer

from lab.core.errors import InputError, LabError, TransportError
from lab.core.frozen import dataclass
from lab.dane.bounds import LookupLimits
from lab.dane.client_id import push_client_id
from lab.dane.decision import Decision
from lab.dane.discovery import Service
from lab.dane.evidence import DnsStatus
from lab.dane.policy import ClientPolicy, ServerPolicy, decide_server
from lab.net.http import CONNECT_TIMEOUT_S
from lab.net.lookups import Lookups, judged_client
from lab.net.reactor import Reactor
from lab.net.resolver import Resolver
from lab.net.tls import Guard, TlsConnection, TlsLimits
from lab.net.tls_ports import BACKLOG, CONNECTIONS, TlsClientFactory, TlsServerFactory
from lab.net.tls_transport import ProtocolApplication
from lab.pki.identity import Identity
from lab.tls.authentication import Presented, judge_server
from lab.tls.context import ClientAuth, Context
from lab.tls.handshake import DEFAULT, Handshake

LIMITS = TlsLimits(open_s=None)


class RefusedError(LabError):
    """Report that we have refused a server.

    Attributes:
        decision: with every check and its reason in `decision.report`.
    """

    def __init__(self, subject: str, decision: Decision) -> None:
        """Say what failed first."""
        super().__init__(f"{subject} is refused: {decision.reason}")
        self.decision = decision


@implementer(IStreamServerEndpoint)
class DaneServerEndpoint:
    """Listen for clients that DANE authenticates; made by `dane_server`."""

    def __init__(
        self, reactor: Reactor, where: tuple[str, int], guard: Guard, connections: int
    ) -> None:
        """Listen at *where* (address, port), behind *guard*."""
        self._reactor, self._where = reactor, where
        self._guard, self._connections = guard, connections

    def listen(self, protocolFactory: IProtocolFactory) -> "Deferred[IListeningPort]":  # noqa: N803
        """Open the port; each client that is let in gets a protocol of *protocolFactory*."""
        factory = _Serving(self._reactor, self._guard, protocolFactory, self._connections)
        address, port = self._where
        return execute(self._reactor.listenTCP, port, factory, BACKLOG, address)


class _Serving(TlsServerFactory):
    """Start and stop the factory of the application with the port."""

    def __init__(
        self, reactor: Reactor, guard: Guard, serves: IProtocolFactory, connections: int
    ) -> None:
        super().__init__(
            reactor, lambda: guard, lambda: ProtocolApplication(serves.buildProtocol), connections
        )
        self._serves = serves

    def startFactory(self) -> None:
        self._serves.doStart()

    def stopFactory(self) -> None:
        self._serves.doStop()


def dane_server(  # noqa: PLR0913 an interface of options, all but three by keyword
    reactor: Reactor,
    port: int,
    identity: Identity,
    *,
    resolver: Resolver,
    policy: ClientPolicy | None = None,
    interface: str = "127.0.0.1",
    limits: TlsLimits = LIMITS,
    lookups: LookupLimits | None = None,
    connections: int = CONNECTIONS,
    handshake: Handshake = DEFAULT,
) -> DaneServerEndpoint:
    """Return the endpoint of a server whose clients are authenticated by DANE.

    Each client names itself by `dane_clientid`, and is looked up before its first octet is read
    (draft-ietf-dance-client-auth). Who it is stands in `transport.decision.identity`.

    Args:
        reactor: for sockets and time.
        port: where to listen; 0 for any.
        identity: key and certificates; TLSA records of them must be in the DNS.
        resolver: looks clients up.
        policy: what is demanded of clients; None: DANE, of any domain.
        interface: address to listen at.
        limits: how long to wait for a client.
        lookups: how many clients are looked up at a time.
        connections: how many there are at a time.
        handshake: ALPN, raw public keys, TLS 1.2, tickets and the like. Its profile is that of the
            policy.

    Raises:
        LabError: libssl refuses the identity or the settings, or there is none.
    """
    demands = policy or ClientPolicy()
    auth = ClientAuth.REQUIRED if demands.require_dane else ClientAuth.OPTIONAL
    shaken = replace(handshake, profile=demands.profile)
    looks = Lookups(reactor, resolver.tlsa, resolver.now, lookups)

    async def gate(presented: Presented) -> Decision:
        return await judged_client(presented, demands, looks, resolver.now)

    guard = Guard(shaken.server(identity, auth), gate, limits)
    return DaneServerEndpoint(reactor, (interface, port), guard, connections)


@dataclass(frozen=True, slots=True)
class _Aim:
    """Hold what a client wants to reach, and how it judges what it finds there."""

    service: Service
    resolver: Resolver
    policy: ServerPolicy


@implementer(IStreamClientEndpoint)
class DaneClientEndpoint:
    """Connect to a server that DANE authenticates; made by `dane_client`."""

    def __init__(self, reactor: Reactor, aim: _Aim, context: Context, limits: TlsLimits) -> None:
        """Aim at *aim* with the identity of *context*."""
        self._reactor, self._aim, self._context, self._limits = reactor, aim, context, limits

    def connect(self, protocolFactory: IProtocolFactory) -> "Deferred[IProtocol]":  # noqa: N803
        """Return the protocol of *protocolFactory* when the server is known to be the right one.

        It fails with `RefusedError`, which holds the decision, if it is not; with `TransportError`
        if nobody answers; with `PeerError` if the handshake fails.
        """
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        aim = self._aim
        endpoint, found = await aim.resolver.server(aim.service)
        subject = f"{aim.service.name} port {aim.service.port}"
        base, evidence = found
        if evidence.dns_status is not DnsStatus.SECURE:
            # What the server will show cannot change the verdict on an answer like this.
            decision = decide_server(endpoint, aim.policy, evidence, None)
            if not decision.lets_in:
                raise RefusedError(subject, decision)

        async def gate(presented: Presented) -> Decision:
            return judge_server(endpoint, found, presented, aim.policy, aim.resolver.now())

        guard = Guard(self._context, gate, self._limits)
        problems = []
        for address in endpoint.addresses:
            attempt = _Attempt(self._reactor, guard, factory, subject)
            try:
                # RFC 7671 section 7: the TLSA base domain goes into SNI.
                return await attempt.at((address, aim.service.port), base)
            except TransportError as error:
                problems.append(str(error))
        raise TransportError(f"{subject}: {'; '.join(problems) or 'it has no address'}")


class _Attempt:
    """Try one address."""

    def __init__(
        self, reactor: Reactor, guard: Guard, factory: IProtocolFactory, subject: str
    ) -> None:
        self._reactor, self._guard, self._factory = reactor, guard, factory
        self._subject = subject

    def at(self, where: tuple[str, int], name: Name) -> "Deferred[IProtocol]":
        """Return the protocol that talks to *where*."""
        self._factory.doStart()
        application = ProtocolApplication(self._factory.buildProtocol, self._ready, self._over)
        server_name = name.to_text(omit_final_dot=True)
        self._connection = TlsConnection(self._reactor, self._guard, application, server_name)
        factory = TlsClientFactory(self._connection, self._unreachable)
        connector = self._reactor.connectTCP(*where, factory, CONNECT_TIMEOUT_S)
        self._done: Deferred[IProtocol] = Deferred(lambda _: connector.disconnect())
        return self._done

    def _ready(self, protocol: IProtocol | None) -> None:
        if protocol is None:
            self._done.errback(NoProtocol())
        else:
            self._done.callback(protocol)

    def _unreachable(self, reason: str) -> None:
        self._factory.doStop()
        self._done.errback(TransportError(reason))

    def _over(self) -> None:
        self._factory.doStop()
        if self._done.called:
            return
        decision, ending = self._connection.decision, self._connection.ending
        if decision is not None and not decision.lets_in:
            self._done.errback(RefusedError(self._subject, decision))
        else:
            self._done.errback(ending)


def dane_client(  # noqa: PLR0913 as above
    reactor: Reactor,
    host: str | Name,
    port: int,
    *,
    resolver: Resolver,
    identity: Identity | None = None,
    client_id: str | Name | None = None,
    policy: ServerPolicy | None = None,
    limits: TlsLimits = LIMITS,
    handshake: Handshake = DEFAULT,
) -> DaneClientEndpoint:
    """Return the endpoint of a client whose server is authenticated by DANE.

    Args:
        reactor: for sockets and time.
        host: name of the server; its addresses are looked up by *resolver*.
        port: where it listens.
        resolver: looks the server up.
        identity: key and certificates; None for an anonymous client.
        client_id: owner name of the client's TLSA records, sent if the server asks for it.
        policy: what is demanded of the server; None: DANE.
        limits: how long to wait for the server.
        handshake: ALPN, raw public keys, TLS 1.2 and the like.

    Raises:
        LabError: a name is none, or libssl refuses the identity or the settings.
    """
    service = Service(_name(host, "host"), port)
    claimed = None if client_id is None else push_client_id(_name(client_id, "client_id"))
    context = handshake.client(identity, claimed)
    aim = _Aim(service, resolver, policy or ServerPolicy())
    return DaneClientEndpoint(reactor, aim, context, limits)


def _name(text: str | Name, what: str) -> Name:
    try:
        return from_text(text) if isinstance(text, str) else text
    except DNSException as error:
        raise InputError(f"{text!r} is no domain name: {error}", what) from error
