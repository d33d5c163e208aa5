"""Zones named on the command line as the source of a server: a name and a master file each."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from dns.exception import DNSException
from dns.name import Name, from_text

from lab.app.state import SOFTWARE, StateFolder
from lab.app.texts import read_text
from lab.core.entropy import Entropy
from lab.core.errors import InputError, UnsupportedError, ZoneError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.located import LocatedToml
from lab.core.question import Server
from lab.dnssec.algorithms import algorithm
from lab.nameserver.exchange import Service
from lab.world.config import ZoneConfig, zone_config
from lab.world.materials import Materials


class _CommandLine(LocatedToml):
    """Say of a setting which option it came from."""

    def where(self, *path: str | int) -> str:
        """Return e.g. `--algorithm`."""
        return f"--{path[-1]}"


@dataclass(frozen=True, slots=True)
class ZoneFiles:
    """Name zones, their files and where to serve them.

    Attributes:
        files: name of each zone, and its master file.
        addresses: each of them serves every zone.
        settings: keys of a zone's table in `hierarchy.toml`, for every zone.
    """

    files: tuple[tuple[str, Path], ...]
    addresses: tuple[str, ...]
    settings: Mapping[str, object]

    def read(self, state: StateFolder, now: Instant, entropy: Entropy) -> Materials:  # noqa: ARG002 as Source says
        """Return what the files, and the keys of *state*, make."""
        configs = tuple(self._configs())
        if len({config.apex for config in configs}) != len(configs):
            raise InputError("each --zone may be named once only")
        texts = {
            config.apex: read_text(path, f"the master file of {config.apex}")
            for config, (_, path) in zip(configs, self.files, strict=True)
        }
        keys = {config.apex: state.key_set(config) for config in configs if config.signed}
        service = Service(version=SOFTWARE, secrets=(state.cookie_secret(entropy),))
        return Materials(configs, texts, (), keys, {}, tls_port=0, service=service)

    def _configs(self) -> Iterator[ZoneConfig]:
        pairs = [(_apex(name), str(path)) for name, path in self.files]
        first = self._config(*pairs[0])
        # The settings are those of every zone: they are read once.
        for apex, path in pairs:
            yield replace(first, apex=apex, file=path, nameservers=self._servers(apex))

    def _servers(self, apex: Name) -> tuple[Server, ...]:
        """Return who serves *apex*; no record says which this one is, as all answer alike."""
        return tuple(Server(apex, address) for address in self.addresses)

    def _config(self, apex: Name, path: str) -> ZoneConfig:
        settings = {**self.settings, "file": path}
        document = _CommandLine({"zone": {str(apex): settings}}, "the command line", {})
        return zone_config(document, apex, self._servers(apex), settings)


def _apex(name: str) -> Name:
    try:
        return from_text(name)
    except DNSException as error:
        raise ZoneError(f"{name!r} is not a domain name: {error}", "--zone") from error


def mnemonic(text: str) -> str:
    """Return the mnemonic of an algorithm that a user names by number or mnemonic.

    Raises:
        ZoneError: there is no such number here.
    """
    if not text.isdecimal():
        return text
    try:
        return algorithm(int(text)).mnemonic
    except UnsupportedError as error:
        raise ZoneError(str(error), "--algorithm") from error
