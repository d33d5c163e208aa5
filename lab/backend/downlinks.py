"""Send frames down to a device, into a window after its uplink (LoRaWAN 1.1 section 3.3).

A gateway of one's own is told the moment on its own counter; a visited network is told by
DLMetaData, and works out the moment itself. Should a gateway not be able to send in the first
window (too late, or it sends something else), it sends in the second.
"""

from collections.abc import Iterator

from lab.backend.arrivals import Arrival, ByGateway, ByNetwork, way_of
from lab.backend.header import PROTOCOL_VERSION, Header, PartyId
from lab.backend.needs import Send, Working, asked
from lab.backend.network import Ground, Windows
from lab.backend.network_rules import WAY_BACK
from lab.backend.objects import ClassMode, DownlinkMetadata
from lab.backend.reports import report_of
from lab.backend.roaming_messages import XmitDataReq
from lab.core.checks import Outcome, Report, broken, check
from lab.core.errors import PeerError
from lab.lorawan.packets import TICKS, Transmit
from lab.lorawan.regions import RECEIVE_DELAY_S

_TICKS_PER_S = 1_000_000
_HZ = 1_000_000


def header_to(party: PartyId, ground: Ground) -> Header:
    """Return the head of a new request to *party*; who sends it gives it a number."""
    return Header(PROTOCOL_VERSION, ground.network.net_id, party, 0)


def downlink_metadata(
    arrival: Arrival, delay_s: int, ground: Ground, windows: Windows | None = None
) -> DownlinkMetadata:
    """Return how an answer to *arrival* is to be sent by the network that heard it.

    Args:
        arrival: what is answered.
        delay_s: from the end of it to the first window.
        ground: of the home network.
        windows: into which of them it may go; None: as the network does it.
    """
    region = ground.network.region
    first = (windows or ground.network.windows) is Windows.EITHER
    return DownlinkMetadata(
        dl_freq_1=region.rx1_frequency(arrival.frequency) / _HZ if first else None,
        data_rate_1=region.rx1_data_rate(arrival.data_rate, 0) if first else None,
        dl_freq_2=region.rx2_frequency / _HZ,
        data_rate_2=region.rx2_data_rate,
        rx_delay_1=delay_s,
        class_mode=ClassMode.A,
        fns_ul_token=arrival.way.token if isinstance(arrival.way, ByNetwork) else b"",
    )


def send_down(
    arrival: Arrival, octets: bytes, metadata: DownlinkMetadata, ground: Ground
) -> Working[Report]:
    """Send *octets* in answer to *arrival*, and report whether somebody could."""
    match arrival.way:
        case ByGateway() as way:
            return (yield from _by_gateway(way, octets, metadata, ground))
        case ByNetwork(net_id=net_id):
            head = header_to(net_id, ground)
            request = XmitDataReq(header=head, phy_payload=octets, dl_metadata=metadata)
            return (yield from _by_network(request))


def send_for_partner(octets: bytes, metadata: DownlinkMetadata, ground: Ground) -> Working[Report]:
    """Send what the home network of a visitor wants to be sent."""
    try:
        way = way_of(metadata.fns_ul_token)
    except PeerError as error:
        failed = broken(WAY_BACK, "downlink of a partner", trouble=error)
        return Report("downlink of a partner", Outcome.FAILED, str(error), (failed,))
    return (yield from _by_gateway(way, octets, metadata, ground))


def _by_gateway(
    way: ByGateway, octets: bytes, metadata: DownlinkMetadata, ground: Ground
) -> Working[Report]:
    windows = tuple(_windows(way, octets, metadata, ground))
    if not windows:
        failed = broken(WAY_BACK, f"gateway {way.gateway}", trouble="no window is told")
        return Report("downlink", Outcome.FAILED, "no window is told", (failed,))
    (name, first), *others = windows
    otherwise = others[0][1] if others else None
    sent = yield Send(way.gateway, first, otherwise)
    done = check(WAY_BACK, sent is True, f"gateway {way.gateway}", window=name)
    outcome = Outcome.FAILED if done.failed else Outcome.PASSED
    said = f"sent by gateway {way.gateway} in {name}"
    conclusion = "could not be sent" if done.failed else said
    return Report("downlink", outcome, conclusion, (done,))


def _windows(
    way: ByGateway, octets: bytes, metadata: DownlinkMetadata, ground: Ground
) -> Iterator[tuple[str, Transmit]]:
    """Iterate over the windows that are told, with what is to be sent in them."""
    delay = metadata.rx_delay_1 or RECEIVE_DELAY_S
    told = (
        ("RX1", delay, metadata.dl_freq_1, metadata.data_rate_1),
        ("RX2", delay + 1, metadata.dl_freq_2, metadata.data_rate_2),
    )
    for name, after, frequency, data_rate in told:
        if frequency is not None and data_rate is not None:
            ticks = (way.ticks + after * _TICKS_PER_S) % TICKS
            modulation = ground.network.region.data_rate(data_rate).modulation
            yield name, Transmit(octets, ticks, round(frequency * _HZ), str(modulation))


def _by_network(request: XmitDataReq) -> Working[Report]:
    to = request.header.receiver_id
    reply = yield from asked(to, request)
    return report_of(reply, f"downlink by network {to}")
