"""TLS over memory buffers: bytes in, bytes out, and a gate before the first application byte.

After the handshake an engine is in state VERIFY: it neither reads nor writes application data until
somebody says `verified(...)`. libssl's own verification is switched off, so that gate is the only
guard, and OPEN is set in one place. After a resumption it is asked like after any other
handshake, about what the peer showed in the first.

Both sides decide after their handshakes. A client has shown its certificate by then, also to a
server that it goes on to refuse; and it learns only from the first bytes it reads, or from an
alert, what the server decided about it.
"""

import weakref
from ctypes import byref, c_uint, c_void_p, create_string_buffer, string_at
from enum import Enum

from cryptography import x509

from lab.core.errors import PeerError
from lab.tls import abi, resumption
from lab.tls.alert import Alert, alert_text, first_record_alert
from lab.tls.alert_1_2 import Secrets, second_record_alert
from lab.tls.certificate_types import CertificateType
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.resumption import Remembered, Session
from lab.tls.version import Version

MAX_EARLY = 65536
_CHUNK = 16384


class State(Enum):
    """Tell where a connection is."""

    HANDSHAKE = "handshake"
    VERIFY = "verify"
    OPEN = "open"
    CLOSED = "closed"


class Engine:
    """Run one connection; knows nothing of sockets and time.

    Attributes:
        state: where the connection is.
        client_id: extension data that the client sent, as octets; None if it sent none.
        alert: the last alert that the peer sent, e.g. "handshake_failure (40)"; empty if none.
        failure: why libssl gave up; empty if it did not.
    """

    def __init__(
        self, context: Context, server_name: str = "", session: Session | None = None
    ) -> None:
        """Start a connection; a client's first bytes are in `out()` at once.

        Args:
            context: of our role.
            server_name: SNI of a client, without trailing dot; empty to send none.
            session: of an earlier connection of the same client, to be resumed if *server_name*
                is the same and the server agrees.
        """
        self.state = State.HANDSHAKE
        self.client_id: bytes | None = None
        self.alert = ""
        self.failure = ""
        self._context, self._library = context, context.library
        self._recalled: Remembered | None = None
        self._secret, self._early, self._plain, self._own_records = b"", b"", b"", b""
        ssl, crypto = self._library.ssl, self._library.crypto
        self._pointer: int = ssl.SSL_new(context.pointer)
        weakref.finalize(self, ssl.SSL_free, self._pointer)
        context.connections[self._pointer] = self
        # SSL_set_bio takes ownership of both.
        self._incoming = crypto.BIO_new(crypto.BIO_s_mem())
        self._outgoing = crypto.BIO_new(crypto.BIO_s_mem())
        ssl.SSL_set_bio(self._pointer, self._incoming, self._outgoing)
        if context.is_server:
            ssl.SSL_set_accept_state(self._pointer)
            return
        ssl.SSL_set_connect_state(self._pointer)
        if server_name:
            name = create_string_buffer(server_name.encode("ascii"))
            ssl.SSL_ctrl(self._pointer, abi.SET_HOST_NAME, 0, name)
        # RFC 8446 section 4.6.1: not with another server.
        if session is not None and session.server_name == server_name:
            assert session.library is self._library, "a session lives in the memory of its library"
            session.offer(self._pointer)
        self._shake_hands()

    def feed(self, data: bytes) -> None:
        """Take bytes from the network; `out()`, `read()` and `state` may then differ.

        Raises:
            PeerError: the peer sends more than MAX_EARLY octets before it was let in.
        """
        if self.state is State.VERIFY:
            # Still encrypted: nothing is decrypted for a peer that was not let in.
            self._early += data
            if len(self._early) > MAX_EARLY:
                self.state = State.CLOSED
                raise PeerError(f"more than {MAX_EARLY} octets before the peer was let in")
        elif self.state is not State.CLOSED:
            self._library.crypto.BIO_write(self._incoming, data, len(data))
            if self.state is State.HANDSHAKE:
                self._shake_hands()
            else:
                self._decrypt()

    def out(self) -> bytes:
        """Return and forget the bytes that are due to the network."""
        data = self._library.drain(self._outgoing) + self._own_records
        self._own_records = b""
        return data

    def verified(self, ok: bool) -> None:  # noqa: FBT001 the verdict is what the call is about
        """Let the peer in, or refuse it with the alert handshake_failure; only once, in VERIFY."""
        assert self.state is State.VERIFY, "the gate decides after the handshake, once"
        if ok is not True:
            # draft-ietf-dance-client-auth-13: one alert for all reasons, to give none away.
            self._refuse(Alert.HANDSHAKE_FAILURE)
            return
        self.state = State.OPEN
        early, self._early = self._early, b""
        self._secret = b""
        self._give_ticket()
        if early:
            self.feed(early)

    def read(self) -> bytes:
        """Return and forget the application data received so far."""
        data, self._plain = self._plain, b""
        return data

    def write(self, data: bytes) -> None:
        """Encrypt application data; only in OPEN."""
        assert self.state is State.OPEN, "nothing is sent to a peer that was not let in"
        if data:
            self._library.crypto.ERR_clear_error()
            sent = self._library.ssl.SSL_write(self._pointer, data, len(data))
            assert sent == len(data), "a memory buffer takes everything"

    def close(self) -> None:
        """Say goodbye with close_notify if the connection is open."""
        if self.state is State.OPEN:
            self._library.crypto.ERR_clear_error()
            self._library.ssl.SSL_shutdown(self._pointer)
        self.state = State.CLOSED

    @property
    def has_early(self) -> bool:
        """Tell whether the peer has sent something that waits for the gate."""
        return bool(self._early)

    @property
    def role(self) -> ServerRole | ClientRole:
        """Return which side of the connection we are, and how it was configured."""
        return self._context.role

    @property
    def peer_chain(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates of the peer, leaf first; empty if it showed none.

        Raises:
            PeerError: one of them cannot be decoded.
        """
        try:
            return tuple(x509.load_der_x509_certificate(der) for der in self._peer_octets())
        except (ValueError, x509.InvalidVersion) as error:
            raise PeerError(f"a certificate of the peer is malformed: {error}") from error

    @property
    def session(self) -> Session | None:
        """Return what a client may resume later; None as long as the server gave no ticket."""
        return resumption.session_of(self._library, self._pointer, self.server_name)

    @property
    def is_resumed(self) -> bool:
        """Tell whether the peer was spared its certificate, because it showed it before."""
        return bool(self._library.ssl.SSL_session_reused(self._pointer))

    @property
    def peer_key(self) -> bytes:
        """Return the SubjectPublicKeyInfo of the peer's raw public key; empty if it showed none."""
        if self._recalled is not None:
            return self._recalled.key
        return self._library.peer_key(self._pointer)

    @property
    def server_name(self) -> str:
        """Return the SNI of the connection; empty if there was none."""
        name = self._library.ssl.SSL_get_servername(self._pointer, 0)
        return name.decode("ascii", "replace") if name else ""

    @property
    def protocol(self) -> str:
        """Return the ALPN protocol that was agreed on; empty if the client named none."""
        name, size = c_void_p(), c_uint()
        self._library.ssl.SSL_get0_alpn_selected(self._pointer, byref(name), byref(size))
        return string_at(name.value, size.value).decode("ascii", "replace") if name.value else ""

    @property
    def version(self) -> str:
        """Return the protocol version, e.g. "TLSv1.3"."""
        return str(self._library.ssl.SSL_get_version(self._pointer).decode())

    @property
    def negotiated(self) -> Version:
        """Return the protocol version as a number; only after the handshake."""
        return Version(self._library.ssl.SSL_version(self._pointer))

    @property
    def cipher(self) -> str:
        """Return the cipher suite; empty before it is agreed on."""
        name = self._library.ssl.SSL_CIPHER_get_name(
            self._library.ssl.SSL_get_current_cipher(self._pointer)
        )
        return str(name.decode())

    def keep_secret(self, secret: bytes) -> None:
        """Keep what an alert takes until the gate has decided; called by the context."""
        self._secret = secret

    def shown(self) -> Remembered:
        """Return what the peer showed, for its ticket; called by the context."""
        return Remembered(self.client_id, self.peer_key, self._peer_octets())

    def keep_client_id(self, data: bytes) -> None:
        """Keep the client's extension data; called by the context."""
        self.client_id = data

    def note_alert(self, number: int) -> None:
        """Keep the alert of the peer; called by the context."""
        if number != Alert.CLOSE_NOTIFY:
            self.alert = alert_text(number)

    def _shake_hands(self) -> None:
        self._library.crypto.ERR_clear_error()
        result = self._library.ssl.SSL_do_handshake(self._pointer)
        if result == 1:
            self.state = State.VERIFY
            # What came with the last handshake message waits, still encrypted, for the gate.
            self._early = self._library.drain(self._incoming)
            self._recall()
            if CertificateType.X509 not in self.role.types.peer and self._peer_octets():
                # RFC 7250 section 4.2; libssl takes a certificate all the same.
                self.failure = "the peer shows a certificate where only raw public keys are taken"
                self._refuse(Alert.UNSUPPORTED_CERTIFICATE)
        else:
            self._continue_after(result)

    def _recall(self) -> None:
        """As a server, take what a resumed client showed before from its ticket."""
        if self._context.is_server and self.is_resumed:
            self._recalled = resumption.recalled(self._library, self._pointer)
            self.client_id = self._recalled.client_id

    def _give_ticket(self) -> None:
        """Let a client come back, if it may and has proved this time that it holds its key."""
        if not self._context.gives_tickets or self.is_resumed:
            return
        if len(self.shown().push()) <= resumption.MAX_REMEMBERED:
            self._library.ssl.SSL_new_session_ticket(self._pointer)
            self._library.ssl.SSL_do_handshake(self._pointer)

    def _peer_octets(self) -> tuple[bytes, ...]:
        if self._recalled is not None:
            return self._recalled.chain
        return self._library.peer_chain(self._pointer, of_client=self._context.is_server)

    def _refuse(self, alert: Alert) -> None:
        if self.negotiated is Version.TLS1_3:
            self._own_records = first_record_alert(alert, self.cipher, self._secret)
        else:
            secrets = Secrets(self._secret, *self._library.randoms(self._pointer))
            self._own_records = second_record_alert(
                alert, self.cipher, secrets, of_server=self._context.is_server
            )
        self.state = State.CLOSED

    def _decrypt(self) -> None:
        buffer = create_string_buffer(_CHUNK)
        while self.state is State.OPEN:
            self._library.crypto.ERR_clear_error()
            size = self._library.ssl.SSL_read(self._pointer, buffer, _CHUNK)
            if size <= 0:
                self._continue_after(size)
                return
            self._plain += buffer.raw[:size]

    def _continue_after(self, result: int) -> None:
        """Close after a call that did not succeed, unless it only waits for more bytes."""
        kind = self._library.ssl.SSL_get_error(self._pointer, result)
        if kind in {abi.WANT_READ, abi.WANT_WRITE}:
            return
        if kind != abi.ZERO_RETURN:
            self.failure = self._library.reason()
        self.state = State.CLOSED
