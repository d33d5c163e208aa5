"""The state folder: keys of zones, and what other programs need to find the lab.

Mode 0700, key files 0600, PEM. Everything is made at first start and used again afterwards; `lab
reset` removes it.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from dns.name import Name

from lab.app.place import Place
from lab.core.entropy import Entropy
from lab.core.errors import InputError, LabError
from lab.dnssec.keys import KeyRole, KeySet, SigningKey, from_pem, generate
from lab.nameserver.cookies import SECRET_OCTETS
from lab.world.config import ZoneConfig

SOFTWARE = "dnssec-dane-lab"
DEFAULT_STATE = ".lab"
MARKER = "README"
_MARKER_TEXT = (
    "State of a DNSSEC and DANE lab: generated keys, never to be shared. See `lab reset`.\n"
)

T = TypeVar("T")

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def _left_to_the_system(descriptor: int) -> None:
    """Leave it to the system when the octets of a file reach the disk."""
    del descriptor


def file_name(apex: str) -> str:
    """Return what a file of the zone *apex* is called; no name leads out of its folder."""
    return quote(apex.rstrip("."), safe="") or "root"


class StateError(LabError):
    """Report that the state folder cannot be used; the sentence says what to do."""


class StateFolder(Place):
    """Read and write one state folder."""

    __slots__ = ()

    def prepare(self) -> None:
        """Make the folder if it is not there.

        Raises:
            StateError: it cannot be made, or is somebody else's folder.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (self.path / MARKER).exists() and any(self.path.iterdir()):
                raise StateError(f"{self.path} is not empty and not a state folder of the lab")
            self.path.chmod(0o700)
            self._write(self.path / MARKER, _MARKER_TEXT.encode())
        except OSError as error:
            raise StateError(
                f"cannot use the state folder {self.path}: {error.strerror}"
            ) from error

    def lock(self) -> int:
        """Take the folder for this process until it ends, and return the lock's descriptor.

        Raises:
            StateError: another lab has it.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise StateError(
                f"a lab is running in {self.path} already; see `lab status`, or use --state DIR"
            ) from error
        return descriptor

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the folder for a while, if it is a state folder at all.

        Raises:
            StateError: there is no such folder, or a lab has it.
        """
        if not (self.path / MARKER).exists():
            raise StateError(f"{self.path} is not a state folder of the lab; `lab up` makes one")
        descriptor = self.lock()
        try:
            yield
        finally:
            os.close(descriptor)

    def reset(self) -> bool:
        """Remove the folder with all keys; return whether there was one.

        Raises:
            StateError: it is no state folder, or a lab is running in it.
        """
        if not self.path.exists():
            return False
        if not (self.path / MARKER).exists():
            raise StateError(f"{self.path} is not a state folder of the lab; nothing was removed")
        os.close(self.lock())
        shutil.rmtree(self.path)
        return True

    def key_folder(self, apex: Name) -> Path:
        """Return where the keys of zone *apex* are."""
        # A label may hold a slash (RFC 2317), a file name may not.
        return self.path / "keys" / file_name(str(apex))

    def key_set(self, config: ZoneConfig, entropy: Entropy | None = None) -> KeySet:
        """Return the keys of a zone, made now of *entropy* if there are none yet."""
        planned = config.policy.keys
        keys = tuple(self._key(config, one.role, one.label, entropy) for one in planned)
        return KeySet(keys, tuple(one.duties for one in planned))

    def _key(
        self, config: ZoneConfig, role: KeyRole, label: str, entropy: Entropy | None
    ) -> SigningKey:
        return self.kept(
            self.key_folder(config.apex) / f"{label}.pem",
            make=lambda: generate(config.apex, role, config.algorithm, entropy),
            read=lambda pem: from_pem(config.apex, role, config.algorithm, pem),
            pem=lambda key: key.pem(),
        )

    def cookie_secret(self, entropy: Entropy) -> bytes:
        """Return the secret that server cookies are made with, made now if there is none yet."""
        return self.secret("cookie.secret", SECRET_OCTETS, entropy)

    def secret(self, name: str, size: int, entropy: Entropy) -> bytes:
        """Return the *size* octets that the file *name* holds, made now if there is none yet."""

        def read(text: bytes) -> bytes:
            secret = bytes.fromhex(text.decode())
            if len(secret) != size:
                raise ValueError(f"expected {size} octets in hexadecimal digits")
            return secret

        return self.kept(
            self.path / name,
            make=lambda: entropy.bytes(size),
            read=read,
            pem=lambda secret: f"{secret.hex()}\n".encode(),
        )

    def kept(
        self,
        path: Path,
        make: Callable[[], T],
        read: Callable[[bytes], T],
        pem: Callable[[T], bytes],
    ) -> T:
        """Return what *path* holds, after making it if the file is not there.

        Raises:
            StateError: the file is damaged.
        """
        if not path.exists():
            made = make()
            self.write_first(path, pem(made))
            return made
        try:
            return read(path.read_bytes())
        except (ValueError, InputError) as error:
            raise StateError(
                f"{path}: {error}; remove this file, or everything by `lab reset`, to make it anew"
            ) from error

    def write_public(self, name: str, text: str) -> Path:
        """Write a file for other programs, which each start makes anew, and return its path."""
        path = self.file(name)
        self._write(path, text.encode(), mode=0o644)
        return path

    def write_first(self, path: Path, octets: bytes) -> None:
        """Write a file of mode 0600 that a first start makes, without waiting for the disk.

        There are dozens of them, and what a power cut takes, the next start makes anew.
        """
        self._write(path, octets)

    def write_secret(self, path: Path, octets: bytes) -> None:
        """Write a file of mode 0600 in this folder: it is on the disk when this returns."""
        self._write(path, octets, settle=os.fsync)

    def _write(
        self,
        path: Path,
        octets: bytes,
        mode: int = 0o600,
        settle: Callable[[int], None] = _left_to_the_system,
    ) -> None:
        """Write *octets* at once: nobody ever sees half a file, or a key with a wider mode."""
        fresh = path.with_name(f".{path.name}.new")
        try:
            descriptor = os.open(fresh, _NEW_FILE, mode)
        except FileExistsError:
            # A run that was cut off has left it.
            fresh.unlink()
            descriptor = os.open(fresh, _NEW_FILE, mode)
        except FileNotFoundError:
            for folder in reversed(path.relative_to(self.path).parents):
                (self.path / folder).mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(fresh, _NEW_FILE, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            settle(file.fileno())
        fresh.replace(path)
