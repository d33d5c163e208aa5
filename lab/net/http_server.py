"""The server's side of HTTP/1.1 over TLS: one request after the other (RFC 9112).

Whom to let in is the gate's business; how long its decision may serve for further requests, that of
a `Term`. Where that is over the connection ends, and who comes back is judged anew.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias

import h11
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from lab.dane.decision import Decision
from lab.net.http import MAX_BODY, HttpRequest, HttpResponse, Once, Term, from_h11, with_length
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.tls import Guard, TlsConnection
from lab.net.tls_ports import TlsServerFactory, listen_tls

log = Logger()

_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

Handler: TypeAlias = Callable[[HttpRequest, Decision], Awaitable[HttpResponse]]
"""Answers a request of a peer who was let in; its time is that of the whole exchange."""


class ServerLine:
    """Answer the requests of one connection with a handler."""

    def __init__(self, handler: Handler, term: Term | None = None) -> None:
        """Wait for the connection to be opened; it is for one request unless *term* says more."""
        self._handler, self._term = handler, term or Once()
        self._http = h11.Connection(h11.SERVER)
        self._connection: TlsConnection | None = None
        self._decision: Decision | None = None
        self._request: h11.Request | None = None
        self._body = b""
        self._answering: Deferred[None] | None = None
        self._resting, self._hurried = False, False

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Keep whom we talk to."""
        self._connection, self._decision = connection, decision

    def received(self, data: bytes) -> None:
        """Collect a request; answer when it is complete."""
        if self._http.their_state is h11.DONE:
            # RFC 9112 section 9.3.2: who does not wait for the answer has to expect that the rest
            # is not read. There is no pipelining here.
            self._hurried = True
        if not self._is_reading or not self._goes_on():
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
    def _is_reading(self) -> bool:
        can_answer = self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}
        return can_answer and self._http.their_state in {h11.IDLE, h11.SEND_BODY}

    def _goes_on(self) -> bool:
        """Take up the connection if it was at rest, unless its term is over."""
        if not self._resting:
            return True
        self._resting = False
        assert self._connection is not None
        assert self._decision is not None
        if self._term.holds(self._decision):
            self._connection.resume()
            return True
        # RFC 9112 section 9.3.1: nothing was answered, so the client may ask again on another one.
        self._connection.finish()
        return False

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
                    self._hurried = True
                    self._respond(HttpResponse(413, body=b"the body is too long\n"))
                    return
            elif isinstance(event, h11.EndOfMessage):
                trailing, _ = self._http.trailing_data
                self._hurried = bool(trailing)
                self._answering = Deferred.fromCoroutine(self._answer())
                self._answering.addErrback(self._broke_down)
                return

    async def _answer(self) -> None:
        assert self._request is not None
        assert self._decision is not None
        request = HttpRequest(
            self._method,
            self._request.target.decode("ascii"),
            from_h11(self._request.headers),
            self._body,
        )
        self._respond(await self._handler(request, self._decision))

    def _broke_down(self, failure: Failure) -> None:
        if self._connection is not None and not failure.check(CancelledError):
            log.failure("the handler of a request broke down", failure)
            self._connection.cut_off("the handler broke down")

    def _respond(self, response: HttpResponse) -> None:
        assert self._connection is not None
        assert self._decision is not None
        ends = self._hurried or not self._term.holds(self._decision)
        extra = (("connection", "close"),) if ends else ()
        headers = with_length(response.headers, response.body, extra)
        reason = HTTPStatus(response.status).phrase
        head = h11.Response(status_code=response.status, headers=headers, reason=reason)
        # RFC 9110 section 6.4.1: no body after HEAD, nor with 204 and 304.
        is_bare = self._method == "HEAD" or response.status in _WITHOUT_BODY
        events = (head, h11.Data(data=b"" if is_bare else response.body), h11.EndOfMessage())
        self._connection.write(b"".join(self._http.send(event) or b"" for event in events))
        self._rest_or_end(self._connection)

    def _rest_or_end(self, connection: TlsConnection) -> None:
        """Wait for the next request if there may be one; h11 knows what both sides have said."""
        self._body, self._request, self._answering = b"", None, None
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            connection.finish()
            return
        self._http.start_next_cycle()
        self._resting = True
        connection.rest()


def listen_https(
    reactor: Reactor,
    ports: PortSet,
    where: tuple[str, int],
    guard: Callable[[], Guard],
    handler: Handler,
    term: Callable[[], Term] = Once,
) -> int:
    """Serve *handler* at *where* (address, port) behind *guard*, and return the port number.

    Each connection has the guard and the term of its moment: certificates are renewed while a port
    is open.

    Raises:
        BindError: the port could not be opened.
    """
    factory = TlsServerFactory(reactor, guard, lambda: ServerLine(handler, term()))
    return listen_tls(reactor, ports, where, factory)
