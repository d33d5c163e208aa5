"""How long a frame is on air: by the formula of Semtech's designer's guide for LoRa.

What a duty cycle or a dwell time makes of it stands in `regions`.
"""

from lab.core.errors import InputError
from lab.core.frozen import dataclass

MICROSECONDS = 1_000_000

_FIXED_SYMBOLS = 8
_SLOW_SYMBOL_US = 16_000
_FSK_OVERHEAD = 3 + 1 + 2
"""Octets of sync word, length and CRC around an FSK payload."""


@dataclass(frozen=True, slots=True)
class LoRa:
    """Hold how LoRa is modulated.

    Attributes:
        spreading_factor: 5 to 12: bits in a symbol.
        bandwidth: Hz.
        coding_rate: 1 to 4, meaning 4/5 to 4/8.
        preamble: symbols.
        crc: whether there is one; a gateway sends none.
        implicit_header: never so in LoRaWAN but for beacons.
        optimized: low data rate optimization; None: if a symbol takes 16 ms or more.
    """

    spreading_factor: int
    bandwidth: int
    coding_rate: int = 1
    preamble: int = 8
    crc: bool = True
    implicit_header: bool = False
    optimized: bool | None = None

    def __post_init__(self) -> None:
        """Refuse what no radio does."""
        if not 5 <= self.spreading_factor <= 12:  # noqa: PLR2004 as documented above
            raise InputError(f"a spreading factor is 5 to 12, not {self.spreading_factor}")
        if not 1 <= self.coding_rate <= 4:  # noqa: PLR2004 as above
            raise InputError(f"a coding rate is 1 (4/5) to 4 (4/8), not {self.coding_rate}")
        if self.bandwidth <= 0:
            raise InputError(f"a bandwidth is some Hz, not {self.bandwidth}")

    def __str__(self) -> str:
        """Return what gateways call it: `SF7BW125`."""
        return f"SF{self.spreading_factor}BW{self.bandwidth // 1000}"

    @property
    def symbol_us(self) -> float:
        """Return the microseconds of one symbol."""
        return (1 << self.spreading_factor) * MICROSECONDS / self.bandwidth


@dataclass(frozen=True, slots=True)
class Fsk:
    """Hold how FSK is modulated.

    Attributes:
        bit_rate: bits in a second.
        preamble: octets.
    """

    bit_rate: int = 50_000
    preamble: int = 5

    def __str__(self) -> str:
        """Return what gateways call it: the bit rate."""
        return str(self.bit_rate)


Modulation = LoRa | Fsk


def airtime_us(octets: int, modulation: Modulation) -> int:
    """Return how many microseconds a frame of *octets* (PHYPayload) takes."""
    if isinstance(modulation, Fsk):
        sent = modulation.preamble + _FSK_OVERHEAD + octets
        return round(8 * sent * MICROSECONDS / modulation.bit_rate)
    preamble = modulation.preamble + 4.25
    return round((preamble + _payload_symbols(octets, modulation)) * modulation.symbol_us)


def airtime_ms(octets: int, modulation: Modulation) -> float:
    """Return the same in milliseconds."""
    return airtime_us(octets, modulation) / 1000


def _payload_symbols(octets: int, lora: LoRa) -> int:
    optimized = lora.optimized
    if optimized is None:
        optimized = lora.symbol_us >= _SLOW_SYMBOL_US
    factor = lora.spreading_factor
    bits = 8 * octets - 4 * factor + 28 + 16 * lora.crc - 20 * lora.implicit_header
    blocks = -(-bits // (4 * (factor - 2 * optimized)))
    return _FIXED_SYMBOLS + max(blocks * (lora.coding_rate + 4), 0)
