"""Which functions of libssl and libcrypto we call, and what they take (OpenSSL 3.0 or later).

A prototype that is wrong here is a crash, not an exception: compare each line with its manual page.
"""

from ctypes import (
    CFUNCTYPE,
    POINTER,
    c_char_p,
    c_int,
    c_long,
    c_size_t,
    c_ubyte,
    c_uint,
    c_uint64,
    c_ulong,
    c_void_p,
)
from typing import Any, TypeAlias

# include/openssl/tls1.h and ssl.h
SET_CHAIN_CERT = 89
SET_SESSION_CACHE = 44
SET_MAX_CERT_LIST = 51
SET_HOST_NAME = 55
SET_MIN_VERSION = 123
SET_MAX_VERSION = 124
NO_TICKET = 1 << 14
NO_RENEGOTIATION = 1 << 30
VERIFY_NONE, VERIFY_PEER, VERIFY_FAIL_IF_NO_PEER_CERT = 0, 1, 2
WANT_READ, WANT_WRITE, ZERO_RETURN = 2, 3, 6
RANDOM_SIZE = 32
CALLBACK_READ_ALERT = 0x4004
ALPN_SELECTED, ALPN_FATAL = 0, 2
EXTENSION_TLS1_3_ONLY = 0x0020
EXTENSION_CLIENT_HELLO = 0x0080
EXTENSION_TLS1_2_SERVER_HELLO = 0x0100
EXTENSION_CERTIFICATE = 0x1000
EXTENSION_CERTIFICATE_REQUEST = 0x4000
# Beside EXTENSION_CERTIFICATE: also in a Certificate message with a raw public key. 3.0 ignores it.
EXTENSION_RAW_PUBLIC_KEY = 0x10000

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
TICKET_CALLBACK = CFUNCTYPE(c_int, c_void_p, c_void_p)
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

DER = POINTER(c_char_p)
OCTETS_OUT = POINTER(c_void_p)

# Of each function: the type of its result, then those of its arguments.
Prototypes: TypeAlias = dict[str, tuple[Any, ...]]

SSL: Prototypes = {
    "TLS_method": (c_void_p,),
    "SSL_CTX_new": (c_void_p, c_void_p),
    "SSL_CTX_free": (None, c_void_p),
    "SSL_CTX_ctrl": (c_long, c_void_p, c_int, c_long, c_void_p),
    "SSL_CTX_set_options": (c_uint64, c_void_p, c_uint64),
    "SSL_CTX_set_session_id_context": (c_int, c_void_p, c_char_p, c_uint),
    "SSL_CTX_set_session_ticket_cb": (c_int, c_void_p, TICKET_CALLBACK, c_void_p, c_void_p),
    "SSL_CTX_set_timeout": (c_long, c_void_p, c_long),
    "SSL_CTX_set_num_tickets": (c_int, c_void_p, c_size_t),
    "SSL_CTX_set_cipher_list": (c_int, c_void_p, c_char_p),
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
    "SSL_new_session_ticket": (c_int, c_void_p),
    "SSL_session_reused": (c_int, c_void_p),
    "SSL_get_session": (c_void_p, c_void_p),
    "SSL_set_session": (c_int, c_void_p, c_void_p),
    "SSL_SESSION_dup": (c_void_p, c_void_p),
    "SSL_SESSION_free": (None, c_void_p),
    "SSL_SESSION_is_resumable": (c_int, c_void_p),
    "SSL_SESSION_set1_ticket_appdata": (c_int, c_void_p, c_char_p, c_size_t),
    "SSL_SESSION_get0_ticket_appdata": (c_int, c_void_p, OCTETS_OUT, POINTER(c_size_t)),
    "SSL_version": (c_int, c_void_p),
    "SSL_get_version": (c_char_p, c_void_p),
    "SSL_get_client_random": (c_size_t, c_void_p, c_void_p, c_size_t),
    "SSL_get_server_random": (c_size_t, c_void_p, c_void_p, c_size_t),
    "SSL_get_current_cipher": (c_void_p, c_void_p),
    "SSL_CIPHER_get_name": (c_char_p, c_void_p),
}
# From OpenSSL 3.2 on.
RAW_PUBLIC_KEYS: Prototypes = {
    "SSL_CTX_set1_client_cert_type": (c_int, c_void_p, c_char_p, c_size_t),
    "SSL_CTX_set1_server_cert_type": (c_int, c_void_p, c_char_p, c_size_t),
    "SSL_get0_peer_rpk": (c_void_p, c_void_p),
}
CRYPTO: Prototypes = {
    "OpenSSL_version_num": (c_ulong,),
    "OpenSSL_version": (c_char_p, c_int),
    "BIO_s_mem": (c_void_p,),
    "BIO_new": (c_void_p, c_void_p),
    "BIO_read": (c_int, c_void_p, c_void_p, c_int),
    "BIO_write": (c_int, c_void_p, c_char_p, c_int),
    "BIO_ctrl_pending": (c_size_t, c_void_p),
    "d2i_X509": (c_void_p, c_void_p, DER, c_long),
    "i2d_X509": (c_int, c_void_p, OCTETS_OUT),
    "i2d_PUBKEY": (c_int, c_void_p, OCTETS_OUT),
    "X509_free": (None, c_void_p),
    "X509_STORE_CTX_set_error": (None, c_void_p, c_int),
    "d2i_AutoPrivateKey": (c_void_p, c_void_p, DER, c_long),
    "EVP_PKEY_free": (None, c_void_p),
    "OPENSSL_sk_num": (c_int, c_void_p),
    "OPENSSL_sk_value": (c_void_p, c_void_p, c_int),
    "CRYPTO_free": (None, c_void_p, c_char_p, c_int),
    "ERR_clear_error": (None,),
    "ERR_get_error": (c_ulong,),
    "ERR_reason_error_string": (c_char_p, c_ulong),
}
