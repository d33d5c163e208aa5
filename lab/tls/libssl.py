"""The only place that knows libssl: which functions we call, and what they take.

Python's own `ssl` cannot register TLS extensions, pyOpenSSL has no binding for it. So we call the
machine's shared libssl (OpenSSL 3.0 or later) with ctypes. A prototype that is wrong here is a
crash, not an exception: compare each line with its manual page.
"""

from ctypes import (
    CDLL,
    CFUNCTYPE,
    POINTER,
    byref,
    c_char_p,
    c_int,
    c_long,
    c_size_t,
    c_ubyte,
    c_uint,
    c_uint64,
    c_ulong,
    c_void_p,
    create_string_buffer,
    string_at,
)
from functools import lru_cache
from typing import Any

from lab.core.errors import InputError, UnsupportedError

_NAMES = (
    ("libssl.so.3", "libcrypto.so.3"),
    ("libssl.so.4", "libcrypto.so.4"),
    ("libssl.3.dylib", "libcrypto.3.dylib"),
)
_OLDEST = 0x30000000

# include/openssl/tls1.h and ssl.h
TLS1_3_VERSION = 0x0304
SET_CHAIN_CERT = 89
SET_SESSION_CACHE = 44
SET_HOST_NAME = 55
SET_MIN_VERSION = 123
SET_MAX_VERSION = 124
NO_TICKET = 1 << 14
VERIFY_NONE, VERIFY_PEER, VERIFY_FAIL_IF_NO_PEER_CERT = 0, 1, 2
WANT_READ, WANT_WRITE, ZERO_RETURN = 2, 3, 6
CALLBACK_READ_ALERT = 0x4004
ALPN_SELECTED, ALPN_FATAL = 0, 2
EXTENSION_TLS1_3_ONLY = 0x0020
EXTENSION_CERTIFICATE = 0x1000
EXTENSION_CERTIFICATE_REQUEST = 0x4000

VERIFY_CALLBACK = CFUNCTYPE(c_int, c_void_p, c_void_p)
KEYLOG_CALLBACK = CFUNCTYPE(None, c_void_p, c_char_p)
ALPN_CALLBACK = CFUNCTYPE(
    c_int,
    c_void_p,
    POINTER(c_void_p),
    POINTER(c_ubyte),
    c_void_p,
    c_uint,
    c_void_p,
)
INFO_CALLBACK = CFUNCTYPE(None, c_void_p, c_int, c_int)
ADD_CALLBACK = CFUNCTYPE(
    c_int,
    c_void_p,
    c_uint,
    c_uint,
    POINTER(c_void_p),
    POINTER(c_size_t),
    c_void_p,
    c_size_t,
    POINTER(c_int),
    c_void_p,
)
FREE_CALLBACK = CFUNCTYPE(None, c_void_p, c_uint, c_uint, c_void_p, c_void_p)
PARSE_CALLBACK = CFUNCTYPE(
    c_int,
    c_void_p,
    c_uint,
    c_uint,
    c_void_p,
    c_size_t,
    c_void_p,
    c_size_t,
    POINTER(c_int),
    c_void_p,
)

_DER = POINTER(c_char_p)
_OCTETS_OUT = POINTER(c_void_p)

