"""LoRaWAN in the running lab: the roles of the operators, and the devices in the field.

Puts together what `lab.app.lorawan_plan` read.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from lab.app.aired import Aired
from lab.app.application_servers import ApplicationServer, OnReading
from lab.app.conversation import Conversation
from lab.app.field import Field
from lab.app.join_servers import JoinServerRole
from lab.app.lorawan_abp import Servers
from lab.app.lorawan_log import LorawanLog
from lab.app.lorawan_memory import Memory
from lab.app.lorawan_plan import LorawanPlan, PlannedDevice
from lab.app.network_servers import NetworkServer, Surroundings
from lab.app.stations import FieldGateway
from lab.backend.network import Network
from lab.core.checks import Report
from lab.core.entropy import Entropy
from lab.core.errors import InputError, LabError
from lab.lorawan.counters import COUNTER
from lab.lorawan.frames import DataFrame, pull_frame
from lab.lorawan.identifiers import Eui64
from lab.net.backend_http import Roles
from lab.net.clock import LabClock
from lab.net.gateway_udp import GATEWAY_PORT, open_udp
from lab.net.ports import BindError, PortSet, on_one_port
from lab.net.reactor import Reactor
from lab.world.build import World
from lab.world.lorawan_tables import LorawanConfig


class Ground(Protocol):
    """Name what is needed of the running lab.

    Attributes:
        reactor: for sockets and time.
        clock: the lab's.
        entropy: for addresses and tokens.
        roles: what answers requests of the Backend Interfaces.
        world: who the clients are, as it is now.
    """

    reactor: Reactor
    clock: LabClock
    entropy: Entropy
    roles: Roles
    world: World


def present_lorawan(side: "LorawanSide | None") -> "LorawanSide":
    """Return *side*.

    Raises:
        LabError: this lab has none.
    """
    if side is None:
        raise LabError("this lab has no LoRaWAN: its zones folder has no lorawan.toml")
    return side


class LorawanSide:
    """Hold all that speaks LoRaWAN.

    Attributes:
        plan: who is there.
        log: what happened.
        networks: by identity, e.g. "tsp.ns".
        applications: the same.
        join_servers: the same.
        memory: what they all keep.
        field: devices and gateways.
        port: of the network servers, for gateways; 0 before `open`.
    """

    def __init__(self, ground: Ground, plan: LorawanPlan, memory: Memory) -> None:
        """Register the roles; nothing listens before `open`."""
        self.plan, self.memory = plan, memory
        self.log = LorawanLog(self._now_ms, plan.called)
        self.port = 0
        self._ground = ground
        around = Surroundings(ground.reactor, ground.clock, ground.entropy, memory)
        self.networks = {
            name: NetworkServer(
                partial(self._network, name),
                around,
                self._conversation(name),
                self._decided,
                frozenset(eui for eui, one in plan.gateways.items() if one.server == name),
            )
            for name in plan.networks
        }
        self.applications = {
            name: ApplicationServer(one, around, self._conversation(name))
            for name, one in plan.applications.items()
        }
        for name, network in self.networks.items():
            ground.roles.register(name, network, [plan.networks[name].net_id])
        for name, application in self.applications.items():
            ground.roles.register(name, application, [application.application.as_id])
        self.join_servers = {
            name: JoinServerRole(name, planned, memory, ground.entropy, self._config)
            for name, planned in plan.join_servers.items()
        }
        for name, role in self.join_servers.items():
            ground.roles.register(name, role, role.plan.join_euis)
        Servers(self.networks, self.applications).know(plan, ground.clock.now())
        self.field = Field(
            {eui: one.field for eui, one in plan.devices.items()},
            plan.gateways,
            around,
            self.log,
        )

    def _conversation(self, identity: str) -> Conversation:
        return Conversation(
            identity, self._ground.roles.correspondent(identity), self.log, self.plan.names
        )

    def _network(self, identity: str) -> Network:
        """Return how a network works now: agreements can change."""
        operator, _, _ = identity.partition(".")
        agreements = dict(self._config().partners(operator))
        return replace(self.plan.networks[identity], agreements=agreements)

    def _config(self) -> LorawanConfig:
        """Return what operators have agreed on: it can change."""
        return self._ground.world.materials.lorawan

    def _now_ms(self) -> int:
        clock = self._ground.clock
        fraction = 0 if clock.frozen else int(self._ground.reactor.seconds() % 1 * 1000)
        return int(clock.now()) * 1000 + fraction

    def _decided(self, server: str, octets: bytes, report: Report) -> None:
        self.field.decided(server, octets, report)

    async def open(self, opened: list[PortSet], port: int | None) -> None:
        """Open the ports for gateways, one number for all network servers, and the gateways.

        Args:
            opened: gets what was opened.
            port: None: the usual one, or any other if somebody has it.

        Raises:
            BindError: one could not be opened.
        """
        try:
            ports = await self._listen(GATEWAY_PORT if port is None else port)
        except BindError as error:
            if port is not None or not error.taken:
                raise
            ports = await self._listen(0)
        opened.append(ports)
        opened.append(self.field.open(self._server_of))

    async def _listen(self, port: int) -> PortSet:
        by_address = {self.plan.addresses[name]: one for name, one in self.networks.items()}

        def one(ports: PortSet, address: str, number: int) -> int:
            where = (address, number)
            return open_udp(self._ground.reactor, ports, where, by_address[address].port)

        ports, self.port = await on_one_port(by_address, port, one)
        return ports

    def _server_of(self, gateway: FieldGateway) -> tuple[str, int]:
        return self.plan.addresses[gateway.server], self.port

    def activate(self, dev_eui: Eui64) -> None:
        """Write its session anew into a device that never joins, and into its servers.

        Raises:
            InputError: it joins.
        """
        servers = Servers(self.networks, self.applications)
        servers.activate(self.plan.devices[dev_eui], self._ground.clock.now())
        self.field.without_power(dev_eui)

    def on_reading(self, listener: OnReading) -> None:
        """Tell *listener* of whatever an application server reads, from now on."""
        for one in self.applications.values():
            one.on_reading.append(listener)

    def on_join(self, listener: OnReading) -> None:
        """Tell *listener* of the first reading of each session, from now on."""
        for one in self.applications.values():
            one.on_join.append(listener)

    def device_called(self, text: str) -> Eui64:
        """Return the DevEUI of the device that a user calls *text*: its name, or the DevEUI.

        Raises:
            InputError: there is none.
        """
        for eui, one in self.plan.devices.items():
            if text.lower() in {one.name, str(eui)}:
                return eui
        known = ", ".join(one.name for one in self.plan.devices.values())
        raise InputError(f"there is no device {text!r}; there are {known}")

    def application_of(self, dev_eui: Eui64) -> ApplicationServer:
        """Return the application server that reads a device."""
        return self.applications[self.plan.devices[dev_eui].application]

    def reading_of(self, dev_eui: Eui64) -> dict[str, Any] | None:
        """Return what a device said last, as JSON."""
        reading = self.application_of(dev_eui).readings.get(dev_eui)
        if reading is None:
            return None
        return {
            "server": self.plan.devices[dev_eui].application,
            "payload": reading.payload.hex(),
            "port": reading.f_port,
            "counter": reading.f_cnt,
            "at": str(reading.at),
        }

    def has_read(self, dev_eui: Eui64, aired: Aired, payload: bytes) -> bool:
        """Tell whether the application server has read *payload* out of a frame."""
        reading = self.application_of(dev_eui).readings.get(dev_eui)
        frame = pull_frame(aired.octets)
        return (
            reading is not None
            and isinstance(frame, DataFrame)
            and (reading.dev_addr, reading.f_cnt % COUNTER) == (frame.dev_addr, frame.f_cnt)
            # Who repeats a counter has not been read, though somebody has who had it before.
            and reading.payload == payload
        )

    def described(self, dev_eui: Eui64) -> dict[str, Any]:
        """Return what is known of a device, as JSON: by itself, its network and its application."""
        planned = self.plan.devices[dev_eui]
        device = self.field.device(dev_eui)
        return {
            "name": planned.name,
            "dev_eui": str(dev_eui),
            "join_eui": str(device.join_eui),
            "version": device.version.value,
            "activation": ("otaa" if planned.field.joins else "abp"),
            "home": planned.home,
            "application": planned.application,
            "identity": self._identity(dev_eui, planned),
            "dev_nonce": device.dev_nonce,
            "session": self._session(dev_eui, planned),
            "reading": self.reading_of(dev_eui),
        }

    def _identity(self, dev_eui: Eui64, planned: PlannedDevice) -> str | None:
        """Return where in the DNS the key of a device is; None: nowhere."""
        operator, _, _ = planned.home.partition(".")
        tree = self._config().identities.get(operator)
        owner = None if tree is None else tree.owner(dev_eui)
        return str(owner) if owner in self._ground.world.materials.devices else None

    def described_gateway(self, eui: Eui64) -> dict[str, Any]:
        """Return what is known of a gateway, as JSON."""
        gateway = self.plan.gateways[eui]
        address, port = self._server_of(gateway)
        return {
            "name": gateway.name,
            "eui": str(eui),
            "server": gateway.server,
            "address": address,
            "port": port,
            "joins_dropped": self.networks[gateway.server].quota.dropped[eui],
            "strangers_joins_dropped": self.networks[gateway.server].quota.dropped[None],
        }

    def _session(self, dev_eui: Eui64, planned: PlannedDevice) -> dict[str, Any] | None:
        """Return the session of a device, and whether all three have the same keys.

        The keys themselves are not shown: their first octets' digest would be enough to compare,
        but here all three parties are at hand.
        """
        own = self.field.device(dev_eui).session
        if own is None:
            return None
        network = self.networks[planned.home].sessions.get(dev_eui)
        application = self.application_of(dev_eui).sessions.get(dev_eui)
        return {
            "dev_addr": str(own.dev_addr),
            "net_id": str(own.net_id),
            "f_cnt_up": own.f_cnt_up,
            "f_cnt_down": own.n_f_cnt_down,
            "data_rate": planned.field.data_rate if own.data_rate is None else own.data_rate,
            "battery": None if network is None else network.battery,
            "margin": None if network is None else network.margin,
            "same_network_keys": network is not None
            and network.keys.f_nwk_s_int_key == own.keys.f_nwk_s_int_key
            and network.keys.s_nwk_s_int_key == own.keys.s_nwk_s_int_key
            and network.keys.nwk_s_enc_key == own.keys.nwk_s_enc_key,
            "same_application_key": application is not None
            and application.app_s_key == own.keys.app_s_key,
        }
