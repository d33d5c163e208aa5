"""Choose the data rate of a device by how well it is heard (LoRaWAN 1.1 section 4.3.1.1, ADR).

A device that allows it is watched for some uplinks with one data rate. If there is signal to spare,
it is told to send faster (LinkADRReq), and asked how it hears (DevStatusReq).
"""

from dataclasses import replace

from lab.backend.arrivals import Arrival
from lab.backend.commands import margin_of
from lab.backend.network import NetworkSession
from lab.lorawan.airtime import LoRa
from lab.lorawan.frames import DataFrame, FCtrl
from lab.lorawan.mac_commands import command, pull_commands, push_commands, signed
from lab.lorawan.mhdr import Direction
from lab.lorawan.regions import Region

ENOUGH = 4
"""Uplinks of which the best is judged; in life twenty."""

SPARE_DB = 10
"""What is left for fading."""

STEP_DB = 3
"""What a data rate faster by one needs more, at most."""

_NARROW = 125_000
_MASK_BITS = 16


def noted(
    session: NetworkSession, frame: DataFrame, arrival: Arrival, commands: bytes, region: Region
) -> NetworkSession:
    """Return *session* after an uplink: how it was heard, and what the device answers."""
    for one in pull_commands(Direction.UP, commands).known:
        if one.name == "DevStatusAns":
            session = replace(session, battery=one["battery"], margin=signed(one["margin"]))
        elif one.name == "LinkADRAns" and not all(value for _, value in one.values):
            session = replace(session, refuses_adr=True)
    margin = margin_of(arrival, region)
    if FCtrl.ADR not in frame.f_ctrl or margin is None:
        return session
    same = arrival.data_rate == session.data_rate
    margins = (*(session.margins if same else ()), margin)
    return replace(session, data_rate=arrival.data_rate, margins=margins[-ENOUGH:])


def wishes(session: NetworkSession, region: Region) -> bytes:
    """Return the MAC commands that the network has for a device by itself, in the clear."""
    if len(session.margins) < ENOUGH or session.data_rate is None:
        return b""
    asked = []
    spare = max(session.margins) - SPARE_DB
    faster = min(session.data_rate + max(0, spare) // STEP_DB, _fastest(region))
    if faster > session.data_rate and not session.refuses_adr:
        mask = (1 << min(len(region.channels), _MASK_BITS)) - 1
        asked.append(command("LinkADRReq", data_rate=faster, ch_mask=mask, nb_trans=1))
    if session.margin is None:
        asked.append(command("DevStatusReq"))
    return push_commands(tuple(asked))


def _fastest(region: Region) -> int:
    """Return the fastest data rate that every device can send with."""
    return max(
        number
        for number, one in region.data_rates.items()
        if Direction.UP in one.directions
        and isinstance(one.modulation, LoRa)
        and one.modulation.bandwidth == _NARROW
    )
