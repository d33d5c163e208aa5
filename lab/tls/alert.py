"""TLS alerts: their names, and the one record that libssl cannot send for us (RFC 8446).

A refusal after the handshake must reach the peer as an alert, but libssl has no function to send
one. In TLS 1.3 the first record that we would send is fully determined by our traffic secret, so we
make it ourselves. That holds only while nothing else was sent: sequence number 0.
"""

import struct
from enum import IntEnum

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

FATAL = 2
TYPE_ALERT = 21
_TYPE_APPLICATION_DATA = 23
_LEGACY_VERSION = 0x0303
TAG_SIZE = 16
_IV_SIZE = 12


class Alert(IntEnum):
    """Number the alerts (RFC 8446 section 6)."""

    CLOSE_NOTIFY = 0
    UNEXPECTED_MESSAGE = 10
    BAD_RECORD_MAC = 20
    RECORD_OVERFLOW = 22
    HANDSHAKE_FAILURE = 40
    BAD_CERTIFICATE = 42
    UNSUPPORTED_CERTIFICATE = 43
    CERTIFICATE_REVOKED = 44
    CERTIFICATE_EXPIRED = 45
    CERTIFICATE_UNKNOWN = 46
    ILLEGAL_PARAMETER = 47
    UNKNOWN_CA = 48
    ACCESS_DENIED = 49
    DECODE_ERROR = 50
    DECRYPT_ERROR = 51
    PROTOCOL_VERSION = 70
    INSUFFICIENT_SECURITY = 71
    INTERNAL_ERROR = 80
    INAPPROPRIATE_FALLBACK = 86
    USER_CANCELED = 90
    MISSING_EXTENSION = 109
    UNSUPPORTED_EXTENSION = 110
    UNRECOGNIZED_NAME = 112
    BAD_CERTIFICATE_STATUS_RESPONSE = 113
    UNKNOWN_PSK_IDENTITY = 115
    CERTIFICATE_REQUIRED = 116
    NO_APPLICATION_PROTOCOL = 120


def alert_text(number: int) -> str:
    """Return the name of an alert as RFC 8446 writes it, e.g. `handshake_failure (40)`."""
    name = Alert(number).name.lower() if number in set(Alert) else "alert"
    return f"{name} ({number})"


def first_record_alert(alert: Alert, cipher: str, secret: bytes) -> bytes:
    """Return the protected record of a fatal *alert*, if it is the first of our direction.

    Args:
        alert: what to say.
        cipher: suite name of RFC 8446 section B.4, e.g. "TLS_AES_256_GCM_SHA384".
        secret: our `..._TRAFFIC_SECRET_0`.
    """
    digest: HashAlgorithm = SHA384() if cipher.endswith("SHA384") else SHA256()
    key_size = 16 if "AES_128" in cipher else 32
    key = _expand_label(digest, secret, b"key", key_size)
    # RFC 8446 section 5.3: the nonce of sequence number 0 is the IV itself.
    nonce = _expand_label(digest, secret, b"iv", _IV_SIZE)
    inner = bytes([FATAL, alert, TYPE_ALERT])
    header = struct.pack("!BHH", _TYPE_APPLICATION_DATA, _LEGACY_VERSION, len(inner) + TAG_SIZE)
    aead = ChaCha20Poly1305(key) if "CHACHA20" in cipher else AESGCM(key)
    return header + aead.encrypt(nonce, inner, header)


def _expand_label(digest: HashAlgorithm, secret: bytes, label: bytes, size: int) -> bytes:
    """Return HKDF-Expand-Label with an empty context (RFC 8446 section 7.1)."""
    full = b"tls13 " + label
    info = struct.pack("!HB", size, len(full)) + full + b"\0"
    return HKDFExpand(digest, size, info).derive(secret)
