"""The client's side of HTTP/1.1 over TLS: one request after the other (RFC 9112).

h11's state machine says whether a connection may carry another request after this one.
"""

from collections.abc import Callable

import h11
from twisted.internet.defer import Deferred

from lab.core.errors import InputError, TransportError
from lab.dane.decision import Decision
from lab.net.http import (
    CONNECT_TIMEOUT_S,
    MAX_BODY,
    Exchange,
    HttpRequest,
    HttpResponse,
    from_h11,
    with_length,
)
from lab.net.reactor import Reactor
from lab.net.tls import Guard, TlsConnection
from lab.net.tls_ports import TlsClientFactory


class ClientLine:
    """Send requests over one connection, and collect their responses.

    Attributes:
        was_left: whether the server has closed it without a word of an answer to the last request.
    """

    def __init__(self, host: str, on_end: Callable[["ClientLine"], None] | None = None) -> None:
        """Wait for the connection to be opened.

        Args:
            host: for the Host header.
            on_end: is told when the connection is of no more use.
        """
        self._host, self._on_end = host, on_end
        self._http = h11.Connection(h11.CLIENT)
        self._connection: TlsConnection | None = None
        self._is_open, self._ended = False, False
        self._waiting: Deferred[Exchange] | None = None
        self._to_send = b""
        self._number = 0
        self._head: h11.Response | None = None
        self._body = b""
        self._touched, self.was_left = False, False

    @property
    def is_free(self) -> bool:
        """Tell whether it can take a request now."""
        return not self._ended and self._waiting is None

    @property
    def decision(self) -> Decision | None:
        """Return what we decided about the server; None before."""
        return self._connection.decision if self._connection is not None else None

    def use(self, connection: TlsConnection) -> None:
        """Keep the connection, whose decision is wanted however it ends."""
        self._connection = connection

    def ask(self, request: HttpRequest) -> "Deferred[Exchange]":
        """Send *request*, as soon as there is a connection; one at a time.

        Raises:
            InputError: the request is no HTTP request.
        """
        assert self.is_free
        self._head, self._body, self._touched = None, b"", False
        self._to_send = self._octets_of(request)
        self._number += 1
        waiting: Deferred[Exchange] = Deferred(
            lambda _: self.give_up("nobody waits for the answer")
        )
        self._waiting = waiting
        if self._is_open and self._connection is not None:
            self._connection.resume()
            self._send(self._connection)
        return waiting

    def _octets_of(self, request: HttpRequest) -> bytes:
        headers = with_length(request.headers, request.body, (("host", self._host),))
        try:
            head = h11.Request(method=request.method, target=request.target, headers=headers)
        except h11.LocalProtocolError as error:
            problem = f"{request.method} {request.target} cannot be sent: {error}"
            raise InputError(problem) from error
        events = (head, h11.Data(data=request.body), h11.EndOfMessage())
        return b"".join(self._http.send(event) or b"" for event in events)

    def _send(self, connection: TlsConnection) -> None:
        octets, self._to_send = self._to_send, b""
        connection.write(octets)

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Send the request: the server is who it should be."""
        self._is_open = True
        if self._ended:
            connection.finish()
        else:
            self._send(connection)

    def received(self, data: bytes) -> None:
        """Collect the response; then rest, or close."""
        if self._ended:
            return
        if self._waiting is None:
            self._end()
            return
        self._touched = True
        try:
            self._http.receive_data(data)
            self._collect()
        except h11.RemoteProtocolError as error:
            self.give_up(f"the response is malformed: {error}")

    def _collect(self) -> None:
        while (event := self._http.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY:
                    self.give_up("the response is too long")
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._complete()
                return

    def _complete(self) -> None:
        assert self._head is not None
        headers = from_h11(self._head.headers)
        response = HttpResponse(self._head.status_code, headers, self._body)
        trailing, _ = self._http.trailing_data
        if trailing or (self._http.our_state, self._http.their_state) != (h11.DONE, h11.DONE):
            self._end()
        else:
            self._http.start_next_cycle()
            assert self._connection is not None
            self._connection.rest()
        self._answer(Exchange(self.decision, response, number=self._number))

    def give_up(self, problem: str) -> None:
        """End the connection because of *problem*, which is what an asker is told."""
        self._end()
        self._answer(Exchange(self.decision, None, problem, self._number))

    def finish(self) -> None:
        """Say goodbye: there is nothing more to ask."""
        self._end()

    def closed(self, reason: str) -> None:
        """Tell an asker why no response came."""
        refusal = reason or "the connection was closed without a response"
        self._ended = True
        self._tell_end()
        self.was_left = not reason and not self._touched
        self._answer(Exchange(self.decision, None, refusal, self._number))

    def _answer(self, exchange: Exchange) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.called:
            waiting.callback(exchange)

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._is_open and self._connection is not None:
            self._connection.finish()
        self._tell_end()

    def _tell_end(self) -> None:
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(self)

    def unreachable(self, reason: str) -> None:
        """Tell an asker that nobody listens there."""
        self._ended = True
        self._tell_end()
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.called:
            waiting.errback(TransportError(reason))


def connect(
    reactor: Reactor, where: tuple[str, int], server_name: str, guard: Guard, line: ClientLine
) -> None:
    """Open the connection of *line* to the server at *where* (address, port)."""
    connection = TlsConnection(reactor, guard, line, server_name)
    line.use(connection)
    place = f"{server_name} at {where[0]} port {where[1]}"
    factory = TlsClientFactory(connection, lambda why: line.unreachable(f"{place}: {why}"))
    reactor.connectTCP(*where, factory, CONNECT_TIMEOUT_S)


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
        request: what to send; nothing else will be.

    Raises:
        TransportError: nobody listens there.
        InputError: the request is no HTTP request.
    """
    line = ClientLine(server_name)
    once = HttpRequest(
        request.method, request.target, (*request.headers, ("connection", "close")), request.body
    )
    asking = line.ask(once)
    connect(reactor, where, server_name, guard, line)
    return await asking
