"""One HTTP/1.1 exchange over TLS: enough for operators' servers to talk to each other (RFC 9112).

h11 knows the protocol; here its events meet the connection. One request for each connection.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

import h11
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from lab.core.errors import InputError, TransportError
from lab.dane.decision import Decision
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.tls import Guard, TlsConnection
from lab.net.tls_ports import TlsClientFactory, TlsServerFactory, listen_tls

log = Logger()

MAX_BODY = 65536
CONNECT_TIMEOUT_S = 5.0

_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """Hold a request.

    Attributes:
        method: "GET", "POST", …
        target: path with query, as on the wire.
        headers: (name in lower case, value); a client need not give content-length.
        body: at most MAX_BODY octets.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Hold a response.

    Attributes:
        status: one of `http.HTTPStatus`, from 200 on.
        headers: (name in lower case, value); a server need not give content-length.
        body: at most MAX_BODY octets.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Hold what a client got from a server.

    Attributes:
        decision: of the client about the server; None if the handshake failed.
        response: None if there was none.
        refusal: why there was none: the server's alert, or what went wrong; empty with a response.
    """

    decision: Decision | None
    response: HttpResponse | None
    refusal: str = ""


Handler: TypeAlias = Callable[[HttpRequest, Decision], Awaitable[HttpResponse]]
"""Answers a request of a peer who was let in; its time is that of the whole exchange."""


class ServerExchange:
    """Answer one request with a handler."""

    def __init__(self, handler: Handler) -> None:
        """Wait for the connection to be opened."""
        self._handler = handler
        self._http = h11.Connection(h11.SERVER)
        self._connection: TlsConnection | None = None
        self._decision: Decision | None = None
        self._request: h11.Request | None = None
        self._body = b""
        self._answering: Deferred[None] | None = None

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Keep whom we talk to."""
        self._connection, self._decision = connection, decision

    def received(self, data: bytes) -> None:
        """Collect the request; answer when it is complete."""
        if self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        try:
            self._http.receive_data(data)
            self._collect()
        except h11.RemoteProtocolError as error:
            self._respond(HttpResponse(error.error_status_hint, body=f"{error}\n".encode()))

    def closed(self, reason: str) -> None:
        """Nothing is kept beyond the connection."""
        if self._answering is not None:
            self._answering.cancel()

    @property
    def _method(self) -> str:
        return self._request.method.decode("ascii") if self._request is not None else ""

    def _collect(self) -> None:
        while (event := self._http.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Request):
                self._request = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY:
                    self._respond(HttpResponse(413, body=b"the body is too long\n"))
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._answering = Deferred.fromCoroutine(self._answer())
                self._answering.addErrback(self._broke_down)
                return

    async def _answer(self) -> None:
        assert self._request is not None
        assert self._decision is not None
        request = HttpRequest(
            self._method,
            self._request.target.decode("ascii"),
            _from_h11(self._request.headers),
            self._body,
        )
        self._respond(await self._handler(request, self._decision))

    def _broke_down(self, failure: Failure) -> None:
        if self._connection is not None and not failure.check(CancelledError):
            log.failure("the handler of a request broke down", failure)
            self._connection.cut_off("the handler broke down")

    def _respond(self, response: HttpResponse) -> None:
        assert self._connection is not None
        headers = _with_length(response.headers, response.body, ("connection", "close"))
        reason = HTTPStatus(response.status).phrase
        head = h11.Response(status_code=response.status, headers=headers, reason=reason)
        # RFC 9110 section 6.4.1: no body after HEAD, nor with 204 and 304.
        is_bare = self._method == "HEAD" or response.status in _WITHOUT_BODY
        events = (head, h11.Data(data=b"" if is_bare else response.body), h11.EndOfMessage())
        self._connection.write(b"".join(self._http.send(event) or b"" for event in events))
        self._connection.finish()


