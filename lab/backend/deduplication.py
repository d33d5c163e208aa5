"""Make one uplink of the copies that several gateways heard.

Decides what is the same frame (the same octets within one window) and which gateway heard it best,
for it will carry the answer. When the window ends is the edge's business: it knows the time.
"""

from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64
from lab.lorawan.packets import Received

WINDOW_S = 0.2
MAX_OPEN = 1000
MAX_COPIES = 16


@dataclass(frozen=True, slots=True)
class Reception:
    """Hold one copy.

    Attributes:
        gateway: who heard it.
        packet: what it heard, and how.
    """

    gateway: Eui64
    packet: Received


@dataclass(frozen=True, slots=True)
class Uplink:
    """Hold one frame with everybody who heard it.

    Attributes:
        octets: the PHYPayload.
        receptions: one for each gateway, the best first.
    """

    octets: bytes
    receptions: tuple[Reception, ...]

    @property
    def best(self) -> Reception:
        """Return the copy of the gateway that hears the device best."""
        return self.receptions[0]


class Gathering:
    """Collect copies while their windows are open."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[bytes, dict[Eui64, Reception]] = {}

    def take(self, gateway: Eui64, packet: Received) -> bool:
        """Keep a copy; return whether it is the first, so that a window opens with it.

        Strangers can send at will: of too many frames at once, the rest is dropped.
        """
        copies = self._open.get(packet.octets)
        if copies is None:
            if len(self._open) >= MAX_OPEN:
                return False
            self._open[packet.octets] = {gateway: Reception(gateway, packet)}
            return True
        if len(copies) < MAX_COPIES:
            copies.setdefault(gateway, Reception(gateway, packet))
        return False

    def close(self, octets: bytes) -> Uplink:
        """Return the uplink of a window that ends; a later copy opens another one."""
        copies = self._open.pop(octets).values()
        best_first = sorted(copies, key=lambda one: (-one.packet.snr, one.gateway))
        return Uplink(octets, tuple(best_first))
