"""Root keys, and the session keys that a join makes of them (LoRaWAN 1.1 section 6.2.3, 6.2.5).

1.0 has one root key, 1.1 two: NwkKey for the network, AppKey for the application. What a 1.1 device
derives depends on the network's answer (OptNeg): on a 1.0 network it behaves as a 1.0 device whose
only root key is NwkKey.
"""

from dataclasses import field
from enum import Enum
from typing import Self

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.lorawan.aes import BLOCK, aes_key, encrypt_blocks
from lab.lorawan.identifiers import Eui64, NetId

_F_NWK_S_INT = 0x01
_APP_S = 0x02
_S_NWK_S_INT = 0x03
_NWK_S_ENC = 0x04
_JS_ENC = 0x05
_JS_INT = 0x06


class Version(Enum):
    """Name the LoRaWAN version of a device, as far as its cryptography differs."""

    LORAWAN_1_0 = "1.0"
    LORAWAN_1_1 = "1.1"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the version of a MACVersion such as "1.0.3" or "1.1.0".

        Raises:
            InputError: it is neither 1.0 nor 1.1.
        """
        try:
            return cls(".".join(text.strip().split(".")[:2]))
        except ValueError as error:
            known = " and ".join(one.value for one in cls)
            raise InputError(f"{text!r} is no LoRaWAN version; known are {known}") from error


@dataclass(frozen=True, slots=True)
class RootKeys:
    """Hold the keys that a device and its join server share; `repr` shows none.

    Attributes:
        nwk_key: 16 octets; in 1.0 the AppKey, for everything.
        app_key: 16 octets, of the application.
    """

    nwk_key: bytes = field(repr=False)
    app_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse keys of another size."""
        aes_key(self.nwk_key)
        aes_key(self.app_key)

    @classmethod
    def of_1_0(cls, app_key: bytes) -> Self:
        """Return the root keys of a device that has an AppKey only."""
        return cls(app_key, app_key)


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Hold the keys of one session; `repr` shows none.

    In 1.0 the first three are the same NwkSKey. A server that does not know a key has it empty.

    Attributes:
        f_nwk_s_int_key: checks half of an uplink's MIC; all that a forwarding network gets.
        s_nwk_s_int_key: the other half, and downlinks.
        nwk_s_enc_key: encrypts MAC commands.
        app_s_key: encrypts application payloads.
    """

    f_nwk_s_int_key: bytes = field(repr=False)
    s_nwk_s_int_key: bytes = field(repr=False)
    nwk_s_enc_key: bytes = field(repr=False)
    app_s_key: bytes = field(repr=False)

    @classmethod
    def of_1_0(cls, nwk_s_key: bytes, app_s_key: bytes) -> Self:
        """Return the session keys of a 1.0 session."""
        return cls(nwk_s_key, nwk_s_key, nwk_s_key, app_s_key)


def derive(  # noqa: PLR0913, PLR0917 what the specification hashes
    root: RootKeys,
    version: Version,
    opt_neg: bool,  # noqa: FBT001 a bit of DLSettings
    join_nonce: int,
    net_id: NetId,
    join_eui: Eui64,
    dev_nonce: int,
) -> SessionKeys:
    """Return the keys of the session that a Join-Accept begins.

    Args:
        root: of the device.
        version: of the device; for a 1.0 device OptNeg is a reserved bit.
        opt_neg: whether the network's answer had OptNeg.
        join_nonce: of the Join-Accept.
        net_id: of the Join-Accept; only 1.0 uses it.
        join_eui: of the Join-Request; only 1.1 uses it.
        dev_nonce: of the Join-Request, or the RJcount of a Rejoin-Request.
    """
    nonce, device = join_nonce.to_bytes(3, "little"), dev_nonce.to_bytes(2, "little")
    if version is Version.LORAWAN_1_1 and opt_neg:
        seed = nonce + join_eui.wire + device
        return SessionKeys(
            _derived(root.nwk_key, _F_NWK_S_INT, seed),
            _derived(root.nwk_key, _S_NWK_S_INT, seed),
            _derived(root.nwk_key, _NWK_S_ENC, seed),
            _derived(root.app_key, _APP_S, seed),
        )
    # LoRaWAN 1.1 section 6.2.5: without OptNeg a 1.1 device takes NwkKey for both session keys.
    seed = nonce + net_id.wire + device
    nwk_s_key = _derived(root.nwk_key, _F_NWK_S_INT, seed)
    return SessionKeys.of_1_0(nwk_s_key, _derived(root.nwk_key, _APP_S, seed))


def join_server_keys(root: RootKeys, dev_eui: Eui64) -> tuple[bytes, bytes]:
    """Return (JSIntKey, JSEncKey), which last as long as the device (1.1 section 6.1.1.4)."""
    return (
        _derived(root.nwk_key, _JS_INT, dev_eui.wire),
        _derived(root.nwk_key, _JS_ENC, dev_eui.wire),
    )


def key_from_text(text: str) -> bytes:
    """Return the AES-128 key that *text* writes as hexadecimal digits.

    Raises:
        InputError: it is none; the sentence does not repeat it.
    """
    digits = text.strip().lower().removeprefix("0x")
    try:
        return aes_key(bytes.fromhex(digits))
    except ValueError as error:
        raise InputError(f"a key is {2 * BLOCK} hexadecimal digits") from error


def _derived(root: bytes, purpose: int, seed: bytes) -> bytes:
    return encrypt_blocks(root, (bytes([purpose]) + seed).ljust(BLOCK, b"\0"))
