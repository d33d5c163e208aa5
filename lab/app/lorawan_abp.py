"""Activation by hand (ABP): the session of a device that never joins, at both of its servers.

Nobody is asked and nothing is agreed: home network and application server are given the session
before they hear of the device. From then on it is a session like any other, with its counters.
"""

from collections.abc import Mapping
from dataclasses import replace

from lab.app.application_servers import ApplicationServer
from lab.app.lorawan_plan import LorawanPlan, PlannedDevice
from lab.app.network_servers import NetworkServer
from lab.backend.application_server import ApplicationSession
from lab.backend.network import NetworkSession
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant

# Only who joins has a session that a join server knows by name.
_NO_KEY_ID = b""


@dataclass(frozen=True, slots=True)
class Servers:
    """Hold who is given sessions, by identity.

    Attributes:
        networks: one of them is the home of a device.
        applications: one of them reads it.
    """

    networks: Mapping[str, NetworkServer]
    applications: Mapping[str, ApplicationServer]

    def know(self, plan: LorawanPlan, now: Instant) -> None:
        """Give them the session of each device that never joins, unless they have it."""
        for dev_eui, planned in plan.devices.items():
            known = self.networks[planned.home].sessions.get(dev_eui)
            if known is None and not planned.field.joins:
                self.activate(planned, now)

    def activate(self, planned: PlannedDevice, now: Instant) -> None:
        """Give them the session of a device; counters begin at 0, so all it said can be replayed.

        Raises:
            InputError: the device joins.
        """
        device = planned.field.device
        if device.session is None:
            raise InputError(f"{planned.name} joins (OTAA): nobody activates it by hand")
        network, application = self.networks[planned.home], self.applications[planned.application]
        address, dev_eui = device.session.dev_addr, device.dev_eui
        kept = NetworkSession(
            dev_eui,
            address,
            device.session.version,
            replace(device.session.keys, app_s_key=b""),
            application.application.as_id,
            now,
            device.join_eui,
            session_key_id=_NO_KEY_ID,
        )
        network.sessions.put(dev_eui, kept, address)
        read = ApplicationSession(dev_eui, address, device.session.keys.app_s_key, _NO_KEY_ID)
        application.sessions.put(dev_eui, read, address)
