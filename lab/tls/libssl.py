"""A loaded libssl: what we do with it that takes more than one call.

Python's own `ssl` cannot register TLS extensions, pyOpenSSL has no binding for it. So we call a
shared libssl (OpenSSL 3.0 or later) with ctypes.
"""

from collections.abc import Callable
from ctypes import CDLL, byref, c_char_p, c_void_p, cast, create_string_buffer, string_at
from typing import Any

from lab.core.errors import InputError, UnsupportedError
from lab.tls import abi

_OLDEST = 0x30000000


class Library:
    """Hold libssl and libcrypto with their prototypes set.

    Attributes:
        ssl: functions of libssl.
        crypto: functions of libcrypto.
        file: where libssl was found; its bare name if the machine's loader found it.
        version: as the library calls itself, e.g. "OpenSSL 3.0.19 …".
        has_raw_public_keys: it knows RFC 7250 (from OpenSSL 3.2 on).
    """

    def __init__(self, ssl: CDLL, crypto: CDLL, file: str = "") -> None:
        """Check that the library is one that we know, and set the prototypes.

        Raises:
            UnsupportedError: it is too old, or no OpenSSL at all.
            InputError: the two do not belong together.
        """
        self.ssl, self.crypto, self.file = ssl, crypto, file
        self.version: str = _declared(crypto, "OpenSSL_version", abi.CRYPTO)(0).decode()
        if _declared(crypto, "OpenSSL_version_num", abi.CRYPTO)() < _OLDEST:
            raise UnsupportedError(f"{self.version} is too old: TLS here needs OpenSSL 3.0")
        if _address(ssl, "OpenSSL_version") != _address(crypto, "OpenSSL_version"):
            raise InputError(f"{file} does not use that libcrypto: name the one that belongs to it")
        for library, prototypes in ((crypto, abi.CRYPTO), (ssl, abi.SSL)):
            for name in prototypes:
                _declared(library, name, prototypes)
        self.has_raw_public_keys = all(hasattr(ssl, name) for name in abi.RAW_PUBLIC_KEYS)
        if self.has_raw_public_keys:
            for name in abi.RAW_PUBLIC_KEYS:
                _declared(ssl, name, abi.RAW_PUBLIC_KEYS)

    def reason(self) -> str:
        """Return the text of the oldest error of this thread and forget all of them."""
        text = self.crypto.ERR_reason_error_string(self.crypto.ERR_get_error())
        self.crypto.ERR_clear_error()
        return text.decode() if text else "unknown error"

    def demand(self, succeeded: object, what: str) -> None:
        """Do nothing if a call *succeeded*.

        Raises:
            InputError: it did not: libssl refuses what we gave it.
        """
        if not succeeded:
            raise InputError(f"libssl refuses {what}: {self.reason()}")

    def use_identity(self, context: int, key: bytes, chain: tuple[bytes, ...]) -> None:
        """Give an `SSL_CTX *` its private key (PKCS#8 DER) and its chain (DER, leaf first).

        Raises:
            InputError: they are malformed, or do not belong together.
        """
        ssl = self.ssl
        for depth, der in enumerate(chain):
            x509 = self.crypto.d2i_X509(None, byref(c_char_p(der)), len(der))
            self.demand(x509, "a certificate")
            # Both calls take a reference of their own.
            taken = (
                ssl.SSL_CTX_ctrl(context, abi.SET_CHAIN_CERT, 1, x509)
                if depth
                else ssl.SSL_CTX_use_certificate(context, x509)
            )
            self.crypto.X509_free(x509)
            self.demand(taken == 1, "a certificate")
        pkey = self.crypto.d2i_AutoPrivateKey(None, byref(c_char_p(key)), len(key))
        self.demand(pkey, "a private key")
        taken = ssl.SSL_CTX_use_PrivateKey(context, pkey)
        self.crypto.EVP_PKEY_free(pkey)
        self.demand(taken == 1, "a private key that belongs to the certificate")

    def peer_chain(self, connection: int, *, of_client: bool) -> tuple[bytes, ...]:
        """Return the certificates that the peer of an `SSL *` sent, as DER, leaf first.

        libssl's list holds the leaf of a server, but not that of a client: *of_client*.
        """
        leaf = self.ssl.SSL_get1_peer_certificate(connection)
        if not leaf:
            return ()
        first = self._der(self.crypto.i2d_X509, leaf)
        self.crypto.X509_free(leaf)
        stack = self.ssl.SSL_get_peer_cert_chain(connection)
        count = self.crypto.OPENSSL_sk_num(stack) if stack else 0
        start = 0 if of_client else 1
        rest = (self.crypto.OPENSSL_sk_value(stack, at) for at in range(start, count))
        return (first, *(self._der(self.crypto.i2d_X509, one) for one in rest))

    def peer_key(self, connection: int) -> bytes:
        """Return the raw public key that the peer of an `SSL *` sent, as DER; empty if none."""
        if not self.has_raw_public_keys:
            return b""
        key = self.ssl.SSL_get0_peer_rpk(connection)
        return self._der(self.crypto.i2d_PUBKEY, key) if key else b""

    def randoms(self, connection: int) -> tuple[bytes, bytes]:
        """Return the random octets of the ClientHello and of the ServerHello of an `SSL *`."""
        buffer = create_string_buffer(abi.RANDOM_SIZE)
        got = []
        for read in (self.ssl.SSL_get_client_random, self.ssl.SSL_get_server_random):
            read(connection, buffer, abi.RANDOM_SIZE)
            got.append(buffer.raw)
        return got[0], got[1]

    def _der(self, encode: Callable[..., int], value: int) -> bytes:
        """Return what one of libcrypto's `i2d` functions makes of *value*."""
        buffer = c_void_p()
        size = encode(value, byref(buffer))
        try:
            return string_at(buffer.value or 0, size) if size > 0 else b""
        finally:
            self.crypto.CRYPTO_free(buffer, None, 0)

    def drain(self, bio: int) -> bytes:
        """Return and remove what a memory BIO holds."""
        pending = self.crypto.BIO_ctrl_pending(bio)
        buffer = create_string_buffer(max(pending, 1))
        size = self.crypto.BIO_read(bio, buffer, pending)
        return buffer.raw[:size] if size > 0 else b""


def _declared(library: CDLL, name: str, prototypes: abi.Prototypes) -> Any:  # noqa: ANN401 a function of ctypes
    """Return the function *name* with its prototype set."""
    result, *arguments = prototypes[name]
    function = _function(library, name)
    function.restype, function.argtypes = result, arguments
    return function


def _address(library: CDLL, name: str) -> int | None:
    return cast(_function(library, name), c_void_p).value


def _function(library: CDLL, name: str) -> Any:  # noqa: ANN401 as above
    try:
        return getattr(library, name)
    except AttributeError:
        raise UnsupportedError(f"{library._name} is no OpenSSL that we know: no {name}") from None  # noqa: SLF001 the only way to its name
