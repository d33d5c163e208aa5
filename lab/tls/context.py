"""What all connections of one role share: identity, demands, and libssl's callbacks.

TLS 1.3, unless a role asks for 1.2 besides. No renegotiation: it would come after the gate. No
tickets, unless a server asks for those of `resumption`. libssl's own verification is switched off;
the gate of the engine is the only guard.
"""

import weakref
from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeAlias

from cryptography.hazmat.primitives import serialization

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.pki.identity import Identity
from lab.tls import abi
from lab.tls.alert_1_2 import CIPHERS
from lab.tls.alpn import Protocols, offer
from lab.tls.certificate_types import CERTIFICATES_ONLY, CertificateType, CertificateTypes
from lab.tls.extension import Callbacks, ClientIdSettings
from lab.tls.libssl import Library
from lab.tls.loader import load
from lab.tls.resumption import Remembered, Resumption, Tickets
from lab.tls.version import Version

# The lines of a key log that alerts are made with: in TLS 1.3 that of our own side, in TLS 1.2 that
# of the master secret.
_LABEL_OF_SERVER, _LABEL_OF_CLIENT = b"SERVER_TRAFFIC_SECRET_0 ", b"CLIENT_TRAFFIC_SECRET_0 "
_LABEL_1_2 = b"CLIENT_RANDOM "

# Octets of a peer's Certificate message: a chain of five with RSA-4096 keys has 8,000, one of three
# with ML-DSA-44 some 12,000. libssl's own limit is 102,400.
MAX_CHAIN = 32768


KeyLog: TypeAlias = Callable[[str], None]
"""Takes a line of a key log (RFC 9850), without its end; whoever reads it reads the connection."""


class Connection(Protocol):
    """Be told what libssl says about one connection."""

    def keep_secret(self, secret: bytes) -> None:
        """Keep our first traffic secret, or the master secret of TLS 1.2."""
        ...

    def shown(self) -> Remembered:
        """Return what the peer showed, for its ticket."""
        ...

    def keep_client_id(self, data: bytes) -> None:
        """Keep the extension data of the client."""
        ...

    def note_alert(self, number: int) -> None:
        """Keep the alert that the peer sent."""
        ...


class ClientAuth(Enum):
    """Tell what a server's handshake demands of clients."""

    REQUIRED = abi.VERIFY_PEER | abi.VERIFY_FAIL_IF_NO_PEER_CERT
    OPTIONAL = abi.VERIFY_PEER
    NONE = abi.VERIFY_NONE


@dataclass(frozen=True, slots=True)
class ServerRole:
    """Configure a server.

    Attributes:
        identity: its key and chain.
        client_auth: whether clients must show a certificate.
        client_id: put into CertificateRequest; None to leave the extension out.
        protocols: ALPN names that clients may ask for; none: ALPN is ignored.
        types: certificates or raw public keys; for the latter only the key of *identity* counts.
        minimum: the oldest version of TLS; TLS 1.2 tells the client's name to whoever listens.
        resumption: whether clients that were let in may come back without their certificates.
    """

    identity: Identity
    client_auth: ClientAuth = ClientAuth.REQUIRED
    client_id: ClientIdSettings | None = None
    protocols: tuple[str, ...] = ()
    types: CertificateTypes = CERTIFICATES_ONLY
    minimum: Version = Version.TLS1_3
    resumption: Resumption = Resumption.OFF


@dataclass(frozen=True, slots=True)
class ClientRole:
    """Configure a client.

    Attributes:
        identity: its key and chain; None for an anonymous client.
        client_id: put into Certificate if the server asks; None to leave the extension out.
        protocols: ALPN names to ask for; none: ALPN is left out.
        types: certificates or raw public keys; for the latter only the key of *identity* counts.
        minimum: the oldest version of TLS; TLS 1.2 tells the client's name to whoever listens.
    """

    identity: Identity | None = None
    client_id: ClientIdSettings | None = None
    protocols: tuple[str, ...] = ()
    types: CertificateTypes = CERTIFICATES_ONLY
    minimum: Version = Version.TLS1_3


