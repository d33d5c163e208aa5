"""Answer the MAC commands of an uplink, as far as this network server does (LoRaWAN 1.1 section 5).

LinkCheckReq is answered with what was heard; what is unknown ends the reading. What devices answer
is `adaptation`'s business.
"""

from math import floor

from lab.backend.arrivals import Arrival
from lab.lorawan.airtime import LoRa
from lab.lorawan.mac_commands import MacCommand, command, pull_commands, push_commands
from lab.lorawan.mhdr import Direction
from lab.lorawan.radio import REQUIRED_SNR_DB
from lab.lorawan.regions import Region

_MOST_GATEWAYS = 255
_MOST_MARGIN = 254


def answers_to(octets: bytes, arrival: Arrival, region: Region) -> bytes:
    """Return what is answered to the MAC commands *octets*, in the clear."""
    asked = pull_commands(Direction.UP, octets).known
    return push_commands(
        tuple(_link_check(arrival, region) for one in asked if one.name == "LinkCheckReq")
    )


def margin_of(arrival: Arrival, region: Region) -> int | None:
    """Return by how many dB an uplink was louder than it had to be; None: nobody says."""
    modulation = region.data_rate(arrival.data_rate).modulation
    best = arrival.gateways[0].snr if arrival.gateways else None
    if best is None or not isinstance(modulation, LoRa):
        return None
    return floor(best - REQUIRED_SNR_DB[modulation.spreading_factor])


def _link_check(arrival: Arrival, region: Region) -> MacCommand:
    return command(
        "LinkCheckAns",
        margin=min(max(margin_of(arrival, region) or 0, 0), _MOST_MARGIN),
        gw_cnt=min(max(len(arrival.gateways), 1), _MOST_GATEWAYS),
    )
