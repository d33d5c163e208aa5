"""What a region's rules allow: EU868 and US915 (LoRaWAN 1.1 Regional Parameters).

Payload limits are those that leave room for a repeater; `direct` are those without.
"""

from collections.abc import Mapping

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.registry import Registry
from lab.lorawan.airtime import Fsk, LoRa, Modulation
from lab.lorawan.mhdr import Direction

FRAME_OVERHEAD = 13
"""Octets around an application payload: MHDR 1, FHDR 7 without FOpts, FPort 1, MIC 4."""

JOIN_ACCEPT_DELAY_S = 5
RECEIVE_DELAY_S = 1
"""From the end of an uplink to the first window; the second opens one second later."""

_FHDR_AND_PORT = 8
_CF_LIST_FREQUENCIES = 5
_CF_LIST_SIZE = 16
# Five masks of two octets each; the rest is reserved.
_CF_LIST_MASKS = 10
_WIDE = 500_000
_HUNDRED_HZ = 100


@dataclass(frozen=True, slots=True)
class DataRate:
    """Hold one entry of a region's table.

    Attributes:
        modulation: how it is sent.
        max_payload: N, octets of application payload without FOpts, behind a repeater too.
        direct: the same where no repeater is.
        directions: which way frames go with it.
    """

    modulation: Modulation
    max_payload: int
    direct: int
    directions: tuple[Direction, ...] = (Direction.UP, Direction.DOWN)

    @property
    def max_mac_payload(self) -> int:
        """Return M, octets of a MACPayload: everything but MHDR and MIC."""
        return self.max_payload + _FHDR_AND_PORT


@dataclass(frozen=True, slots=True)
class SubBand:
    """Hold the share of time that may be used in a stretch of the spectrum.

    Attributes:
        first: Hz.
        last: Hz, not itself part of it.
        duty_cycle: 0 to 1.
    """

    first: int
    last: int
    duty_cycle: float


@dataclass(frozen=True, slots=True)
class Region:
    """Hold the parameters of a region.

    Attributes:
        name: as everybody calls it.
        data_rates: by their number.
        channels: Hz of the uplink channels that every device knows.
        downlinks: Hz of the first window for each of them in turn; empty: that of the uplink.
        rx1_rates: slowest and fastest data rate of the first window.
        rx1_shift: from the number of an uplink's data rate to that of the first window.
        rx2_frequency: Hz of the second window.
        rx2_data_rate: its data rate unless told otherwise.
        sub_bands: where duty cycles are limited; elsewhere they are not.
        dwell_time_ms: the longest uplink; None: no limit.
        narrow: how many of the channels, the first ones, are 125 kHz wide, and the others 500 kHz;
            None: all of them take every data rate.
    """

    name: str
    data_rates: Mapping[int, DataRate]
    channels: tuple[int, ...]
    downlinks: tuple[int, ...]
    rx1_rates: tuple[int, int]
    rx1_shift: int
    rx2_frequency: int
    rx2_data_rate: int
    sub_bands: tuple[SubBand, ...] = ()
    dwell_time_ms: int | None = None
    narrow: int | None = None

    def channels_for(self, data_rate: int) -> range:
        """Return the numbers of the channels that are as wide as an uplink at *data_rate*."""
        every = range(len(self.channels))
        if self.narrow is None:
            return every
        modulation = self.data_rate(data_rate).modulation
        wide = isinstance(modulation, LoRa) and modulation.bandwidth == _WIDE
        return every[self.narrow :] if wide else every[: self.narrow]

    @property
    def cf_list(self) -> bytes:
        """Return what a Join-Accept says of channels: all, where devices are told by masks."""
        return push_channel_masks((1 << len(self.channels)) - 1) if self.narrow else b""

    def data_rate(self, number: int) -> DataRate:
        """Return the data rate *number*.

        Raises:
            InputError: the region has none of that number.
        """
        if number not in self.data_rates:
            known = ", ".join(f"DR{one}" for one in self.data_rates)
            raise InputError(f"{self.name} has no data rate DR{number}; it has {known}")
        return self.data_rates[number]

    def data_rate_number(self, text: str, direction: Direction) -> int:
        """Return the number of the data rate that gateways call *text*, e.g. `SF7BW125`.

        Raises:
            InputError: the region has none such in that direction.
        """
        for number, one in self.data_rates.items():
            if str(one.modulation) == text and direction in one.directions:
                return number
        raise InputError(
            f"{self.name} has no data rate {text!r} that goes {direction.name.lower()}"
        )

    def rx1_data_rate(self, uplink: int, offset: int) -> int:
        """Return the data rate of the first window after an uplink at *uplink*."""
        first, last = self.rx1_rates
        return min(max(uplink + self.rx1_shift - offset, first), last)

    def rx1_frequency(self, uplink: int) -> int:
        """Return the frequency of the first window after an uplink at *uplink* Hz.

        Raises:
            InputError: *uplink* is no channel of a region that pairs its channels.
        """
        if not self.downlinks:
            return uplink
        if uplink not in self.channels:
            raise InputError(f"{uplink} Hz is no uplink channel of {self.name}")
        return self.downlinks[self.channels.index(uplink) % len(self.downlinks)]

    def duty_cycle(self, frequency: int) -> float:
        """Return which share of the time may be used at *frequency* Hz: 1 if all of it."""
        shares = [one.duty_cycle for one in self.sub_bands if one.first <= frequency < one.last]
        return shares[0] if shares else 1.0


