"""Read `lorawan.toml`: networks, agreements, join servers, gateways and devices of the operators.

Keys are not in it: they are made at first start and stand in the state folder. Servers are the
identities of `operators.toml`: the network server of the operator tsp is "tsp.ns".
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TypeVar

from lab.backend.network import Windows
from lab.core.errors import InputError, ZoneError
from lab.core.frozen import dataclass
from lab.core.located import LocatedToml
from lab.core.parameters import KINDS, Kind, Seconds, build
from lab.lorawan.identifiers import Eui64, Identifier, NetId
from lab.lorawan.identity_tree import IdentityTree
from lab.lorawan.keys import Version
from lab.lorawan.regions import REGIONS
from lab.world.config import located, refuse_unknown_keys, tables
from lab.world.lorawan_tables import LorawanConfig
from lab.world.operators import OperatorConfig

T = TypeVar("T")

_AT_ONCE = Seconds(0)


class Way(Enum):
    """Tell how the DNS leads from a JoinEUI to its join server.

    Attributes:
        ALIAS: by an alias that stands in the zone file; servers of our time ask for an address.
        ADDRESS: by an address at the name of the JoinEUI itself.
        NAPTR: by NAPTR and SRV, as Backend Interfaces 1.0 section 19 has it.
    """

    ALIAS = "alias"
    ADDRESS = "address"
    NAPTR = "naptr"


class Activation(Enum):
    """Tell how a device gets its session.

    Attributes:
        OTAA: it joins, and has new keys each time.
        ABP: it was given one by hand, for ever.
    """

    OTAA = "otaa"
    ABP = "abp"


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Describe the network of an operator; its table bears the operator's name.

    Attributes:
        net_id: its NetID.
        region: where its gateways are.
        windows: into which windows of a device its answers go: "rx1 or rx2", or "rx2" alone.
    """

    net_id: NetId
    region: str = "EU868"
    windows: Windows = Windows.EITHER

    def __post_init__(self) -> None:
        """Refuse regions that nobody has described."""
        if self.region not in REGIONS:
            known = ", ".join(REGIONS)
            raise InputError(f"there is no region {self.region!r}; known are {known}", "region")


@dataclass(frozen=True, slots=True)
class AgreementConfig:
    """Say that devices of either operator may visit the other one (passive roaming).

    Attributes:
        one: an operator.
        other: another one.
        lifetime: for how long a visited network may forward without asking again; 0: stateless.
    """

    one: str
    other: str
    lifetime: Seconds = _AT_ONCE


@dataclass(frozen=True, slots=True)
class JoinEuiConfig:
    """Say whose join server knows the devices with one JoinEUI.

    Attributes:
        join_eui: the JoinEUI.
        operator: who runs the join server.
        way: how the DNS leads there.
    """

    join_eui: Eui64
    operator: str
    way: Way = Way.ALIAS


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """Describe one simulated gateway.

    Attributes:
        eui: its name.
        operator: whose network server it belongs to.
        east: where it stands, metres.
        north: the same.
    """

    eui: Eui64
    operator: str
    east: int = 0
    north: int = 0


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """Describe one simulated device.

    Attributes:
        dev_eui: its name.
        join_eui: that of its join server; nobody asks that about a device with ABP.
        home: the operator that has the contract, and whose network server serves it.
        application: the operator whose application server reads it.
        version: of LoRaWAN, as in JoinReq: "1.0.3" or "1.1.0".
        activation: how it gets its session.
        east: where it stands, metres.
        north: the same.
        data_rate: what it sends with.
    """

    dev_eui: Eui64
    join_eui: Eui64
    home: str
    application: str
    version: str = "1.0.3"
    activation: Activation = Activation.OTAA
    east: int = 0
    north: int = 0
    data_rate: int = 5

    def __post_init__(self) -> None:
        """Refuse versions that nobody speaks."""
        Version.from_text(self.version)


