"""Read `operators.toml`: who runs TLS servers and clients, and which TLSA records they publish."""

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from dns.name import Name

from lab.core.errors import InputError, ZoneError
from lab.core.frozen import dataclass
from lab.core.located import LocatedToml
from lab.dane.policy import ClientPolicy
from lab.dane.profiles import Demand
from lab.dane.tlsa import Parameters, parse_parameters, server_owner
from lab.world.config import (
    absolute_name,
    located,
    loopback_address,
    refuse_unknown_keys,
    tables,
)

_OPERATOR_KEYS = ("title", "zone")
_IDENTITY_KEYS = ("title", "host", "address", "client", "tlsa", "allow", "demand")


@dataclass(frozen=True, slots=True)
class IdentityConfig:
    """Describe one server or client of an operator.

    Attributes:
        name: as scenarios call it, e.g. "tsp.ns".
        title: for people, e.g. "Télécom SudParis network server".
        host: name of the server.
        client: owner name of the client TLSA record.
        address: where the server listens; None for a client only.
        tlsa: what is published for both; None for nothing.
        where: `file:line` of its table.
        policy: what its server demands of clients.
    """

    name: str
    title: str
    host: Name
    client: Name
    address: str | None
    tlsa: Parameters | None
    where: str
    policy: ClientPolicy = field(default_factory=ClientPolicy)


@dataclass(frozen=True, slots=True)
class OperatorConfig:
    """Describe one operator.

    Attributes:
        name: e.g. "tsp".
        title: for people and in its certificates, e.g. "Télécom SudParis".
        zone: where its names live; None for who has none.
        identities: its servers and clients.
    """

    name: str
    title: str
    zone: Name | None
    identities: tuple[IdentityConfig, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Describe one TLS server of an operator.

    Attributes:
        identity: its configuration.
        port: where it listens.
    """

    identity: IdentityConfig
    port: int

    @property
    def tlsa_owner(self) -> Name:
        """Return the owner name of its TLSA RRset (RFC 6698 section 3)."""
        return server_owner(self.identity.host, self.port)


def read_operators(text: str, file: str) -> tuple[OperatorConfig, ...]:
    """Return the operators that the text of an `operators.toml` describes.

    Raises:
        ZoneError: names file, line and what was expected.
    """
    document = located(text, file)
    refuse_unknown_keys(document, (), ("operator",))
    operators = tuple(
        _operator(document, name, table) for name, table in tables(document, "operator").items()
    )
    _refuse_shared_addresses(operators)
    return operators


def _refuse_shared_addresses(operators: tuple[OperatorConfig, ...]) -> None:
    """Let one server listen at one address: all of them have the same port."""
    seen: dict[str, IdentityConfig] = {}
    for one in (identity for operator in operators for identity in operator.identities):
        if one.address is not None and seen.setdefault(one.address, one) is not one:
            holder = seen[one.address].name
            raise ZoneError(f"{one.address} is already the address of {holder}", one.where)


def _operator(document: LocatedToml, name: str, table: dict[str, Any]) -> OperatorConfig:
    where = document.where("operator", name)
    title = table.get("title")
    if not isinstance(title, str):
        raise ZoneError('expected title = "…" for people to read', where)
    zone = table.get("zone")
    return OperatorConfig(
        name=name,
        title=title,
        zone=None
        if zone is None
        else absolute_name(zone, document.where("operator", name, "zone")),
        identities=tuple(_identities(document, name, title)),
    )


def _identities(document: LocatedToml, operator: str, title: str) -> Iterator[IdentityConfig]:
    for role, table in document.data["operator"][operator].items():
        if isinstance(table, dict):
            yield _Identity(document, operator, role, table).read(title)
        elif role not in _OPERATOR_KEYS:
            where = document.where("operator", operator, role)
            raise ZoneError(f"unknown key {role!r}; known are {', '.join(_OPERATOR_KEYS)}", where)


@dataclass(frozen=True, slots=True)
class _Identity:
    """Read one `[operator.NAME.ROLE]` table."""

    document: LocatedToml
    operator: str
    role: str
    table: dict[str, Any]

    def read(self, operator_title: str) -> IdentityConfig:
        refuse_unknown_keys(self.document, ("operator", self.operator, self.role), _IDENTITY_KEYS)
        address = self.table.get("address")
        return IdentityConfig(
            name=f"{self.operator}.{self.role}",
            title=f"{operator_title} {self.table.get('title', self.role)}",
            host=self._name("host"),
            client=self._name("client"),
            address=None if address is None else loopback_address(address, self._where("address")),
            tlsa=self._tlsa(),
            where=self._where(),
            policy=self._policy(),
        )

    def _where(self, *key: str) -> str:
        return self.document.where("operator", self.operator, self.role, *key)

    def _name(self, key: str) -> Name:
        if key not in self.table:
            raise ZoneError(f'expected {key} = "…"', self._where())
        return absolute_name(self.table[key], self._where(key))

    def _policy(self) -> ClientPolicy:
        for key in ("allow", "demand"):
            if key in self.table and "address" not in self.table:
                sentence = f"{key} is about the clients of a server; a server has an address"
                raise ZoneError(sentence, self._where(key))
        word = self.table.get("demand", Demand.REQUIRED.value)
        if word not in [one.value for one in Demand]:
            known = ", ".join(one.value for one in Demand)
            raise ZoneError(f"unknown demand {word!r}; known are {known}", self._where("demand"))
        return ClientPolicy.demanding(Demand(word), self._allowed())

    def _allowed(self) -> tuple[Name, ...] | None:
        if "allow" not in self.table:
            return None
        domains, where = self.table["allow"], self._where("allow")
        if not isinstance(domains, list):
            raise ZoneError('expected allow = ["domain", …]', where)
        return tuple(absolute_name(one, where) for one in domains)

    def _tlsa(self) -> Parameters | None:
        if "tlsa" not in self.table:
            return None
        try:
            return parse_parameters(str(self.table["tlsa"]))
        except InputError as error:
            raise ZoneError(error.what, self._where("tlsa")) from error