class Context:
    """Hold what all connections of one role share; wraps an `SSL_CTX`."""

    def __init__(
        self,
        role: ServerRole | ClientRole,
        library: Library | None = None,
        keylog: KeyLog | None = None,
    ) -> None:
        """Prepare libssl for *role*.

        Args:
            role: which side we are, and what we want.
            library: another than that of the process.
            keylog: is given the secrets of every connection; it must not raise.

        Raises:
            UnsupportedError: there is no usable libssl, or it cannot do what *role* wants.
            InputError: libssl refuses the identity or the code point.
        """
        self.library = load() if library is None else library
        self.role = role
        self._tell_secret = keylog
        self.is_server = isinstance(role, ServerRole)
        self.connections: weakref.WeakValueDictionary[int, Connection] = (
            weakref.WeakValueDictionary()
        )
        self.pointer: int = self.library.ssl.SSL_CTX_new(self.library.ssl.TLS_method())
        weakref.finalize(self, self.library.ssl.SSL_CTX_free, self.pointer)
        self._restrict()
        role.types.apply(self.library, self.pointer, is_server=self.is_server)
        self._install_callbacks()
        if role.identity is not None:
            self._use(role.identity)

    @property
    def gives_tickets(self) -> bool:
        """Tell whether a client that was let in gets a ticket."""
        role = self.role
        return isinstance(role, ServerRole) and role.resumption is Resumption.BY_TICKET

    def _restrict(self) -> None:
        if self.gives_tickets and self.role.minimum < Version.TLS1_3:
            raise InputError("sessions are resumed only in TLS 1.3")
        ssl, pointer = self.library.ssl, self.pointer
        ssl.SSL_CTX_ctrl(pointer, abi.SET_MIN_VERSION, self.role.minimum, None)
        ssl.SSL_CTX_ctrl(pointer, abi.SET_MAX_VERSION, Version.TLS1_3, None)
        ssl.SSL_CTX_set_cipher_list(pointer, CIPHERS)
        options = abi.NO_RENEGOTIATION | (0 if self.gives_tickets else abi.NO_TICKET)
        ssl.SSL_CTX_set_options(pointer, options)
        ssl.SSL_CTX_ctrl(pointer, abi.SET_SESSION_CACHE, 0, None)
        # Not by libssl itself: they would come before the gate.
        ssl.SSL_CTX_set_num_tickets(pointer, 0)
        ssl.SSL_CTX_ctrl(pointer, abi.SET_MAX_CERT_LIST, MAX_CHAIN, None)
        auth = self.role.client_auth if isinstance(self.role, ServerRole) else ClientAuth.OPTIONAL
        ssl.SSL_CTX_set_verify(pointer, auth.value, None)

    def _install_callbacks(self) -> None:
        """Give libssl our functions; the objects must outlive the `SSL_CTX`."""
        ssl, pointer = self.library.ssl, self.pointer
        self._verify = abi.VERIFY_CALLBACK(self._leave_to_the_gate)
        self._keylog = abi.KEYLOG_CALLBACK(self._keep_secret)
        self._info = abi.INFO_CALLBACK(self._note_alert)
        ssl.SSL_CTX_set_cert_verify_callback(pointer, self._verify, None)
        ssl.SSL_CTX_set_keylog_callback(pointer, self._keylog)
        ssl.SSL_CTX_set_info_callback(pointer, self._info)
        self._extension: Callbacks | None = None
        if self.role.client_id is not None:
            self.role.client_id.require(self.role.minimum)
            self._extension = Callbacks(
                self.library,
                self.role.client_id,
                self._keep_client_id,
                self.role.minimum,
                is_server=self.is_server,
            )
            self._extension.register(pointer)
        self._alpn: Protocols | None = None
        self._tickets: Tickets | None = None
        if self.gives_tickets:
            self._tickets = Tickets(self.library, self._shown)
            self._tickets.register(pointer)
        if self.role.protocols and self.is_server:
            self._alpn = Protocols(self.role.protocols)
            self._alpn.register(self.library, pointer)
        elif self.role.protocols:
            offer(self.library, pointer, self.role.protocols)

    def _use(self, identity: Identity) -> None:
        der = serialization.Encoding.DER
        key = identity.private_key.private_bytes(
            der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # libssl falls back to certificates for who does not know RFC 7250: it gets none to show.
        shown = identity.chain if CertificateType.X509 in self.role.types.own else ()
        chain = tuple(one.public_bytes(der) for one in shown)
        self.library.use_identity(self.pointer, key, chain)

    def _leave_to_the_gate(self, store: int, _argument: int) -> int:
        self.library.crypto.X509_STORE_CTX_set_error(store, 0)
        return 1

    def _keep_secret(self, connection: int, octets: bytes) -> None:
        if self._tell_secret is not None:
            self._tell_secret(octets.decode("ascii"))
        own = _LABEL_OF_SERVER if self.is_server else _LABEL_OF_CLIENT
        if octets.startswith((own, _LABEL_1_2)):
            known = self.connections.get(connection)
            if known is not None:
                known.keep_secret(bytes.fromhex(octets.split()[-1].decode("ascii")))

    def _shown(self, connection: int) -> Remembered:
        known = self.connections.get(connection)
        return Remembered() if known is None else known.shown()

    def _note_alert(self, connection: int, where: int, value: int) -> None:
        known = self.connections.get(connection)
        if known is not None and where == abi.CALLBACK_READ_ALERT:
            known.note_alert(value & 0xFF)

    def _keep_client_id(self, connection: int, data: bytes) -> None:
        known = self.connections.get(connection)
        if known is not None:
            known.keep_client_id(data)
