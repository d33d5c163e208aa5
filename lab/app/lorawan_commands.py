"""The control commands about LoRaWAN, for a running lab."""

from collections.abc import Callable
from typing import Any

from lab.app.aired import Aired
from lab.app.application_servers import outgoing_of
from lab.app.commands import wanted_text
from lab.app.control import Command, Emit, Event
from lab.app.lorawan import LorawanSide, present_lorawan
from lab.app.lorawan_log import Event as Happening
from lab.core.errors import InputError
from lab.lorawan.device import Confirmation, Saying
from lab.lorawan.frames import RejoinKind
from lab.lorawan.hearing import Joined, Message
from lab.present.frames import fields_of
from lab.present.json import report_to_json, sequence_to_json


def lorawan_commands_of(there: Callable[[], LorawanSide | None]) -> dict[str, Command]:
    """Return the commands about LoRaWAN, by name; *there* returns what is there by then."""

    def running() -> LorawanSide:
        return present_lorawan(there())

    async def devices(_request: Event, emit: Emit) -> None:
        """List the devices with what each party knows of them."""
        side = running()
        emit({"devices": [side.described(one) for one in side.field.devices]})

    async def frames(request: Event, emit: Emit) -> None:
        """List what happened after event number `since`."""
        side = running()
        since = request.get("since", 0)
        if not isinstance(since, int):
            raise InputError('expected "since" with a number')
        emit({"events": [_happening(one) for one in side.log.since(since)]})

    async def join(request: Event, emit: Emit) -> None:
        """Let a device join."""
        side = running()
        dev_eui = side.device_called(wanted_text(request, "device"))
        aired = await side.field.join(dev_eui)
        emit({"joined": isinstance(aired.hearing, Joined), **_aired(side, aired, "join")})

    async def rejoin(request: Event, emit: Emit) -> None:
        """Let a device that has a session ask for another one."""
        side = running()
        dev_eui = side.device_called(wanted_text(request, "device"))
        aired = await side.field.rejoin(dev_eui, _kind(request))
        emit({"joined": isinstance(aired.hearing, Joined), **_aired(side, aired, "rejoin")})

    async def send(request: Event, emit: Emit) -> None:
        """Let a device send an uplink."""
        side = running()
        dev_eui = side.device_called(wanted_text(request, "device"))
        said = outgoing_of(request)
        confirmation = Confirmation.CONFIRMED if said.confirmed else Confirmation.UNCONFIRMED
        saying = Saying(said.f_port, said.payload, confirmation)
        aired = await side.field.send(dev_eui, saying)
        read = side.has_read(dev_eui, aired, saying.payload)
        reading = side.reading_of(dev_eui) if read else None
        emit({"reading": reading, **_aired(side, aired, "uplink")})

    async def queue(request: Event, emit: Emit) -> None:
        """Leave a payload for a device at its application server, until its next uplink."""
        side = running()
        dev_eui = side.device_called(wanted_text(request, "device"))
        side.application_of(dev_eui).outgoing.put(dev_eui, outgoing_of(request))
        emit({"waits": str(dev_eui)})

    async def gateways(_request: Event, emit: Emit) -> None:
        """List the gateways, and where the port of each is."""
        side = running()
        emit({"gateways": [side.described_gateway(one) for one in side.plan.gateways]})

    return {
        "lorawan-devices": devices,
        "lorawan-gateways": gateways,
        "lorawan-frames": frames,
        "lorawan-join": join,
        "lorawan-rejoin": rejoin,
        "lorawan-send": send,
        "lorawan-queue": queue,
    }


def _kind(request: Event) -> RejoinKind:
    kind = request.get("type", 0)
    if kind not in tuple(RejoinKind):
        raise InputError(f"a Rejoin-Request is of type 0, 1 or 2, not {kind!r}")
    return RejoinKind(kind)


def _aired(side: LorawanSide, aired: Aired, what: str) -> dict[str, Any]:
    """Return what became of a frame, with the sequence of all that followed."""
    sequence = side.log.sequence(what, aired.first_event - 1)
    heard = aired.hearing
    downlink = None
    if isinstance(heard, Message):
        downlink = {
            "port": heard.f_port,
            "payload": heard.payload.hex(),
            "acknowledges": heard.acknowledges,
        }
    return {
        "frame": fields_of(aired.octets),
        "heard_by": [str(one) for one in aired.heard_by],
        "downlink": downlink,
        "reports": {name: report_to_json(one) for name, one in aired.reports.items()},
        "sequence": sequence_to_json(sequence),
    }


def _happening(event: Happening) -> dict[str, Any]:
    message = event.message
    shown = {
        "number": event.number,
        "at_ms": message.at_ms,
        "source": message.source,
        "target": message.target,
        "label": message.label,
        "detail": message.detail,
        "refusal": message.refusal,
    }
    frame = {"octets": event.octets.hex(), "frame": fields_of(event.octets)}
    return shown | (frame if event.octets else {})
