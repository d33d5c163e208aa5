"""Certificates or raw public keys: what each side may show in a handshake (RFC 7250)."""

from enum import IntEnum

from lab.core.errors import UnsupportedError
from lab.core.frozen import dataclass
from lab.tls.libssl import Library


class CertificateType(IntEnum):
    """Number the types (RFC 7250 section 6)."""

    X509 = 0
    RAW_PUBLIC_KEY = 2


@dataclass(frozen=True, slots=True)
class CertificateTypes:
    """Say what may be shown in a connection, the most welcome first.

    Attributes:
        own: what we show.
        peer: what we take from the other side.
    """

    own: tuple[CertificateType, ...] = (CertificateType.X509,)
    peer: tuple[CertificateType, ...] = (CertificateType.X509,)

    def apply(self, library: Library, context: int, *, is_server: bool) -> None:
        """Tell an `SSL_CTX *`.

        Raises:
            UnsupportedError: *library* has no raw public keys, and they are wanted.
        """
        if self == CERTIFICATES_ONLY:
            return
        if not library.has_raw_public_keys:
            version = f"this is {library.version}"
            raise UnsupportedError(f"raw public keys need OpenSSL 3.2 or newer; {version}")
        client, server = (self.peer, self.own) if is_server else (self.own, self.peer)
        for types, tell in (
            (client, library.ssl.SSL_CTX_set1_client_cert_type),
            (server, library.ssl.SSL_CTX_set1_server_cert_type),
        ):
            library.demand(tell(context, bytes(types), len(types)), "these certificate types")


CERTIFICATES_ONLY = CertificateTypes()
