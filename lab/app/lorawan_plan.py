"""Who speaks LoRaWAN in a lab: made from its tables, with the keys that the state folder keeps."""

from collections.abc import Mapping

from lab.app.join_servers import JoinServerPlan, join_server_plans
from lab.app.lorawan_keys import LorawanKeys
from lab.app.stations import FieldDevice, FieldGateway
from lab.backend.application_server import Application
from lab.backend.header import AsId, PartyId
from lab.backend.network import Network, Subscriber
from lab.core.frozen import dataclass
from lab.lorawan.device import Device, Session, activated_by_hand
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
from lab.lorawan.keys import RootKeys, Version
from lab.lorawan.radio import Place
from lab.lorawan.regions import REGIONS
from lab.world.lorawan import Activation, DeviceConfig
from lab.world.lorawan_tables import LorawanConfig
from lab.world.materials import Materials


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """Describe one device.

    Attributes:
        name: as people call it.
        home: identity of its home network, e.g. "tsp.ns".
        application: identity of the application server that reads it.
        field: what it is when it is new, and where it stands.
    """

    name: str
    home: str
    application: str
    field: FieldDevice


@dataclass(frozen=True, slots=True)
class LorawanPlan:
    """Say who is there.

    Attributes:
        networks: by identity.
        applications: by identity.
        devices: by DevEUI.
        gateways: by their EUI.
        join_servers: by identity.
        addresses: of the network servers, by identity.
        names: identity of each party.
    """

    networks: Mapping[str, Network]
    applications: Mapping[str, Application]
    devices: Mapping[Eui64, PlannedDevice]
    gateways: Mapping[Eui64, FieldGateway]
    join_servers: Mapping[str, JoinServerPlan]
    addresses: Mapping[str, str]
    names: Mapping[PartyId, str]

    @property
    def called(self) -> Mapping[str, str]:
        """Return how people call devices and gateways that are noted by their EUIs."""
        devices = {f"device {eui}": one.name for eui, one in self.devices.items()}
        gateways = {f"gateway {eui}": f"gateway {one.name}" for eui, one in self.gateways.items()}
        return devices | gateways


def plan_of(materials: Materials, keys: LorawanKeys) -> LorawanPlan:
    """Return who is there by *materials*."""
    config = materials.lorawan
    identities = {one.name: one for each in materials.operators for one in each.identities}
    as_ids = {
        operator: AsId.of(identities[f"{operator}.as"].host)
        for operator in sorted({one.application for one in config.devices.values()})
    }
    return LorawanPlan(
        networks={f"{one}.ns": _network(config, one, as_ids, keys) for one in config.networks},
        applications={
            f"{operator}.as": _application(config, operator, as_id, keys)
            for operator, as_id in as_ids.items()
        },
        devices={
            one.dev_eui: PlannedDevice(
                name,
                f"{one.home}.ns",
                f"{one.application}.as",
                FieldDevice(_new(one, config, keys), Place(one.east, one.north), one.data_rate),
            )
            for name, one in config.devices.items()
        },
        gateways={
            one.eui: FieldGateway(name, Place(one.east, one.north), f"{one.operator}.ns")
            for name, one in config.gateways.items()
        },
        join_servers=join_server_plans(materials, keys),
        addresses={f"{one}.ns": identities[f"{one}.ns"].address or "" for one in config.networks},
        names={
            **{one.net_id: f"{operator}.ns" for operator, one in config.networks.items()},
            **{one.join_eui: f"{one.operator}.js" for one in config.join_euis.values()},
            **{as_id: f"{operator}.as" for operator, as_id in as_ids.items()},
        },
    )


def _network(
    config: LorawanConfig, operator: str, as_ids: Mapping[str, AsId], keys: LorawanKeys
) -> Network:
    own = config.networks[operator]
    subscribers = {
        one.dev_eui: Subscriber(one.dev_eui, one.version, as_ids[one.application])
        for one in config.devices.values()
        if one.home == operator
    }
    label = str(own.net_id)
    return Network(
        own.net_id,
        REGIONS[own.region],
        subscribers,
        dict(config.partners(operator)),
        {label: keys.kek(label)},
        own.windows,
    )


def _application(
    config: LorawanConfig, operator: str, as_id: AsId, keys: LorawanKeys
) -> Application:
    read = (one for one in config.devices.values() if one.application == operator)
    devices = {one.dev_eui: one.join_eui for one in read}
    return Application(as_id, devices, {str(as_id): keys.kek(str(as_id))})


# Who is activated by hand has no root key; this one opens nothing, for no join server has it.
_NO_ROOT = RootKeys.of_1_0(bytes(16))


def _new(one: DeviceConfig, config: LorawanConfig, keys: LorawanKeys) -> Device:
    """Return a device as its maker delivers it."""
    version = Version.from_text(one.version)
    if one.activation is Activation.OTAA:
        root = keys.root_keys(one.dev_eui, version)
        return Device(one.dev_eui, one.join_eui, version, root)
    home = config.networks[one.home]
    session = Session(
        _address(one.dev_eui, home.net_id),
        home.net_id,
        keys.session_keys(one.dev_eui, version),
        version,
        rx2_data_rate=REGIONS[home.region].rx2_data_rate,
    )
    return activated_by_hand(Device(one.dev_eui, one.join_eui, version, _NO_ROOT), session)


def _address(dev_eui: Eui64, net_id: NetId) -> DevAddr:
    """Return an address of the home network with the last bits of *dev_eui*, for ever."""
    room = 32 - net_id.prefix_bits
    return net_id.dev_addr(int.from_bytes(dev_eui.octets) % (1 << room))
