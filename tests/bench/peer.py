"""What a server is that is compared: what it needs, and how it is told to serve one zone."""

import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from dns.rcode import Rcode

_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


@dataclass(frozen=True)
class Place:
    """Say where a server works.

    Attributes:
        folder: of its own, for configuration, keys and everything else.
        zone: the master file, without DNSSEC records; not to be changed.
        port: of 127.0.0.1.
    """

    folder: Path
    zone: Path
    port: int

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder."""
        file = self.folder / name
        file.write_text(text)
        return file

    def own_zone(self) -> Path:
        """Return a copy of the zone that the server may change."""
        return Path(shutil.copy(self.zone, self.folder / "zone"))


class Peer(ABC):
    """Say how a server is run.

    Attributes:
        title: what tables call it.
        signed: how many RRSIGs it gives at least: with an answer, with a name that is not there.
        absent: what it says of such a name.
    """

    PROGRAMS: ClassVar[Mapping[str, str]] = {}
    """What must be installed: each program with its Debian package."""
    title: str
    signed: tuple[int, int] = (1, 2)
    absent = Rcode.NXDOMAIN

    def missing(self) -> str:
        """Return why it cannot be run here, as a sentence; empty if it can."""
        absent = {one: package for one, package in self.PROGRAMS.items() if not which(one)}
        return ", ".join(
            f"{one} is not installed (Debian package {package})" for one, package in absent.items()
        )

    @abstractmethod
    def prepared(self, place: Place) -> list[str]:
        """Write what it needs, once, and return the command that starts it."""


def which(program: str) -> str:
    """Return where a program is; empty if it is not installed."""
    return shutil.which(program, path=_PATH) or ""


def do(*command: str, folder: Path) -> str:
    """Return what a program prints that is run in *folder*.

    Raises:
        RuntimeError: it failed.
    """
    program, *rest = command
    done = subprocess.run(
        [which(program), *rest], capture_output=True, text=True, check=False, cwd=folder
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr or done.stdout}")
    return done.stdout
