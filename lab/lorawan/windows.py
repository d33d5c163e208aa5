"""When and how a device listens after an uplink: its two windows (LoRaWAN 1.1 section 3.3).

A downlink at another moment, on another frequency or with another data rate is not heard. Times
are those of the air, in microseconds of a gateway's counter; nobody has to wait for them.
"""

from dataclasses import replace

from lab.core.frozen import dataclass
from lab.lorawan.device import Session
from lab.lorawan.packets import TICKS, Transmit
from lab.lorawan.regions import JOIN_ACCEPT_DELAY_S, Region

_PER_S = 1_000_000
# LoRaWAN 1.1 section 3.3.3 lets a window open up to 20 microseconds off; a preamble is longer.
_TOLERANCE = 20_000


@dataclass(frozen=True, slots=True)
class Window:
    """Describe one window.

    Attributes:
        name: "RX1" or "RX2".
        after: microseconds from the end of the uplink.
        frequency: in Hz.
        data_rate: as gateways write it.
    """

    name: str
    after: int
    frequency: int
    data_rate: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Hold how an uplink was sent.

    Attributes:
        frequency: in Hz.
        data_rate: its number.
    """

    frequency: int
    data_rate: int


def next_sent(region: Region, data_rate: int, counter: int, session: Session | None = None) -> Sent:
    """Return how the next frame goes: devices hop, on the channels that they may use.

    Args:
        region: where the device is.
        data_rate: that it has by itself.
        counter: of the frame.
        session: in which the network may have chosen otherwise; None: there is none.
    """
    if session is not None and session.data_rate is not None:
        data_rate = session.data_rate
    mask = 0 if session is None else session.ch_mask
    numbers = region.channels_for(data_rate)
    # A mask without any channel for its data rate would silence the device: it keeps them all.
    allowed = [one for one in numbers if mask >> one & 1] or numbers
    return Sent(region.channels[allowed[counter % len(allowed)]], data_rate)


def join_windows(sent: Sent, region: Region) -> tuple[Window, Window]:
    """Return the windows after a Join-Request."""
    return _windows(sent, region, JOIN_ACCEPT_DELAY_S, 0, region.rx2_data_rate)


def data_windows(sent: Sent, region: Region, session: Session) -> tuple[Window, Window]:
    """Return the windows after an uplink of *session*."""
    first, second = _windows(
        sent, region, session.rx_delay, session.rx1_dr_offset, session.rx2_data_rate
    )
    return first, replace(second, frequency=session.rx2_frequency or second.frequency)


def _windows(
    sent: Sent, region: Region, delay_s: int, offset: int, rx2_data_rate: int
) -> tuple[Window, Window]:
    def rate(number: int) -> str:
        return str(region.data_rate(number).modulation)

    first = Window(
        "RX1",
        delay_s * _PER_S,
        region.rx1_frequency(sent.frequency),
        rate(region.rx1_data_rate(sent.data_rate, offset)),
    )
    second = Window("RX2", (delay_s + 1) * _PER_S, region.rx2_frequency, rate(rx2_data_rate))
    return first, second


def caught(windows: tuple[Window, Window], ended: int, transmit: Transmit) -> Window | None:
    """Return the window in which *transmit* is heard; None: in neither.

    Args:
        windows: of the device.
        ended: the counter of the sending gateway when the uplink ended.
        transmit: what the gateway sends; at once counts as the first window.
    """
    for one in windows:
        opens = ended + one.after
        late = ((opens if transmit.ticks is None else transmit.ticks) - opens) % TICKS
        on_time = min(late, TICKS - late) <= _TOLERANCE
        if on_time and (transmit.frequency, transmit.data_rate) == (one.frequency, one.data_rate):
            return one
    return None
