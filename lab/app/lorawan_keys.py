"""The keys of LoRaWAN in the state folder: of devices, and keys that wrap other keys.

Made at first start, mode 0600, one file for each. In life a maker prints root keys or mails them,
and operators exchange key encryption keys beforehand; here both sides read the same folder.
"""

from lab.app.state import StateFolder
from lab.core.entropy import Entropy
from lab.lorawan.aes import BLOCK
from lab.lorawan.identifiers import Eui64
from lab.lorawan.keys import RootKeys, SessionKeys, Version

FOLDER = "lorawan"


class LorawanKeys:
    """Read keys, and make those that are missing."""

    def __init__(self, state: StateFolder, entropy: Entropy) -> None:
        """Look into *state*; new keys come out of *entropy*."""
        self._state, self._entropy = state, entropy

    def root_keys(self, dev_eui: Eui64, version: Version) -> RootKeys:
        """Return what a device and its join server share.

        Raises:
            StateError: the file is damaged.
        """
        nwk_key = self._key(f"{dev_eui}.nwk")
        if version is Version.LORAWAN_1_0:
            return RootKeys.of_1_0(nwk_key)
        return RootKeys(nwk_key, self._key(f"{dev_eui}.app"))

    def session_keys(self, dev_eui: Eui64, version: Version) -> SessionKeys:
        """Return what a device that never joins was given, and both its servers with it (ABP).

        Raises:
            StateError: the file is damaged.
        """
        app_s_key = self._key(f"{dev_eui}.apps")
        if version is Version.LORAWAN_1_0:
            return SessionKeys.of_1_0(self._key(f"{dev_eui}.nwks"), app_s_key)
        f_int, s_int, enc = (self._key(f"{dev_eui}.{one}") for one in ("fnwks", "snwks", "nwkse"))
        return SessionKeys(f_int, s_int, enc, app_s_key)

    def kek(self, label: str) -> bytes:
        """Return the key called *label*, which wraps session keys for one server.

        Raises:
            StateError: the file is damaged.
        """
        return self._key(f"{label}.kek")

    def _key(self, name: str) -> bytes:
        return self._state.secret(f"{FOLDER}/{name}", BLOCK, self._entropy)