def push_cf_list(frequencies: tuple[int, ...]) -> bytes:
    """Return the CFList that names up to five more channels, in Hz (type 0).

    Raises:
        InputError: there are more, or one cannot be written in units of 100 Hz.
    """
    if len(frequencies) > _CF_LIST_FREQUENCIES:
        raise InputError(f"a CFList names {_CF_LIST_FREQUENCIES} channels, not {len(frequencies)}")
    if any(one % _HUNDRED_HZ or one >= _HUNDRED_HZ << 24 for one in frequencies):
        raise InputError("a frequency in a CFList is a multiple of 100 Hz below 1.67 GHz")
    octets = b"".join((one // _HUNDRED_HZ).to_bytes(3, "little") for one in frequencies)
    return octets.ljust(_CF_LIST_SIZE, b"\0")


def pull_cf_list(octets: bytes) -> tuple[int, ...]:
    """Return the channels in Hz that a CFList names; none if it is of another type than 0."""
    if len(octets) != _CF_LIST_SIZE or octets[-1] != 0:
        return ()
    numbers = (int.from_bytes(octets[at : at + 3], "little") for at in range(0, 15, 3))
    return tuple(one * _HUNDRED_HZ for one in numbers if one)


def push_channel_masks(mask: int) -> bytes:
    """Return the CFList that tells which channels may be used (type 1), as US915 has it.

    Args:
        mask: a bit for each channel of the region, the lowest for channel 0.

    Raises:
        InputError: there are no channels of such numbers.
    """
    if not 0 < mask < 1 << 8 * _CF_LIST_MASKS:
        raise InputError(f"a CFList has channel masks for {8 * _CF_LIST_MASKS} channels")
    return mask.to_bytes(_CF_LIST_MASKS, "little").ljust(_CF_LIST_SIZE - 1, b"\0") + b"\1"


def pull_channel_masks(octets: bytes) -> int:
    """Return the channels that may be used, a bit for each; 0: the CFList is of another type."""
    if len(octets) != _CF_LIST_SIZE or octets[-1] != 1:
        return 0
    return int.from_bytes(octets[:_CF_LIST_MASKS], "little")


_UP, _DOWN = (Direction.UP,), (Direction.DOWN,)

EU868 = Region(
    "EU868",
    {
        0: DataRate(LoRa(12, 125_000), 51, 51),
        1: DataRate(LoRa(11, 125_000), 51, 51),
        2: DataRate(LoRa(10, 125_000), 51, 51),
        3: DataRate(LoRa(9, 125_000), 115, 115),
        4: DataRate(LoRa(8, 125_000), 222, 242),
        5: DataRate(LoRa(7, 125_000), 222, 242),
        6: DataRate(LoRa(7, 250_000), 222, 242),
        7: DataRate(Fsk(), 222, 242),
    },
    channels=(868_100_000, 868_300_000, 868_500_000),
    downlinks=(),
    rx1_rates=(0, 7),
    rx1_shift=0,
    rx2_frequency=869_525_000,
    rx2_data_rate=0,
    # ETSI EN 300 220-2 annex B: what may be used without listening first.
    sub_bands=(
        SubBand(863_000_000, 865_000_000, 0.001),
        SubBand(865_000_000, 868_600_000, 0.01),
        SubBand(868_700_000, 869_200_000, 0.001),
        SubBand(869_400_000, 869_650_000, 0.1),
        SubBand(869_700_000, 870_000_000, 0.01),
    ),
)

US915 = Region(
    "US915",
    {
        0: DataRate(LoRa(10, 125_000), 11, 11, _UP),
        1: DataRate(LoRa(9, 125_000), 53, 53, _UP),
        2: DataRate(LoRa(8, 125_000), 125, 125, _UP),
        3: DataRate(LoRa(7, 125_000), 242, 242, _UP),
        4: DataRate(LoRa(8, 500_000), 242, 242, _UP),
        8: DataRate(LoRa(12, 500_000), 33, 53, _DOWN),
        9: DataRate(LoRa(11, 500_000), 109, 129, _DOWN),
        10: DataRate(LoRa(10, 500_000), 222, 242, _DOWN),
        11: DataRate(LoRa(9, 500_000), 222, 242, _DOWN),
        12: DataRate(LoRa(8, 500_000), 222, 242, _DOWN),
        13: DataRate(LoRa(7, 500_000), 222, 242, _DOWN),
    },
    channels=(
        *(902_300_000 + 200_000 * number for number in range(64)),
        *(903_000_000 + 1_600_000 * number for number in range(8)),
    ),
    downlinks=tuple(923_300_000 + 600_000 * number for number in range(8)),
    rx1_rates=(8, 13),
    # To the 500 kHz rates; DR4, already as wide, goes to the fastest.
    rx1_shift=10,
    rx2_frequency=923_300_000,
    rx2_data_rate=8,
    dwell_time_ms=400,
    narrow=64,
)

REGIONS: Registry[str, Region] = Registry("region")
for _region in (EU868, US915):
    REGIONS.add(_region.name, _region)
