"""A session key on its way between servers, in the clear or wrapped (TS002-1.0 section 21)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from lab.core.errors import PeerError

KEY_OCTETS = 16
WRAPPED_OCTETS = 24


@dataclass(frozen=True, slots=True)
class KeyEnvelope:
    """Hold a key of 16 octets.

    Attributes:
        kek_label: names the key that it is wrapped with; empty: it is not.
        aes_key: 16 octets, or 24 of RFC 3394.
    """

    kek_label: str
    aes_key: bytes = field(repr=False)


def wrap(key: bytes, label: str, kek: bytes) -> KeyEnvelope:
    """Return *key*, wrapped with *kek*."""
    return KeyEnvelope(label, aes_key_wrap(kek, key))


def unwrap(envelope: KeyEnvelope, keks: Mapping[str, bytes]) -> bytes:
    """Return the key of *envelope*; *keks* are known by label.

    Raises:
        PeerError: it cannot be opened.
    """
    if not envelope.kek_label:
        return envelope.aes_key
    kek = keks.get(envelope.kek_label)
    if kek is None:
        raise PeerError(f"no key-encryption key is called {envelope.kek_label!r}")
    try:
        return aes_key_unwrap(kek, envelope.aes_key)
    except InvalidUnwrap as error:
        raise PeerError(f"{envelope.kek_label!r} does not open this key") from error
