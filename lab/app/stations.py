"""Who stands in the field: devices and gateways as a lab is told of them."""

from lab.core.frozen import dataclass
from lab.lorawan.device import Device
from lab.lorawan.radio import Place


@dataclass(frozen=True, slots=True)
class FieldDevice:
    """Say what a device is when it is new, and where it stands.

    Attributes:
        device: as its maker delivers it.
        place: where it stands.
        data_rate: what it sends with.
    """

    device: Device
    place: Place
    data_rate: int

    @property
    def joins(self) -> bool:
        """Tell whether it has to join (OTAA); else it was given a session by hand (ABP)."""
        return self.device.session is None


@dataclass(frozen=True, slots=True)
class FieldGateway:
    """Say where a gateway stands, and whose it is.

    Attributes:
        name: as people call it.
        place: where it stands.
        server: the identity of its network server, e.g. "tsp.ns".
    """

    name: str
    place: Place
    server: str
