"""All tables of `lorawan.toml` as one value; what stands in each is told by `world.lorawan`.

A world without LoRaWAN has empty ones, and need not load what they would hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from lab.core.frozen import dataclass

if TYPE_CHECKING:
    from lab.backend.join_server import AppSKeyWay
    from lab.lorawan.identifiers import NetId
    from lab.lorawan.identity_tree import IdentityTree
    from lab.world.lorawan import (
        AgreementConfig,
        DeviceConfig,
        GatewayConfig,
        JoinEuiConfig,
        NetworkConfig,
    )


@dataclass(frozen=True, slots=True)
class LorawanConfig:
    """Hold all that the file says; each by its name there.

    Attributes:
        networks: by operator.
        agreements: by a name of their own.
        join_euis: the same.
        gateways: the same.
        devices: the same.
        identities: operator to where it publishes who its devices are.
        app_s_key_ways: operator to how its join server hands AppSKeys out, if not as usual.
    """

    networks: "dict[str, NetworkConfig]"
    agreements: "dict[str, AgreementConfig]"
    join_euis: "dict[str, JoinEuiConfig]"
    gateways: "dict[str, GatewayConfig]"
    devices: "dict[str, DeviceConfig]"
    identities: "dict[str, IdentityTree]" = field(default_factory=dict)
    app_s_key_ways: "Mapping[str, AppSKeyWay]" = field(default_factory=dict)

    def partners(self, operator: str) -> "Iterator[tuple[NetId, int]]":
        """Iterate over whom *operator* agrees with on roaming: NetID and lifetime in seconds."""
        for one in self.agreements.values():
            if operator in {one.one, one.other}:
                partner = one.other if operator == one.one else one.one
                yield self.networks[partner].net_id, int(one.lifetime)


NOBODY = LorawanConfig({}, {}, {}, {}, {})
"""A lab without LoRaWAN."""
