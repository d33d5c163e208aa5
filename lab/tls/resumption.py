"""Resume sessions (RFC 8446 section 2.2) so that the gate is asked again, about the same peer.

A resumed handshake has no certificates. So a server puts what its client showed into the ticket:
chain or key, and name; libssl encrypts that with a key of its own. After a resumption the gate sees
it again, and looks the name up again: who has lost the TLSA record is refused. Tickets are given
only to those whom the gate let in, and only after full handshakes, so that the client proves anew
that it holds its key when LIFETIME_S is over. Early data, which would come before the gate, never.
"""

import struct
import weakref
from collections.abc import Callable
from ctypes import byref, c_size_t, c_void_p, string_at
from enum import Enum

from lab.core.frozen import dataclass
from lab.tls import abi
from lab.tls.libssl import Library

LIFETIME_S = 3600
# A longer chain is not worth a ticket: the client would send it with every ClientHello.
MAX_REMEMBERED = 16384
_CONTEXT = b"lab"


class Resumption(Enum):
    """Tell whether sessions may be resumed."""

    OFF = "off"
    BY_TICKET = "by ticket"


@dataclass(frozen=True, slots=True)
class Remembered:
    """Hold what the client of a session showed in its full handshake.

    Attributes:
        client_id: extension data of dane_clientid; None if it sent none.
        key: SubjectPublicKeyInfo of a raw public key; empty if it showed none.
        chain: its certificates as DER, leaf first.
    """

    client_id: bytes | None = None
    key: bytes = b""
    chain: tuple[bytes, ...] = ()

    def push(self) -> bytes:
        """Return the octets that go into a ticket."""
        named = () if self.client_id is None else (self.client_id,)
        parts = (bytes([len(named)]), *named, self.key, *self.chain)
        return b"".join(struct.pack("!I", len(one)) + one for one in parts)

    @classmethod
    def pull(cls, octets: bytes) -> "Remembered":
        """Return what `push` wrote; libssl has checked that nobody changed it."""
        parts, at = [], 0
        while at < len(octets):
            (size,) = struct.unpack_from("!I", octets, at)
            parts.append(octets[at + 4 : at + 4 + size])
            at += 4 + size
        if not parts:
            return cls()
        is_named, *rest = parts
        client_id = rest.pop(0) if is_named[0] else None
        return cls(client_id, rest[0], tuple(rest[1:]))


class Tickets:
    """Let the connections of one `SSL_CTX` be resumed; must live as long as that."""

    def __init__(self, library: Library, shown: Callable[[int], Remembered]) -> None:
        """Put into the ticket of a connection (`SSL *`) what *shown* returns of it."""
        self._library, self._shown = library, shown
        self._kept = abi.TICKET_CALLBACK(self._fill)

    def register(self, context: int) -> None:
        """Enter the callback into an `SSL_CTX *`."""
        ssl = self._library.ssl
        ssl.SSL_CTX_set_session_ticket_cb(context, self._kept, None, None)
        # Without one libssl refuses to resume sessions of clients with certificates.
        ssl.SSL_CTX_set_session_id_context(context, _CONTEXT, len(_CONTEXT))
        ssl.SSL_CTX_set_timeout(context, LIFETIME_S)

    def _fill(self, connection: int, _argument: int) -> int:
        octets = self._shown(connection).push()
        session = self._library.ssl.SSL_get_session(connection)
        return int(self._library.ssl.SSL_SESSION_set1_ticket_appdata(session, octets, len(octets)))


def recalled(library: Library, connection: int) -> Remembered:
    """Return what stood in the ticket by which a server's `SSL *` was resumed."""
    data, size = c_void_p(), c_size_t()
    session = library.ssl.SSL_get_session(connection)
    library.ssl.SSL_SESSION_get0_ticket_appdata(session, byref(data), byref(size))
    return Remembered.pull(string_at(data.value, size.value) if data.value else b"")


class Session:
    """Hold the ticket of a client, and the secret that belongs to it.

    Attributes:
        pointer: an `SSL_SESSION *` of our own.
        library: whose memory that is.
        server_name: of the server that gave it.
    """

    def __init__(self, library: Library, original: int, server_name: str) -> None:
        """Copy *original*: libssl spoils it when its connection ends without a goodbye."""
        self.pointer: int = library.ssl.SSL_SESSION_dup(original)
        self.library, self.server_name = library, server_name
        weakref.finalize(self, library.ssl.SSL_SESSION_free, self.pointer)

    def offer(self, connection: int) -> None:
        """Let a client's `SSL *` ask to be resumed; others may ask later."""
        copy = Session(self.library, self.pointer, self.server_name)
        # libssl counts references: it keeps the copy beyond our own use of it.
        self.library.ssl.SSL_set_session(connection, copy.pointer)


def session_of(library: Library, connection: int, server_name: str) -> Session | None:
    """Return the session of a client's `SSL *`; None if it has no ticket."""
    own = library.ssl.SSL_get_session(connection)
    if not own or not library.ssl.SSL_SESSION_is_resumable(own):
        return None
    return Session(library, own, server_name)
