"""The join servers of the running lab: their devices on disk, and their role behind HTTPS.

The record that a request leaves behind is stored, and on disk, before the answer leaves: a server
that is killed in between has used up a nonce, and gives no nonce twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from dns.name import Name

from lab.app.lorawan_keys import LorawanKeys
from lab.app.lorawan_memory import Memory, Shelf
from lab.backend.device_record import DeviceHistory, DeviceRecord
from lab.backend.header import AsId, PartyId
from lab.backend.join_server import AppSKeyWay, JoinServer, JoinServerConfig, Kek, device_of
from lab.backend.message import Answer, Message
from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64
from lab.lorawan.keys import Version
from lab.world.lorawan import Activation
from lab.world.lorawan_tables import LorawanConfig
from lab.world.materials import Materials


@dataclass(frozen=True, slots=True)
class JoinServerPlan:
    """Describe the join server of one operator.

    Attributes:
        config: how it works, as far as that does not change.
        join_euis: under which it knows its devices.
        devices: as their makers have told of them.
    """

    config: JoinServerConfig
    join_euis: frozenset[Eui64]
    devices: Mapping[Eui64, DeviceRecord]


class JoinServerRole:
    """Be the join server of one operator.

    Attributes:
        plan: what it is told.
        shelf: what has become of its devices.
    """

    def __init__(
        self,
        identity: str,
        plan: JoinServerPlan,
        memory: Memory,
        chance: Entropy,
        lorawan: Callable[[], LorawanConfig],
    ) -> None:
        """Prepare.

        Args:
            identity: for instance "afnic.js".
            plan: what it is told.
            memory: what becomes of its devices.
            chance: for keys' names.
            lorawan: says what holds at the moment.
        """
        self.plan, self._lorawan = plan, lorawan
        self._operator, _, _ = identity.partition(".")
        self.shelf: Shelf[DeviceHistory] = memory.shelf(f"{identity} device", DeviceHistory)
        self._chance = chance

    async def handle(self, message: Message, identity: Name) -> Answer:
        """Answer a network or an application server, whose SenderID is known to be true."""
        del identity
        record = self._record(device_of(message))
        handled = JoinServer(self._config()).handle(message, record, self._chance)
        if handled.record is not None:
            await self.shelf.keep(handled.record.dev_eui, handled.record.history)
        return handled.answer

    def _config(self) -> JoinServerConfig:
        """Return how it works now: agreements can change, and how AppSKeys are handed out."""
        config = self._lorawan()
        agreements = {
            network.net_id: frozenset(partner for partner, _ in config.partners(operator))
            for operator, network in config.networks.items()
        }
        way = config.app_s_key_ways.get(self._operator, AppSKeyWay.WRAPPED)
        return replace(self.plan.config, app_s_key_way=way, agreements=agreements)

    def _record(self, dev_eui: Eui64 | None) -> DeviceRecord | None:
        """Return what is known of a device; root keys stand in the state folder, not here."""
        planned = None if dev_eui is None else self.plan.devices.get(dev_eui)
        if planned is None:
            return None
        history = self.shelf.get(dev_eui)
        return planned if history is None else replace(planned, history=history)


def join_server_plans(materials: Materials, keys: LorawanKeys) -> dict[str, JoinServerPlan]:
    """Return the join servers of a lab by identity, with the keys that the state folder keeps."""
    config = materials.lorawan
    hosts = {one.name: one.host for each in materials.operators for one in each.identities}
    applications = {one: AsId.of(hosts[f"{one.application}.as"]) for one in config.devices.values()}
    parties: set[PartyId] = {*applications.values()}
    parties |= {one.net_id for one in config.networks.values()}
    working = JoinServerConfig(keks={one: Kek(str(one), keys.kek(str(one))) for one in parties})
    records = tuple(
        DeviceRecord(
            one.dev_eui,
            one.join_eui,
            keys.root_keys(one.dev_eui, Version.from_text(one.version)),
            one.version,
            config.networks[one.home].net_id,
            application,
        )
        for one, application in applications.items()
        if one.activation is Activation.OTAA
    )
    plans = {}
    for operator in {one.operator for one in config.join_euis.values()}:
        own = frozenset(
            one.join_eui for one in config.join_euis.values() if one.operator == operator
        )
        devices = {one.dev_eui: one for one in records if one.join_eui in own}
        plans[f"{operator}.js"] = JoinServerPlan(working, own, devices)
    return plans
