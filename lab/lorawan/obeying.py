"""Do, as an end device, what MAC commands of the network want, and answer (LoRaWAN 1.1 section 5).

Answers travel with the next uplink. A command of which one part cannot be done changes nothing.
This device knows the channels of its region and no others.
"""

from dataclasses import replace

from lab.lorawan.airtime import LoRa
from lab.lorawan.data_frames import MAX_F_OPTS
from lab.lorawan.device import Device, Session
from lab.lorawan.mac_commands import MacCommand, command, pull_commands
from lab.lorawan.mhdr import Direction
from lab.lorawan.regions import Region

# LoRaWAN 1.1 section 5.3: data rate or power 15 means that the device keeps its own.
_KEEP = 0xF
_WEAKEST = 7
_LARGEST_OFFSET = 5
# LoRaWAN 1.1 section 5.5: the device cannot measure its battery.
_BATTERY_UNKNOWN = 255
_MARGINS = range(-32, 32)


def obey(device: Device, commands: bytes, region: Region, snr: float) -> Device:
    """Return *device* after it has read *commands*, with its answers ready.

    Args:
        device: with a session.
        commands: in the clear.
        region: where it is.
        snr: with which it heard them, in dB.
    """
    session = device.session
    assert session is not None, "who understands commands has a session"
    answers = b""
    for one in pull_commands(Direction.DOWN, commands).known:
        session, answer = _obeyed(session, one, region, snr)
        octets = b"" if answer is None else answer.push()
        # LoRaWAN 1.1 section 5: answers for which there is no room are left out.
        answers += octets if len(answers + octets) <= MAX_F_OPTS else b""
    return replace(device, session=replace(session, answers=answers))


def _obeyed(
    session: Session, one: MacCommand, region: Region, snr: float
) -> tuple[Session, MacCommand | None]:
    """Return the session after one command, and its answer; None: it has none, or is unknown."""
    match one.name:
        case "LinkADRReq":
            return _adapted(session, one, region)
        case "RXParamSetupReq":
            return _listening(session, one, region)
        case "RXTimingSetupReq":
            delayed = replace(session, rx_delay=max(1, one["delay"]))
            return delayed, command("RXTimingSetupAns")
        case _:
            return session, _told(one, region, snr)


def _told(one: MacCommand, region: Region, snr: float) -> MacCommand | None:
    """Return the answer to a command that changes nothing."""
    match one.name:
        case "DevStatusReq":
            margin = min(max(round(snr), _MARGINS[0]), _MARGINS[-1])
            # Six bits, two's complement.
            in_bits = margin % len(_MARGINS)
            return command("DevStatusAns", battery=_BATTERY_UNKNOWN, margin=in_bits)
        case "DlChannelReq":
            exists = one["ch_index"] < len(region.channels)
            return command("DlChannelAns", uplink_frequency_exists=exists)
        case "DutyCycleReq" | "NewChannelReq" | "ADRParamSetupReq" | "RejoinParamSetupReq":
            # New channels, and times for rejoins, are answered by no: all bits are 0.
            return command(one.name.removesuffix("Req") + "Ans")
        case _:
            return None


def _adapted(session: Session, one: MacCommand, region: Region) -> tuple[Session, MacCommand]:
    """Change data rate and channels, or say what of both cannot be."""
    wanted, mask = one["data_rate"], one["ch_mask"]
    good_rate = wanted == _KEEP or _can_send(region, wanted)
    # Of US915 this device changes the first sixteen channels only.
    good_mask = mask and not one["ch_mask_cntl"] and not mask >> len(region.channels)
    good_power = one["tx_power"] <= _WEAKEST or one["tx_power"] == _KEEP
    answer = command(
        "LinkADRAns",
        channel_mask_ack=bool(good_mask),
        data_rate_ack=good_rate,
        power_ack=good_power,
    )
    if not (good_rate and good_mask and good_power):
        return session, answer
    rate = session.data_rate if wanted == _KEEP else wanted
    return replace(session, data_rate=rate, ch_mask=mask), answer


def _can_send(region: Region, number: int) -> bool:
    rate = region.data_rates.get(number)
    return (
        rate is not None and Direction.UP in rate.directions and isinstance(rate.modulation, LoRa)
    )


def _listening(session: Session, one: MacCommand, region: Region) -> tuple[Session, MacCommand]:
    """Move the windows, or say what of it cannot be."""
    rate = region.data_rates.get(one["rx2_data_rate"])
    good_rate = rate is not None and Direction.DOWN in rate.directions
    good_offset = one["rx1_dr_offset"] <= _LARGEST_OFFSET
    good_channel = one["frequency"] > 0
    answer = command(
        "RXParamSetupAns",
        channel_ack=good_channel,
        rx2_data_rate_ack=good_rate,
        rx1_dr_offset_ack=good_offset,
    )
    if not (good_rate and good_offset and good_channel):
        return session, answer
    moved = replace(
        session,
        rx1_dr_offset=one["rx1_dr_offset"],
        rx2_data_rate=one["rx2_data_rate"],
        rx2_frequency=one["frequency"] * 100,
    )
    return moved, answer
