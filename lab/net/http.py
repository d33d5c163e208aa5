"""HTTP/1.1 between operators' servers: what is asked and answered (RFC 9112).

h11 knows the protocol. `net.http_server` and `net.http_client` let its events meet connections.
"""

from collections.abc import Iterable
from typing import Protocol, TypeAlias

from lab.core.frozen import dataclass
from lab.dane.decision import Decision

MAX_BODY = 65536
CONNECT_TIMEOUT_S = 5.0

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
        number: which request of its connection it was; only the first follows a handshake.
    """

    decision: Decision | None
    response: HttpResponse | None
    refusal: str = ""
    number: int = 1


class Term(Protocol):
    """Say how long a connection may be used on the strength of the decision about its peer."""

    def holds(self, decision: Decision) -> bool:
        """Tell whether one more request may go over it now."""
        ...


class Once:
    """Let a decision be good for one request, as if each were asked for anew."""

    def holds(self, decision: Decision) -> bool:
        """Say no."""
        del decision
        return False


def from_h11(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return *headers* as text."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def with_length(headers: Headers, body: bytes, extra: Headers = ()) -> list[tuple[str, str]]:
    """Return *headers* with the length of *body* and *extra*, as far as they do not say it."""
    given = {name.lower() for name, _ in headers}
    own = (*extra, ("content-length", str(len(body))))
    return [*(pair for pair in own if pair[0] not in given), *headers]