# Of each function: the type of its result, then those of its arguments.
_SSL: dict[str, tuple[Any, ...]] = {
    "TLS_method": (c_void_p,),
    "SSL_CTX_new": (c_void_p, c_void_p),
    "SSL_CTX_free": (None, c_void_p),
    "SSL_CTX_ctrl": (c_long, c_void_p, c_int, c_long, c_void_p),
    "SSL_CTX_set_options": (c_uint64, c_void_p, c_uint64),
    "SSL_CTX_set_num_tickets": (c_int, c_void_p, c_size_t),
    "SSL_CTX_use_certificate": (c_int, c_void_p, c_void_p),
    "SSL_CTX_use_PrivateKey": (c_int, c_void_p, c_void_p),
    "SSL_CTX_set_verify": (None, c_void_p, c_int, c_void_p),
    "SSL_CTX_set_cert_verify_callback": (None, c_void_p, VERIFY_CALLBACK, c_void_p),
    "SSL_CTX_set_keylog_callback": (None, c_void_p, KEYLOG_CALLBACK),
    "SSL_CTX_set_info_callback": (None, c_void_p, INFO_CALLBACK),
    "SSL_CTX_set_alpn_protos": (c_int, c_void_p, c_char_p, c_uint),
    "SSL_CTX_set_alpn_select_cb": (None, c_void_p, ALPN_CALLBACK, c_void_p),
    "SSL_CTX_add_custom_ext": (
        c_int,
        c_void_p,
        c_uint,
        c_uint,
        ADD_CALLBACK,
        FREE_CALLBACK,
        c_void_p,
        PARSE_CALLBACK,
        c_void_p,
    ),
    "SSL_new": (c_void_p, c_void_p),
    "SSL_free": (None, c_void_p),
    "SSL_set_bio": (None, c_void_p, c_void_p, c_void_p),
    "SSL_set_accept_state": (None, c_void_p),
    "SSL_set_connect_state": (None, c_void_p),
    "SSL_do_handshake": (c_int, c_void_p),
    "SSL_get_error": (c_int, c_void_p, c_int),
    "SSL_read": (c_int, c_void_p, c_void_p, c_int),
    "SSL_write": (c_int, c_void_p, c_char_p, c_int),
    "SSL_shutdown": (c_int, c_void_p),
    "SSL_ctrl": (c_long, c_void_p, c_int, c_long, c_void_p),
    "SSL_get1_peer_certificate": (c_void_p, c_void_p),
    "SSL_get_peer_cert_chain": (c_void_p, c_void_p),
    "SSL_get0_alpn_selected": (None, c_void_p, POINTER(c_void_p), POINTER(c_uint)),
    "SSL_get_servername": (c_char_p, c_void_p, c_int),
    "SSL_get_version": (c_char_p, c_void_p),
    "SSL_get_current_cipher": (c_void_p, c_void_p),
    "SSL_CIPHER_get_name": (c_char_p, c_void_p),
}
_CRYPTO: dict[str, tuple[Any, ...]] = {
    "OpenSSL_version_num": (c_ulong,),
    "OpenSSL_version": (c_char_p, c_int),
    "BIO_s_mem": (c_void_p,),
    "BIO_new": (c_void_p, c_void_p),
    "BIO_read": (c_int, c_void_p, c_void_p, c_int),
    "BIO_write": (c_int, c_void_p, c_char_p, c_int),
    "BIO_ctrl_pending": (c_size_t, c_void_p),
    "d2i_X509": (c_void_p, c_void_p, _DER, c_long),
    "i2d_X509": (c_int, c_void_p, _OCTETS_OUT),
    "X509_free": (None, c_void_p),
    "X509_STORE_CTX_set_error": (None, c_void_p, c_int),
    "d2i_AutoPrivateKey": (c_void_p, c_void_p, _DER, c_long),
    "EVP_PKEY_free": (None, c_void_p),
    "OPENSSL_sk_num": (c_int, c_void_p),
    "OPENSSL_sk_value": (c_void_p, c_void_p, c_int),
    "CRYPTO_free": (None, c_void_p, c_char_p, c_int),
    "ERR_clear_error": (None,),
    "ERR_get_error": (c_ulong,),
    "ERR_reason_error_string": (c_char_p, c_ulong),
}


class Library:
    """Hold libssl and libcrypto with their prototypes set.

    Attributes:
        ssl: functions of libssl.
        crypto: functions of libcrypto.
        version: as the library calls itself, e.g. "OpenSSL 3.0.19 …".
    """

    def __init__(self, ssl: CDLL, crypto: CDLL) -> None:
        """Set the prototypes, and check that the library is recent enough.

        Raises:
            UnsupportedError: it is not.
        """
        self.ssl, self.crypto = ssl, crypto
        for library, prototypes in ((crypto, _CRYPTO), (ssl, _SSL)):
            for name, (result, *arguments) in prototypes.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        self.version: str = crypto.OpenSSL_version(0).decode()
        if crypto.OpenSSL_version_num() < _OLDEST:
            raise UnsupportedError(f"{self.version} is too old: TLS here needs OpenSSL 3.0")

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

    def octets_of(self, x509: int) -> bytes:
        """Return the DER of an `X509 *`."""
        buffer = c_void_p()
        size = self.crypto.i2d_X509(x509, byref(buffer))
        try:
            return string_at(buffer.value or 0, size) if size > 0 else b""
        finally:
            self.crypto.CRYPTO_free(buffer, None, 0)

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
                ssl.SSL_CTX_ctrl(context, SET_CHAIN_CERT, 1, x509)
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
        first = self.octets_of(leaf)
        self.crypto.X509_free(leaf)
        stack = self.ssl.SSL_get_peer_cert_chain(connection)
        count = self.crypto.OPENSSL_sk_num(stack) if stack else 0
        start = 0 if of_client else 1
        rest = (self.crypto.OPENSSL_sk_value(stack, at) for at in range(start, count))
        return (first, *(self.octets_of(one) for one in rest))

    def drain(self, bio: int) -> bytes:
        """Return and remove what a memory BIO holds."""
        pending = self.crypto.BIO_ctrl_pending(bio)
        buffer = create_string_buffer(max(pending, 1))
        size = self.crypto.BIO_read(bio, buffer, pending)
        return buffer.raw[:size] if size > 0 else b""


@lru_cache(maxsize=1)
def load() -> Library:
    """Return the machine's libssl.

    Raises:
        UnsupportedError: there is no shared libssl 3.0 or later.
    """
    for ssl, crypto in _NAMES:
        try:
            libraries = CDLL(ssl), CDLL(crypto)
        except OSError:
            continue
        return Library(*libraries)
    wanted = " or ".join(ssl for ssl, _ in _NAMES)
    raise UnsupportedError(
        f"TLS needs a shared OpenSSL library ({wanted}); on Debian it is in the package libssl3"
    )
