"""Session keys on their way between servers: in the clear, or wrapped (Backend Interfaces 1.0 s21).

A wrapped key names the key-encryption key by a label that both sides agreed on. That is how an
AppSKey passes through a network server which must not read it.
"""

from collections.abc import Mapping
from dataclasses import field, replace

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from lab.core.errors import InputError, PeerError
from lab.core.frozen import dataclass
from lab.lorawan.aes import aes_key

KEY_OCTETS = 16
WRAPPED_OCTETS = 24
"""A key of 16 octets, wrapped (RFC 3394)."""

CLEAR = ""
"""The label of a key in the clear."""

_KEK_SIZES = (16, 24, 32)


@dataclass(frozen=True, slots=True)
class KeyEnvelope:
    """Hold one key as it travels; `repr` does not show it.

    Attributes:
        kek_label: which key wraps it; empty: none.
        aes_key: 16 octets in the clear, 24 wrapped.
    """

    kek_label: str
    aes_key: bytes = field(repr=False)


def wrap(key: bytes, label: str = CLEAR, kek: bytes = b"") -> KeyEnvelope:
    """Return the AES-128 key *key* wrapped with *kek* (RFC 3394), or in the clear without *label*.

    Raises:
        InputError: one of them has a wrong size.
    """
    if label == CLEAR:
        return KeyEnvelope(CLEAR, aes_key(key))
    if len(kek) not in _KEK_SIZES:
        raise InputError(f"a key-encryption key has 16, 24 or 32 octets, this has {len(kek)}")
    return KeyEnvelope(label, aes_key_wrap(kek, aes_key(key)))


def unwrap(envelope: KeyEnvelope, keks: Mapping[str, bytes]) -> bytes:
    """Return the key in *envelope*.

    Args:
        envelope: as it came.
        keks: label to key-encryption key: those that we have.

    Raises:
        PeerError: we have not the key that it names, or that does not open it.
    """
    if envelope.kek_label == CLEAR:
        if len(envelope.aes_key) != KEY_OCTETS:
            raise PeerError(f"a key has {KEY_OCTETS} octets, this has {len(envelope.aes_key)}")
        return envelope.aes_key
    kek = keks.get(envelope.kek_label)
    if kek is None:
        raise PeerError(f"no key-encryption key is called {envelope.kek_label!r}")
    try:
        return aes_key(aes_key_unwrap(kek, envelope.aes_key))
    except (InvalidUnwrap, InputError) as error:
        raise PeerError(f"{envelope.kek_label!r} does not open this key") from error


def pry_open(envelope: KeyEnvelope, keks: Mapping[str, bytes]) -> bytes | None:
    """Return the key in *envelope* by any of *keks*, whatever its label says; None: none fits.

    This is what a curious server would do. RFC 3394 section 2.2.3 has it notice a wrong key.
    """
    for label in (CLEAR,) if envelope.kek_label == CLEAR else keks:
        try:
            return unwrap(replace(envelope, kek_label=label), keks)
        except PeerError:
            continue
    return None
