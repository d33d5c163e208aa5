"""Zones that only the secondaries serve: added to the running lab, and kept in its state folder.

The lab is their hidden primary: it signs them and puts them into the catalog. No zone of the lab
delegates them, and no address but that of the hidden primary answers for them.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from dns.name import Name

from lab.app.state import file_name
from lab.core.errors import InputError
from lab.nameserver.signer import Signer
from lab.nameserver.tree import ServedZone, plant
from lab.nameserver.zone import load
from lab.world.config import ZoneConfig, absolute_name, read_hierarchy

if TYPE_CHECKING:
    from lab.app.server import RunningServer

FOLDER = "hosted"
_TABLE = '[zone."{apex}"]\nfile = "{file}"\nnameservers = {{ "ns.invalid." = "127.0.0.1" }}\n'


class HostedZones:
    """Add and remove such zones."""

    def __init__(self, lab: "RunningServer") -> None:
        """Add them to the secondaries of *lab*."""
        self._lab = lab
        self._serials: dict[Name, int] = {}

    def start(self) -> None:
        """Serve those of earlier runs again.

        Raises:
            ZoneError: a file was made unreadable meanwhile.
        """
        for path in sorted((self._lab.state.path / FOLDER).glob("*.zone")):
            text = path.read_text(encoding="utf-8")
            apex, _, rest = text.partition("\n")
            self._serve(absolute_name(apex.removeprefix("; "), str(path)), rest, str(path))

    def add(self, name: str, text: str, where: str) -> Name:
        """Serve one more zone, from now on and in later runs, and return its apex.

        Raises:
            InputError: the lab has such a zone, or *text* is no master file of it.
        """
        apex = absolute_name(name if name.endswith(".") else f"{name}.", "the name of the zone")
        if self._lab.desk.secondaries.distribution is None:
            raise InputError("hierarchy.toml has no table [distribution]: there is no catalog")
        if apex in self._lab.base.sources:
            raise InputError(f"{apex} is a zone of the lab already")
        self._serve(apex, text, where)
        self._lab.state.write_secret(self._path(apex), f"; {apex}\n{text}".encode())
        return apex

    def remove(self, name: str) -> Name:
        """Let the secondaries forget a zone, and return its apex.

        Raises:
            InputError: it was not added.
        """
        apex = absolute_name(name if name.endswith(".") else f"{name}.", "the name of the zone")
        hosted = self._lab.desk.secondaries.hosted
        if apex not in hosted:
            known = ", ".join(str(one) for one in hosted) or "none"
            raise InputError(f"{apex} was not added; added are: {known}")
        self._path(apex).unlink(missing_ok=True)
        self._lab.desk.secondaries.drop(apex)
        return apex

    def _serve(self, apex: Name, text: str, where: str) -> None:
        zone = load(text, apex, where)
        # Later than anything that was served before, in this run or in another one.
        serial = max(int(self._lab.reactor.seconds()), self._serials.get(apex, 0) + 1)
        self._serials[apex] = serial
        signer = Signer(apex, self._lab.state.key_set(_config(apex)))
        served: ServedZone = plant({apex: zone.with_serial(serial)}, {apex: signer})[apex]
        self._lab.desk.secondaries.host(served)

    def _path(self, apex: Name) -> Path:
        return self._lab.state.path / FOLDER / f"{file_name(str(apex))}.zone"


def _config(apex: Name) -> ZoneConfig:
    """Return the configuration of a zone with all defaults."""
    (config,) = read_hierarchy(_TABLE.format(apex=apex, file=apex), "defaults")
    return config
