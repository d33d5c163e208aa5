"""Say what a gateway tells of a frame that it heard, and what it is told to send: `rxpk`, `txpk`.

The JSON of the Semtech UDP protocol (PROTOCOL.TXT of packet_forwarder, sections 4 and 6). Whoever
sends it is not known: every field is looked at before it is used.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Any

from lab.core.errors import PeerError
from lab.core.frozen import dataclass

_GOOD_CRC = 1
_HZ = 1_000_000

TICKS = 1 << 32
"""A gateway counts microseconds in 32 bits."""

POWER = 14
"""What a gateway in Europe may send with, in dBm."""


@dataclass(frozen=True, slots=True)
class Received:
    """Hold a frame that a gateway heard (`rxpk`).

    Attributes:
        octets: the PHYPayload.
        ticks: the gateway's counter when the frame ended, microseconds modulo TICKS.
        frequency: in Hz.
        data_rate: as the protocol writes it, e.g. "SF7BW125".
        rssi: in dBm.
        snr: in dB.
        channel: of the gateway.
    """

    octets: bytes
    ticks: int
    frequency: int
    data_rate: str
    rssi: int
    snr: float
    channel: int = 0


@dataclass(frozen=True, slots=True)
class Transmit:
    """Hold a frame that a gateway shall send (`txpk`).

    Attributes:
        octets: the PHYPayload.
        ticks: when to begin, on the gateway's counter; None: at once.
        frequency: in Hz.
        data_rate: as in `Received`.
        power: in dBm.
    """

    octets: bytes
    ticks: int | None
    frequency: int
    data_rate: str
    power: int = POWER


def received_in(document: dict[str, Any]) -> Iterator[Received]:
    """Iterate over the good LoRa frames of a PUSH_DATA; others are left out.

    Raises:
        PeerError: one of them lacks what every frame has.
    """
    listed = document.get("rxpk", [])
    if not isinstance(listed, list):
        raise PeerError('expected a list as "rxpk"')
    for one in listed:
        if not isinstance(one, dict):
            raise PeerError('expected objects in "rxpk"')
        if one.get("modu") == "LORA" and one.get("stat", _GOOD_CRC) == _GOOD_CRC:
            yield Received(
                octets=_data(one),
                ticks=_whole(one, "tmst") % TICKS,
                frequency=round(_number(one, "freq") * _HZ),
                data_rate=text_in(one, "datr"),
                rssi=round(_number(one, "rssi")),
                snr=_number(one, "lsnr"),
                channel=_whole(one, "chan") if "chan" in one else 0,
            )


def transmit_of(table: dict[str, Any]) -> Transmit:
    """Return what a `txpk` says.

    Raises:
        PeerError: it lacks what every frame has.
    """
    at_once = table.get("imme") is True
    return Transmit(
        octets=_data(table),
        ticks=None if at_once else _whole(table, "tmst") % TICKS,
        frequency=round(_number(table, "freq") * _HZ),
        data_rate=text_in(table, "datr"),
        power=_whole(table, "powe") if "powe" in table else POWER,
    )


def _push_radio(packet: Received | Transmit) -> dict[str, Any]:
    """Return the fields that `rxpk` and `txpk` share."""
    return {
        "freq": packet.frequency / _HZ,
        "modu": "LORA",
        "datr": packet.data_rate,
        "codr": "4/5",
        "size": len(packet.octets),
        "data": b64encode(packet.octets).decode(),
    }


def push_received(one: Received) -> dict[str, Any]:
    """Return the `rxpk` of a frame."""
    radio = {"tmst": one.ticks, "chan": one.channel, "rfch": 0, "stat": _GOOD_CRC}
    return radio | {"rssi": one.rssi, "lsnr": one.snr} | _push_radio(one)


def push_transmit(one: Transmit) -> dict[str, Any]:
    """Return the `txpk` of a frame."""
    when = {"imme": True} if one.ticks is None else {"imme": False, "tmst": one.ticks}
    # LoRaWAN inverts the polarity downwards: devices do not hear each other, nor gateways.
    return when | {"rfch": 0, "powe": one.power, "ipol": True} | _push_radio(one)


def pull_json(octets: bytes) -> dict[str, Any]:
    """Return the JSON object of a datagram.

    Raises:
        PeerError: it is none.
    """
    try:
        document = json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise PeerError("the datagram holds no JSON", octets) from error
    if not isinstance(document, dict):
        raise PeerError("expected a JSON object", octets)
    return document


def object_in(document: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object *key* of *document*.

    Raises:
        PeerError: there is none.
    """
    value = document.get(key)
    if not isinstance(value, dict):
        raise PeerError(f'expected an object "{key}"')
    return value


def _number(table: dict[str, Any], key: str) -> float:
    value = table.get(key)
    # JSON of Python knows NaN and Infinity, and numbers that are truth values.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < TICKS:
        raise PeerError(f'expected a number "{key}", not {value!r:.40}')
    return float(value)


def _whole(table: dict[str, Any], key: str) -> int:
    value = _number(table, key)
    if not value.is_integer():
        raise PeerError(f'expected a whole number "{key}", not {value}')
    return int(value)


def text_in(table: dict[str, Any], key: str) -> str:
    """Return the text *key* of *table*.

    Raises:
        PeerError: there is none.
    """
    value = table.get(key)
    if not isinstance(value, str):
        raise PeerError(f'expected a text "{key}", not {value!r:.40}')
    return value


def _data(table: dict[str, Any]) -> bytes:
    """Return what "data" holds: base64, whose padding is optional, in either alphabet."""
    text = text_in(table, "data").rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        return b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), validate=True)
    except (UnicodeEncodeError, Base64Error) as error:
        raise PeerError('"data" is no base64') from error
