"""The TSIG keys of a lab: one file for each in the state folder, mode 0600.

The files have the form of BIND, so `dig -k`, `nsupdate -k` and `include` in named.conf take them
as they are.
"""

import re
from pathlib import Path

import dns.exception
import dns.name
import dns.tsigkeyring
from dns.name import Name
from dns.tsig import Key

from lab.app.state import StateFolder, file_name
from lab.core.entropy import Entropy
from lab.core.errors import InputError, LabError
from lab.nameserver.tsig import ALGORITHMS
from lab.world.access import LAB_KEY
from lab.world.keyforms import bind_key

FOLDER = "tsig"
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


class Keyring:
    """Read and write the keys of one state folder."""

    def __init__(self, state: StateFolder) -> None:
        """Prepare; nothing is read."""
        self._state = state

    def path(self, name: Name) -> Path:
        """Return the file of the key *name*."""
        return self._state.path / FOLDER / f"{file_name(str(name).lower())}.key"

    def load(self) -> dict[Name, Key]:
        """Return all keys by name.

        Raises:
            LabError: a file holds no key.
        """
        keys = (_read(path) for path in sorted((self._state.path / FOLDER).glob("*.key")))
        return {key.name: key for key in keys}

    def prepare(self, entropy: Entropy) -> dict[Name, Key]:
        """Return all keys, among them the lab's own one, which is made now if there is none."""
        name = dns.name.from_text(LAB_KEY)
        if not self.path(name).exists():
            self.add(LAB_KEY, "hmac-sha256", entropy)
        return self.load()

    def add(self, name: str, algorithm: str, entropy: Entropy) -> Key:
        """Make a new key, write its file and return it.

        Raises:
            InputError: the name cannot be one, or has a key already.
        """
        key_name = parse_key_name(name)
        if self.path(key_name).exists():
            raise InputError(f"there is a key {key_name} already; remove it first")
        number = ALGORITHMS[algorithm]
        # RFC 2104 section 3: as long as the output of the hash; a shorter key would be weaker.
        size = dns.tsig.mac_sizes[number]
        key = Key(key_name, entropy.bytes(size), number)
        self._state.write_secret(self.path(key_name), bind_key(key).encode())
        return key

    def get(self, name: str) -> Key:
        """Return one key.

        Raises:
            InputError: there is none of this name.
        """
        keys = self.load()
        wanted = parse_key_name(name)
        if wanted not in keys:
            known = ", ".join(str(one) for one in keys) or "none"
            raise InputError(f"there is no TSIG key {wanted}; there are: {known}")
        return keys[wanted]

    def remove(self, name: str) -> None:
        """Remove one key.

        Raises:
            InputError: there is none of this name.
        """
        self.path(self.get(name).name).unlink()


def parse_key_name(text: str) -> Name:
    """Return the name of a key, absolute; only characters that every configuration file takes.

    Raises:
        InputError: it is no such name.
    """
    try:
        name = dns.name.from_text(text)
    except dns.exception.DNSException as error:
        raise InputError(f"{text!r} is not the name of a key: {error}") from error
    if not _NAME.fullmatch(str(name)) or name == dns.name.root:
        raise InputError(f"expected letters, digits, '-', '_' and '.' in {text!r}")
    return name


def _read(path: Path) -> Key:
    try:
        (key,) = dns.tsigkeyring.from_file(path).values()
    except Exception as error:  # dnspython raises no class of its own
        raise LabError(f"{path}: expected a TSIG key in the form of BIND: {error}") from error
    if not isinstance(key, Key) or key.algorithm not in ALGORITHMS.values():
        known = ", ".join(ALGORITHMS)
        raise LabError(f"{path}: expected an algorithm, one of {known}")
    return key
