"""AES-128 as LoRaWAN uses it: single blocks, and the MAC of RFC 4493."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.cmac import CMAC

from lab.core.errors import InputError

BLOCK = 16


def aes_key(octets: bytes) -> bytes:
    """Return *octets* if they can be an AES-128 key.

    Raises:
        InputError: they are not 16; never shows them.
    """
    if len(octets) != BLOCK:
        raise InputError(f"an AES-128 key has {BLOCK} octets, this has {len(octets)}")
    return octets


def encrypt_blocks(key: bytes, blocks: bytes) -> bytes:
    """Return each block of 16 octets encrypted for itself."""
    encryptor = _cipher(key).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


def decrypt_blocks(key: bytes, blocks: bytes) -> bytes:
    """Return each block of 16 octets decrypted for itself."""
    decryptor = _cipher(key).decryptor()
    return decryptor.update(blocks) + decryptor.finalize()


def cmac(key: bytes, message: bytes) -> bytes:
    """Return the 16 octets of AES-CMAC (RFC 4493)."""
    mac = CMAC(AES128(aes_key(key)))
    mac.update(message)
    return mac.finalize()


def _cipher(key: bytes) -> Cipher[ECB]:
    # LoRaWAN 1.0.2 section 6.2: block by block; repeated blocks would show, but here none repeat.
    return Cipher(AES128(aes_key(key)), ECB())  # noqa: S305 the mode that LoRaWAN prescribes
