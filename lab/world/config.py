"""Read `hierarchy.toml`: which zones there are, where they are served and how they are signed.

Texts come in, values go out; the files themselves are read by `app`. Every mistake is a ZoneError
with file and line.
"""

from collections.abc import Mapping
from dataclasses import field
from ipaddress import AddressValueError, IPv4Address
from typing import Any

import dns.exception
import dns.name
from dns.name import Name

from lab.core.errors import InputError, ZoneError
from lab.core.frozen import dataclass
from lab.core.located import LocatedToml, parse
from lab.core.question import Server
from lab.dnssec.algorithms import SigningAlgorithm
from lab.dnssec.keys import KeyRole
from lab.nameserver.access import Access
from lab.world.access import ACCESS_DEFAULTS, read_access
from lab.world.delays import KEY_LIFE_DEFAULTS, Delays, read_delays
from lab.world.policy import DEFAULTS, POLICY_KEYS, Policy, read_policy


@dataclass(frozen=True, slots=True)
class ZoneConfig:
    """Say how one zone is served.

    Attributes:
        apex: its name.
        file: name of the master file, relative to the zones folder.
        nameservers: at least one, each with its loopback address.
        signed: whether it has keys.
        policy: how it is signed and how it denies.
        access: who may fetch and change it, and who is told.
        where: `file:line` of its table.
        delays: how its keys are rolled.
    """

    apex: Name
    file: str
    nameservers: tuple[Server, ...]
    signed: bool
    policy: Policy
    access: Access
    where: str
    delays: Delays = field(default_factory=Delays)

    @property
    def algorithm(self) -> SigningAlgorithm:
        """Return the algorithm of its keys."""
        return self.policy.algorithm

    @property
    def key_roles(self) -> tuple[KeyRole, ...]:
        """Return the role of each key that it starts with."""
        return tuple(one.role for one in self.policy.keys)


_DEFAULTS: Mapping[str, Any] = {
    "signed": True,
    **DEFAULTS,
    **ACCESS_DEFAULTS,
    **KEY_LIFE_DEFAULTS,
}
_COMMON_KEYS = ("signed", *POLICY_KEYS, *ACCESS_DEFAULTS, *KEY_LIFE_DEFAULTS)
_ZONE_KEYS = ("file", "nameservers", *_COMMON_KEYS)


def read_hierarchy(text: str, file: str) -> tuple[ZoneConfig, ...]:
    """Return the zones that the text of a `hierarchy.toml` describes, in its order.

    Raises:
        ZoneError: names file, line and what was expected.
    """
    document = located(text, file)
    refuse_unknown_keys(document, (), ("defaults", "zone", "distribution"))
    refuse_unknown_keys(document, ("defaults",), _COMMON_KEYS)
    defaults = {**_DEFAULTS, **document.data.get("defaults", {})}
    zones = tables(document, "zone")
    if not zones:
        raise ZoneError('expected at least one table such as [zone."example."]', f"{file}:1")
    configs = tuple(_Table(document, apex, table, defaults).read() for apex, table in zones.items())
    _refuse_twins(configs)
    _refuse_shared_addresses(configs)
    return configs


def located(text: str, file: str) -> LocatedToml:
    """Return the TOML document of *text*; its mistakes are mistakes of the zones folder."""
    try:
        return parse(text, file)
    except InputError as error:
        raise ZoneError(error.what, error.where) from error


def tables(document: LocatedToml, key: str) -> dict[str, dict[str, Any]]:
    """Return the tables `[key.NAME]` of *document*, by name; there may be none.

    Raises:
        ZoneError: something else stands there.
    """
    named = document.data.get(key, {})
    if not isinstance(named, dict):
        raise ZoneError(f"expected tables such as [{key}.NAME]", document.where(key))
    for name, table in named.items():
        if not isinstance(table, dict):
            raise ZoneError(f"expected a table [{key}.{name}]", document.where(key, name))
    return named


def refuse_unknown_keys(
    document: LocatedToml, path: tuple[str, ...], known: tuple[str, ...]
) -> None:
    """Let the table at *path*, if there is one, have no keys but the *known* ones.

    Raises:
        ZoneError: it has another key, or is no table.
    """
    table: Any = document.data
    for key in path:
        table = table.get(key, {})
    if not isinstance(table, dict):
        raise ZoneError(f"expected a table [{'.'.join(path)}]", document.where(*path))
    for key in table:
        if key not in known:
            listed = ", ".join(known)
            raise ZoneError(f"unknown key {key!r}; known are {listed}", document.where(*path, key))


