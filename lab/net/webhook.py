"""Tell a program on this machine of readings: one HTTP POST of JSON for each (RFC 9112).

Plain HTTP, as it never leaves loopback; what is not taken is not sent again.
"""

import json
from collections.abc import Mapping
from typing import Any, Self

import h11
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, ITCPTransport
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.python.failure import Failure

from lab.core.errors import TransportError
from lab.core.frozen import dataclass
from lab.net.loopback_url import pull_loopback_url
from lab.net.reactor import Reactor

TIMEOUT_S = 5.0
_HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class Webhook:
    """Name who is told.

    Attributes:
        address: on loopback.
        port: TCP.
        target: path and query.
    """

    address: str
    port: int
    target: str

    @classmethod
    def from_text(cls, url: str) -> Self:
        """Return what *url* names, e.g. "http://127.0.0.1:9000/readings".

        Raises:
            InputError: it is no http URL of a loopback address.
        """
        parts = pull_loopback_url(url, {"http": _HTTP_PORT}, _WANTED)
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        return cls(parts.address, parts.port, target)


_WANTED = "is no webhook; expected a URL such as http://127.0.0.1:9000/readings"


class _Post(Protocol):
    """Send one request, and read the status of its response."""

    def __init__(self, webhook: Webhook, body: bytes) -> None:
        self.status: Deferred[int] = Deferred()
        self._http = h11.Connection(h11.CLIENT)
        headers = [
            ("host", f"{webhook.address}:{webhook.port}"),
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        head = h11.Request(method="POST", target=webhook.target, headers=headers)
        self._events = (head, h11.Data(data=body), h11.EndOfMessage())

    def connectionMade(self) -> None:
        octets = b"".join(self._http.send(event) or b"" for event in self._events)
        ITCPTransport(self.transport).write(octets)

    def dataReceived(self, data: bytes) -> None:
        try:
            self._http.receive_data(data)
            event = self._http.next_event()
        except h11.RemoteProtocolError as error:
            self.fail(f"the response is malformed: {error}")
            return
        if isinstance(event, h11.Response) and not self.status.called:
            self.status.callback(event.status_code)
            ITCPTransport(self.transport).loseConnection()

    def connectionLost(self, reason: object = None) -> None:
        self.fail("it was closed without a response")

    def fail(self, why: str) -> None:
        if not self.status.called:
            self.status.errback(TransportError(why))
        if self.transport is not None:
            ITCPTransport(self.transport).abortConnection()


class _Factory(ClientFactory):
    """Make one connection."""

    noisy = False

    def __init__(self, post: _Post) -> None:
        self._post = post

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        return self._post

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        self._post.fail(reason.getErrorMessage())


async def tell(reactor: Reactor, webhook: Webhook, document: Mapping[str, Any]) -> int:
    """Send *document* to *webhook*, and return the status of its answer.

    Raises:
        TransportError: nobody took it.
    """
    post = _Post(webhook, json.dumps(document).encode())
    timer = reactor.callLater(TIMEOUT_S, post.fail, f"no answer within {TIMEOUT_S:.0f} s")
    reactor.connectTCP(webhook.address, webhook.port, _Factory(post), TIMEOUT_S)
    try:
        return await post.status
    finally:
        if timer.active():
            timer.cancel()