class ClientExchange:
    """Send one request and collect its response.

    Attributes:
        result: fires with the exchange when the connection has ended.
    """

    def __init__(self, request: HttpRequest, host: str) -> None:
        """Wait for the connection to be opened; *host* is for the Host header.

        Raises:
            InputError: the request is no HTTP request.
        """
        self.result: Deferred[Exchange] = Deferred()
        self._events = _events_of(request, host)
        self._http = h11.Connection(h11.CLIENT)
        self._connection: TlsConnection | None = None
        self._head: h11.Response | None = None
        self._body = b""
        self._complete = False
        self._problem = ""

    @property
    def _is_over(self) -> bool:
        return self._complete or bool(self._problem)

    def use(self, connection: TlsConnection) -> None:
        """Keep the connection, whose decision is wanted however it ends."""
        self._connection = connection

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Send the request: the server is who it should be."""
        sent = (self._http.send(event) or b"" for event in self._events)
        connection.write(b"".join(sent))

    def received(self, data: bytes) -> None:
        """Collect the response; close when it is complete."""
        if self._is_over:
            return
        try:
            self._http.receive_data(data)
            self._collect()
        except h11.RemoteProtocolError as error:
            self._problem = f"the response is malformed: {error}"
        if self._is_over and self._connection is not None:
            self._connection.finish()

    def closed(self, reason: str) -> None:
        """Return what came, or why nothing did."""
        decision = self._connection.decision if self._connection is not None else None
        if self._complete and self._head is not None:
            headers = _from_h11(self._head.headers)
            response = HttpResponse(self._head.status_code, headers, self._body)
            self.result.callback(Exchange(decision, response))
            return
        refusal = self._problem or reason or "the connection was closed without a response"
        self.result.callback(Exchange(decision, None, refusal))

    def _collect(self) -> None:
        while (event := self._http.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY:
                    self._problem = "the response is too long"
                    return
            elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
                self._complete = isinstance(event, h11.EndOfMessage)
                return


def _events_of(request: HttpRequest, host: str) -> tuple[h11.Event, ...]:
    headers = _with_length(request.headers, request.body, ("host", host))
    try:
        head = h11.Request(method=request.method, target=request.target, headers=headers)
    except h11.LocalProtocolError as error:
        raise InputError(f"{request.method} {request.target} cannot be sent: {error}") from error
    return head, h11.Data(data=request.body), h11.EndOfMessage()


def _from_h11(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _with_length(headers: Headers, body: bytes, extra: tuple[str, str]) -> list[tuple[str, str]]:
    given = {name.lower() for name, _ in headers}
    own = (extra, ("content-length", str(len(body))))
    return [*(pair for pair in own if pair[0] not in given), *headers]


def listen_https(
    reactor: Reactor,
    ports: PortSet,
    where: tuple[str, int],
    guard: Callable[[], Guard],
    handler: Handler,
) -> int:
    """Serve *handler* at *where* (address, port) behind *guard*, and return the port number.

    Each connection has the guard of its moment: certificates are renewed while a port is open.

    Raises:
        BindError: the port could not be opened.
    """
    factory = TlsServerFactory(reactor, guard, lambda: ServerExchange(handler))
    return listen_tls(reactor, ports, where, factory)


async def exchange(
    reactor: Reactor, where: tuple[str, int], server_name: str, guard: Guard, request: HttpRequest
) -> Exchange:
    """Send *request* to the server at *where* (address, port) and return what came of it.

    The gate decides about the server before the request is sent. That the server has let us in is
    known only when it answers: in TLS 1.3 its refusal arrives after our handshake is done.

    Args:
        reactor: for sockets and time.
        where: address and port.
        server_name: for SNI and the Host header, without trailing dot.
        guard: of our role as a client; its gate decides about the server.
        request: what to send.

    Raises:
        TransportError: nobody listens there.
        InputError: the request is no HTTP request.
    """
    client = ClientExchange(request, server_name)
    connection = TlsConnection(reactor, guard, client, server_name)
    client.use(connection)
    place = f"{server_name} at {where[0]} port {where[1]}"

    def unreachable(reason: str) -> None:
        client.result.errback(TransportError(f"{place}: {reason}"))

    reactor.connectTCP(*where, TlsClientFactory(connection, unreachable), CONNECT_TIMEOUT_S)
    return await client.result
