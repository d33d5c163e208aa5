"""Simulate the air: which gateways hear a device, how well, and what is lost.

Decides by distance and spreading factor alone: a log-distance path loss as measured at 868 MHz
around Oulu (128.95 dB at 1 km, exponent 2.32), a noise floor, and the signal-to-noise ratio that
each spreading factor needs. What is lost by chance comes from an entropy, so that it can be
repeated. Collisions and fading are left out.
"""

from collections.abc import Iterable, Mapping
from math import hypot, log10

from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64

TRANSMIT_DBM = 14
# Thermal noise of 125 kHz (-174 dBm/Hz + 51 dB) and a receiver's own 6 dB.
NOISE_DBM = -117
_LOSS_AT_1_KM_DB = 128.95
_LOSS_PER_DECADE_DB = 23.2
_NEAREST_M = 1.0

REQUIRED_SNR_DB: Mapping[int, float] = {
    7: -7.5,
    8: -10.0,
    9: -12.5,
    10: -15.0,
    11: -17.5,
    12: -20.0,
}
"""What a receiver needs, by spreading factor (data sheet of the SX1301)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Stand somewhere on a plain.

    Attributes:
        east: in metres.
        north: in metres.
    """

    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Tell how a frame arrived.

    Attributes:
        gateway: who heard it, or sent it.
        rssi: strength in dBm.
        snr: strength over the noise in dB.
    """

    gateway: Eui64
    rssi: int
    snr: float


@dataclass(frozen=True, slots=True)
class Air:
    """Connect devices and gateways.

    Attributes:
        gateways: where they stand.
        loss: chance that a frame which arrives is lost all the same, 0 to 1; drawn for each
            gateway.
    """

    gateways: Mapping[Eui64, Place]
    loss: float = 0.0

    def hearers(self, place: Place, spreading_factor: int, entropy: Entropy) -> tuple[Heard, ...]:
        """Return which gateways hear a device at *place*, the best first: duplicates, if several.

        The other direction is alike: a device hears the gateways that hear it.
        """
        told = (heard_from(gateway, place, where) for gateway, where in self.gateways.items())
        strong = (one for one in told if one.snr >= REQUIRED_SNR_DB[spreading_factor])
        return tuple(sorted(self._kept(strong, entropy), key=lambda one: -one.snr))

    def reaches(
        self, gateway: Eui64, place: Place, spreading_factor: int, entropy: Entropy
    ) -> bool:
        """Tell whether what *gateway* sends is heard at *place*."""
        alone = Air({gateway: self.gateways[gateway]}, self.loss)
        return bool(alone.hearers(place, spreading_factor, entropy))

    def _kept(self, heard: Iterable[Heard], entropy: Entropy) -> Iterable[Heard]:
        return (one for one in heard if _fraction(entropy) >= self.loss)


def _fraction(entropy: Entropy) -> float:
    """Return a number from 0 to less than 1."""
    return int.from_bytes(entropy.bytes(4)) / (1 << 32)


def heard_from(gateway: Eui64, here: Place, there: Place) -> Heard:
    """Return how what is sent at *here* arrives at *gateway*, which stands *there*; or back."""
    distance = max(_NEAREST_M, hypot(here.east - there.east, here.north - there.north))
    loss = _LOSS_AT_1_KM_DB + _LOSS_PER_DECADE_DB * log10(distance / 1000)
    strength = TRANSMIT_DBM - loss
    return Heard(gateway, round(strength), round(strength - NOISE_DBM, 1))