def absolute_name(text: object, where: str) -> Name:
    """Return the absolute name that *text* writes.

    Raises:
        ZoneError: it is no name, or lacks the final dot.
    """
    if not isinstance(text, str):
        raise ZoneError(f"expected a domain name in quotes, not {text!r}", where)
    try:
        name = dns.name.from_text(text, origin=None)
    except dns.exception.DNSException as error:
        raise ZoneError(f"{text!r} is not a domain name: {error}", where) from error
    if not name.is_absolute():
        raise ZoneError(f"expected an absolute name with a dot at the end: {text + '.'!r}", where)
    return name


def loopback_address(text: object, where: str) -> str:
    """Return *text* if it is an address of the loopback network 127.0.0.0/8.

    Raises:
        ZoneError: it is anything else: the lab must not be reachable from elsewhere by mistake.
    """
    try:
        address = IPv4Address(str(text))
    except AddressValueError as error:
        raise ZoneError(f"expected an IPv4 address, not {text!r}", where) from error
    if not address.is_loopback:
        raise ZoneError(f"expected a loopback address (127.0.0.0/8), not {text}", where)
    return str(address)


def zone_config(
    document: LocatedToml, apex: Name, servers: tuple[Server, ...], settings: Mapping[str, Any]
) -> ZoneConfig:
    """Return the zone that *settings* describe as a table `[zone."apex"]` would.

    Args:
        document: knows where each setting stands.
        apex: of the zone.
        servers: at any address: whoever gives them this way has said so.
        settings: keys of a table, `nameservers` excepted; the others have their defaults.

    Raises:
        ZoneError: says where, and what was expected.
    """
    return _Table(document, str(apex), dict(settings), _DEFAULTS, servers).read()


@dataclass(frozen=True, slots=True)
class _Table:
    """Read one `[zone."apex"]` table."""

    document: LocatedToml
    apex: str
    table: dict[str, Any]
    defaults: Mapping[str, Any]
    servers: tuple[Server, ...] = ()

    def read(self) -> ZoneConfig:
        refuse_unknown_keys(self.document, ("zone", self.apex), _ZONE_KEYS)
        settings = {**self.defaults, **self.table}
        return ZoneConfig(
            apex=absolute_name(self.apex, self._where()),
            file=self._file(settings),
            nameservers=self.servers or self._nameservers(settings),
            signed=self._signed(settings),
            policy=read_policy(settings, self._where_set),
            access=read_access(settings, self._where()),
            where=self._where(),
            delays=read_delays(settings["key_life"], self._where("key_life")),
        )

    def _where(self, *key: str) -> str:
        return self.document.where("zone", self.apex, *key)

    def _where_set(self, key: str) -> str:
        """Return where *key* is set: in the zone's table or, for all zones, in the defaults."""
        if key in self.table or key not in self.document.data.get("defaults", {}):
            return self._where(key)
        return self.document.where("defaults", key)

    def _file(self, settings: Mapping[str, Any]) -> str:
        file = settings.get("file")
        if not isinstance(file, str) or not file:
            raise ZoneError('expected the name of the master file: file = "…"', self._where("file"))
        return file

    def _signed(self, settings: Mapping[str, Any]) -> bool:
        if not isinstance(settings["signed"], bool):
            raise ZoneError("expected signed = true or false", self._where("signed"))
        return settings["signed"]

    def _nameservers(self, settings: Mapping[str, Any]) -> tuple[Server, ...]:
        where = self._where("nameservers")
        table = settings.get("nameservers")
        if not isinstance(table, dict) or not table:
            raise ZoneError('expected nameservers = { "ns1.…" = "127.53.…", … }', where)
        return tuple(
            Server(absolute_name(host, where), loopback_address(address, where))
            for host, address in table.items()
        )


def _refuse_twins(configs: tuple[ZoneConfig, ...]) -> None:
    """Let each zone have one table, in whichever case its name is written."""
    seen: dict[Name, ZoneConfig] = {}
    for config in configs:
        twin = seen.setdefault(config.apex, config)
        if twin is not config:
            raise ZoneError(f"{config.apex} has a table already, at {twin.where}", config.where)


def _refuse_shared_addresses(configs: tuple[ZoneConfig, ...]) -> None:
    """One address serves one host name, so that who answers is who was asked."""
    hosts: dict[str, Name] = {}
    for config in configs:
        for server in config.nameservers:
            if hosts.setdefault(server.address, server.name) != server.name:
                raise ZoneError(
                    f"{server.address} is already the address of {hosts[server.address]}",
                    config.where,
                )
