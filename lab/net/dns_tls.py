"""DNS over TLS for one address (RFC 7858): the messages of a TCP connection, inside TLS.

No certificate is asked of clients. Zone transfer uses the same port (RFC 9103 section 7.3).
"""

from typing import cast

from lab.core.checks import Report
from lab.dane.decision import Decision, Verdict
from lab.nameserver.query import ALPN, Peer, Transport
from lab.net.dns_server import Responder
from lab.net.dns_stream import TCP_LIFE_S, Crowd, DnsStream, Flow, Line
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.tls import Guard, TlsConnection, TlsLimits
from lab.net.tls_ports import TlsServerFactory, listen_tls
from lab.pki.identity import Identity
from lab.tls.authentication import Presented
from lab.tls.context import ClientAuth, Context, KeyLog, ServerRole

# RFC 7858 section 3.1, and what is used where that port needs a privilege.
DOT_PORT_WITHOUT_PRIVILEGE = 8853

_ANYBODY = Decision(
    Verdict.GENERAL_POLICY, None, Report("DNS over TLS asks clients for no certificate")
)


class DotApplication:
    """Answer the messages of one TLS connection."""

    def __init__(self, reactor: Reactor, crowd: Crowd, respond: Responder) -> None:
        """Answer with what *respond* returns."""
        self._reactor, self._crowd, self._respond = reactor, crowd, respond
        self._stream: DnsStream | None = None

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Begin."""
        del decision
        transport = connection.transport
        assert transport is not None
        address = transport.getPeer()
        host, port = getattr(address, "host", ""), getattr(address, "port", 0)
        peer = Peer(host, port, Transport.TLS, connection.protocol)
        # Every reactor's TCP transport has what flow control needs.
        line = Line(connection.write, connection.finish, cast("Flow", transport))
        self._stream = DnsStream(
            self._reactor, self._crowd, line, lambda wire: self._respond(wire, peer)
        )

    def received(self, data: bytes) -> None:
        """Hand octets on."""
        if self._stream is not None:
            self._stream.received(data)

    def closed(self, reason: str) -> None:
        """Hand on that it is over."""
        del reason
        if self._stream is not None:
            self._stream.lost()


def listen_dot(
    reactor: Reactor,
    ports: PortSet,
    where: tuple[str, int],
    identity: Identity,
    respond: Responder,
    keylog: KeyLog | None = None,
) -> int:
    """Serve DNS over TLS at *where* (address, port) and return the port number.

    Raises:
        BindError: the port could not be opened.
        UnsupportedError: there is no usable libssl.
    """
    role = ServerRole(identity, ClientAuth.NONE, protocols=(ALPN,))
    # The stream has limits of its own; this is the outermost one.
    guard = Guard(Context(role, keylog=keylog), _welcome, TlsLimits(open_s=TCP_LIFE_S))
    crowd = Crowd()
    factory = TlsServerFactory(
        reactor, lambda: guard, lambda: DotApplication(reactor, crowd, respond)
    )
    return listen_tls(reactor, ports, where, factory)


async def _welcome(presented: Presented) -> Decision:
    del presented
    return _ANYBODY
