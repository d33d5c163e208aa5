"""Carry dane_clientid through libssl: into a handshake and out of it.

libssl asks us for the octets when it writes a CertificateRequest (server) or Certificate (client),
and hands us those of the peer. It sends the client's only if the server asked for them.
"""

from collections.abc import Callable
from ctypes import c_void_p, cast, create_string_buffer, string_at
from typing import Any

from lab.core.errors import InputError, PeerError
from lab.core.frozen import dataclass
from lab.dane.client_id import CODE_POINT, Profile, pull_request
from lab.tls import abi
from lab.tls.alert import Alert
from lab.tls.libssl import Library
from lab.tls.version import Version

# What the peer sent: (connection as `SSL *`, extension data).
Received = Callable[[int, bytes], None]

_OF_SERVER = abi.EXTENSION_CERTIFICATE_REQUEST
# libssl calls a Certificate message with a raw public key by a name of its own.
_OF_CLIENT = abi.EXTENSION_CERTIFICATE | abi.EXTENSION_RAW_PUBLIC_KEY
# draft-huque-tls-dane-clientid-06: in TLS 1.2 the client says its name in the ClientHello, and a
# server that understands it answers in the ServerHello.
_OF_SERVER_1_2 = abi.EXTENSION_TLS1_2_SERVER_HELLO
_OF_CLIENT_1_2 = abi.EXTENSION_CLIENT_HELLO
_SENT, _LEFT_OUT, _TAKEN, _REFUSED = 1, 0, 1, 0


@dataclass(frozen=True, slots=True)
class ClientIdSettings:
    """Say what we put into the extension.

    Attributes:
        data: of our CertificateRequest (server) or Certificate (client); in TLS 1.2 of our
            ServerHello or ClientHello.
        code_point: number of the extension; both sides must agree on it.
        profile: the draft that counts; only the one of 2022 allows TLS 1.2.
    """

    data: bytes
    code_point: int = CODE_POINT
    profile: Profile = Profile.CLIENT_AUTH_13

    def require(self, minimum: Version) -> None:
        """Do nothing if the profile allows *minimum*.

        Raises:
            InputError: it demands a later version of TLS.
        """
        # draft-ietf-dance-client-auth-13, Introduction: it MUST NOT be negotiated below TLS 1.3.
        if minimum < Version.TLS1_3 and self.profile is not Profile.SEEDS_2022:
            raise InputError(f"{self.profile.value} allows no version of TLS before 1.3")


class Callbacks:
    """Answer libssl for one `SSL_CTX`; must live as long as that."""

    def __init__(
        self,
        library: Library,
        settings: ClientIdSettings,
        received: Received,
        minimum: Version,
        *,
        is_server: bool,
    ) -> None:
        """Keep the octets to be sent; *received* is called with those of clients."""
        of_server, of_client, rest = _OF_SERVER, _OF_CLIENT, abi.EXTENSION_TLS1_3_ONLY
        if minimum is Version.TLS1_2:
            of_server, of_client, rest = _OF_SERVER | _OF_SERVER_1_2, _OF_CLIENT | _OF_CLIENT_1_2, 0
        self._own = of_server if is_server else of_client
        self._where = of_server | of_client | rest
        self._library, self._received = library, received
        self._size = len(settings.data)
        self._code_point = settings.code_point
        # Never of size 0, or there would be no address to give.
        self._octets = create_string_buffer(settings.data + b"\0", self._size + 1)
        self._is_server = is_server
        self._kept = (
            abi.ADD_CALLBACK(self._add),
            abi.FREE_CALLBACK(lambda *_: None),
            abi.PARSE_CALLBACK(self._parse),
        )

    def register(self, context: int) -> None:
        """Enter the extension into an `SSL_CTX *`.

        Raises:
            InputError: libssl knows the code point itself, or it is no 16-bit number.
        """
        add, free, parse = self._kept
        taken = self._library.ssl.SSL_CTX_add_custom_ext(
            context, self._code_point, self._where, add, free, None, parse, None
        )
        if not taken:
            raise InputError(f"{self._code_point:#06x} cannot be used for dane_clientid")

    def _add(
        self,
        _connection: int,
        _number: int,
        where: int,
        out: Any,  # noqa: ANN401 a ctypes pointer has no public type
        size: Any,  # noqa: ANN401 as above
        _x509: int,
        index: int,
        *_: object,
    ) -> int:
        if not where & self._own or index:
            return _LEFT_OUT
        out[0] = cast(self._octets, c_void_p).value
        size[0] = self._size
        return _SENT

    def _parse(
        self,
        connection: int,
        _number: int,
        where: int,
        data: int,
        size: int,
        _x509: int,
        index: int,
        alert: Any,  # noqa: ANN401 a ctypes pointer has no public type
        _argument: object,
    ) -> int:
        octets = string_at(data, size) if size else b""
        try:
            if not self._is_server:
                pull_request(octets)
            elif not index and not self._comes_too_early(connection, where):
                # Judged after the handshake, when the client has proved that it holds the key.
                self._received(connection, octets)
        except PeerError:
            alert[0] = Alert.DECODE_ERROR.value
            return _REFUSED
        return _TAKEN

    def _comes_too_early(self, connection: int, where: int) -> bool:
        """Tell whether the ClientHello names the client although TLS 1.3 was agreed on.

        A client that takes both versions cannot know it yet; what counts is its Certificate.
        """
        version = self._library.ssl.SSL_version(connection)
        return bool(where & _OF_CLIENT_1_2) and version != Version.TLS1_2
