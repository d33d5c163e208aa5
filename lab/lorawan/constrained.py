"""What an identity costs on air: frames, time, and the wait that a duty cycle demands.

A device proves who it is by sending something: its certificate, a smaller form of it, a key, a
digest, or a name. The name that follows from its DevEUI is the cheapest: the join has sent it
already.
"""

from dataclasses import replace

from lab.core.frozen import dataclass
from lab.lorawan.airtime import LoRa, airtime_us
from lab.lorawan.mhdr import Direction
from lab.lorawan.regions import FRAME_OVERHEAD, Region
from lab.lorawan.transfer import Message, Transfer, send_down, send_up

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Proof:
    """Name something that tells who a device is.

    Attributes:
        called: for people.
        octets: its size.
    """

    called: str
    octets: int


PROOFS = (
    Proof("name derived from DevEUI", 0),
    Proof("DNS name", 24),
    Proof("SHA-256 of a key (TLSA 3 1 1)", 32),
    Proof("public key (SPKI, P-256)", 91),
    Proof("certificate as C509", 140),
    Proof("the same as X.509 (RFC 7925)", 316),
    Proof("certificate of 2048 octets", 2048),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Hold what was on air in one direction.

    Attributes:
        frames: how many.
        airtime_us: microseconds of all together.
    """

    frames: int
    airtime_us: int

    @property
    def airtime_s(self) -> float:
        """Return the seconds on air."""
        return self.airtime_us / _MICROSECONDS

    def span_s(self, duty_cycle: float) -> float:
        """Return the seconds, silence included, in which so much may be sent at the soonest."""
        return self.airtime_s / duty_cycle


def least_cost(octets: int, direction: Direction, region: Region, data_rate: int) -> Cost:
    """Return what it costs to send *octets*, if nothing is lost; answers are not counted."""
    if octets == 0:
        return Cost(0, 0)
    send = send_up if direction is Direction.UP else send_down
    transfer = send(bytes(octets), region.data_rate(data_rate).max_payload)
    return cost(transfer, direction, region, data_rate)


def cost(transfer: Transfer, direction: Direction, region: Region, data_rate: int) -> Cost:
    """Return what *transfer* cost in *direction*, with all that was lost and sent again."""
    sent = [one for one in transfer.messages if one.direction is direction]
    return Cost(len(sent), sum(frame_us(one, region, data_rate) for one in sent))


def frame_us(message: Message, region: Region, data_rate: int) -> int:
    """Return the microseconds on air of the frame around *message*."""
    modulation = region.data_rate(data_rate).modulation
    if message.direction is Direction.DOWN and isinstance(modulation, LoRa):
        # LoRaWAN 1.1 section 3.2: a downlink has no CRC of its own, to be as short as possible.
        modulation = replace(modulation, crc=False)
    return airtime_us(len(message.payload) + FRAME_OVERHEAD, modulation)
