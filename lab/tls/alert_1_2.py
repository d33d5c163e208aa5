"""The alert of a refusal in TLS 1.2 (RFC 5246), which libssl cannot send for us either.

Both sides have sent one protected record by the end of a full handshake, Finished; so the alert is
the second, if nothing else was sent: sequence number 1. Only the AEAD suites of CIPHERS are spoken.
"""

import hmac
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from lab.core.frozen import dataclass
from lab.tls.alert import FATAL, TAG_SIZE, TYPE_ALERT, Alert

# Ephemeral keys and AEAD, as RFC 9325 section 4.2 recommends.
CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
_VERSION = 0x0303
_SEQUENCE_NUMBER = 1


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Hold what the keys of a connection are made of (RFC 5246 section 6.3).

    Attributes:
        master: the master secret.
        client_random: of the ClientHello.
        server_random: of the ServerHello.
    """

    master: bytes
    client_random: bytes
    server_random: bytes


def second_record_alert(alert: Alert, cipher: str, secrets: Secrets, *, of_server: bool) -> bytes:
    """Return the protected record of a fatal *alert*, if it is the second of our direction.

    Args:
        alert: what to say.
        cipher: suite as OpenSSL names it, e.g. "ECDHE-ECDSA-AES256-GCM-SHA384".
        secrets: of the connection.
        of_server: we are the server.
    """
    key, iv = _write_keys(cipher, secrets, of_server=of_server)
    number = struct.pack("!Q", _SEQUENCE_NUMBER)
    plain = bytes([FATAL, alert])
    # RFC 5246 section 6.2.3.3.
    additional = number + struct.pack("!BHH", TYPE_ALERT, _VERSION, len(plain))
    if "CHACHA20" in cipher:
        # RFC 7905 section 2: nothing of the nonce is sent.
        nonce = bytes(a ^ b for a, b in zip(iv, bytes(4) + number, strict=True))
        explicit, sealed = b"", ChaCha20Poly1305(key).encrypt(nonce, plain, additional)
    else:
        # RFC 5288 section 3: the half of the nonce that is sent must not have come before. libssl
        # counts from a random number on.
        explicit, sealed = number, AESGCM(key).encrypt(iv + number, plain, additional)
    size = len(explicit) + len(plain) + TAG_SIZE
    return struct.pack("!BHH", TYPE_ALERT, _VERSION, size) + explicit + sealed


def _write_keys(cipher: str, secrets: Secrets, *, of_server: bool) -> tuple[bytes, bytes]:
    """Return key and IV of our direction; AEAD suites have no MAC keys in the key block."""
    key_size = 16 if "AES128" in cipher else 32
    iv_size = 12 if "CHACHA20" in cipher else 4
    digest = "sha384" if cipher.endswith("SHA384") else "sha256"
    seed = b"key expansion" + secrets.server_random + secrets.client_random
    block = _p_hash(digest, secrets.master, seed, 2 * (key_size + iv_size))
    side = int(of_server)
    ivs = block[2 * key_size :]
    return (
        block[side * key_size :][:key_size],
        ivs[side * iv_size :][:iv_size],
    )


def _p_hash(digest: str, secret: bytes, seed: bytes, size: int) -> bytes:
    """Return the first octets of P_hash (RFC 5246 section 5)."""
    out, a = b"", seed
    while len(out) < size:
        a = hmac.digest(secret, a, digest)
        out += hmac.digest(secret, a + seed, digest)
    return out[:size]