def read_lorawan(text: str, file: str, operators: Iterable[OperatorConfig]) -> LorawanConfig:
    """Return what the text of a `lorawan.toml` describes.

    Raises:
        ZoneError: names file, line and what was expected.
    """
    document = located(text, file)
    known = ("network", "agreement", "join-eui", "gateway", "device", "identities")
    refuse_unknown_keys(document, (), known)
    config = LorawanConfig(
        _read(document, "network", NetworkConfig),
        _read(document, "agreement", AgreementConfig),
        _read(document, "join-eui", JoinEuiConfig),
        _read(document, "gateway", GatewayConfig),
        _read(document, "device", DeviceConfig),
        _read(document, "identities", IdentityTree),
    )
    servers = {
        one.name for operator in operators for one in operator.identities if one.address is not None
    }
    _refuse_strangers(config, document, servers)
    _refuse_twins(config, document)
    return config


def _read(document: LocatedToml, key: str, cls: type[T]) -> dict[str, T]:
    found = {}
    for name, table in tables(document, key).items():
        made, mistakes = build(cls, table, f"[{key}.{name}]")
        for one in mistakes:
            where = (key, name, one.key) if one.key in table else (key, name)
            raise ZoneError(one.what, document.where(*where))
        assert made is not None, "without mistakes something was made"
        found[name] = made
    return found


def _refuse_strangers(config: LorawanConfig, document: LocatedToml, servers: set[str]) -> None:
    """Let everybody who is named exist: operators with the server that they need, and JoinEUIs."""
    for key, name, entry, operator, role in _named(config):
        server = f"{operator}.{role}"
        where = document.where(key, name, entry) if entry else document.where(key, name)
        if server not in servers:
            raise ZoneError(f"operators.toml has no server {server}", where)
        if role == "ns" and operator not in config.networks:
            raise ZoneError(f"there is no [network.{operator}]", where)
    join_euis = {one.join_eui for one in config.join_euis.values()}
    for name, device in config.devices.items():
        if device.join_eui not in join_euis:
            where = document.where("device", name, "join_eui")
            raise ZoneError(f"no [join-eui.…] has the JoinEUI {device.join_eui}", where)


def _named(config: LorawanConfig) -> Iterator[tuple[str, str, str, str, str]]:
    """Iterate over every operator that is named: table, its name, key, operator, role."""
    for name in config.networks:
        yield "network", name, "", name, "ns"
    for name in config.identities:
        yield "identities", name, "", name, "ns"
    for name, agreement in config.agreements.items():
        yield "agreement", name, "one", agreement.one, "ns"
        yield "agreement", name, "other", agreement.other, "ns"
    for name, join_eui in config.join_euis.items():
        yield "join-eui", name, "operator", join_eui.operator, "js"
    for name, gateway in config.gateways.items():
        yield "gateway", name, "operator", gateway.operator, "ns"
    for name, device in config.devices.items():
        yield "device", name, "home", device.home, "ns"
        yield "device", name, "application", device.application, "as"


def _refuse_twins(config: LorawanConfig, document: LocatedToml) -> None:
    """Let each identifier be used once."""
    lists: tuple[tuple[str, str, dict[str, Identifier]], ...] = (
        ("network", "net_id", {name: one.net_id for name, one in config.networks.items()}),
        ("join-eui", "join_eui", {name: one.join_eui for name, one in config.join_euis.items()}),
        ("gateway", "eui", {name: one.eui for name, one in config.gateways.items()}),
        ("device", "dev_eui", {name: one.dev_eui for name, one in config.devices.items()}),
    )
    for key, entry, identifiers in lists:
        seen: dict[Identifier, str] = {}
        for name, one in identifiers.items():
            if seen.setdefault(one, name) != name:
                where = document.where(key, name, entry)
                raise ZoneError(f"{one} is already that of [{key}.{seen[one]}]", where)


def _identifier(cls: type[Identifier]) -> Kind:
    def convert(value: object) -> Identifier:
        if not isinstance(value, str):
            raise InputError(f"expected hexadecimal digits in quotes, not {value!r}")
        return cls.from_text(value)

    return Kind(f"{cls.CALLED} in hexadecimal digits", convert)


for _cls in (Eui64, NetId):
    KINDS.add(_cls, _identifier(_cls))
