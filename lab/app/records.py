"""Lasting changes of records, for those who ask over the control socket."""

from collections.abc import Callable

import dns.exception
from dns.name import Name, from_text
from dns.rdatatype import RdataType

from lab.app.control import Command, Emit, Event
from lab.app.server import RunningServer
from lab.core.errors import InputError
from lab.world.build import World


def record_commands_of(lab: RunningServer) -> dict[str, Command]:
    """Return the commands that change records of *lab*, by name."""

    async def add(request: Event, emit: Emit) -> None:
        """Add what a piece of master file says."""
        zone, text = _name(request, "zone"), str(request.get("text"))
        emit(_changed(lab, lambda world: world.with_records(zone, text)))

    async def remove(request: Event, emit: Emit) -> None:
        """Remove one RRset."""
        owner, rdtype = _name(request, "owner"), _type(request)
        if rdtype == RdataType.NS and owner in lab.base.sources:
            raise InputError(f"{owner} is no zone without NS records")
        emit(_changed(lab, lambda world: world.without_records(owner, rdtype)))

    return {"add-record": add, "remove-record": remove}


def _changed(lab: RunningServer, edit: Callable[[World], World]) -> Event:
    before = lab.base.sources
    lab.change(edit)
    return {
        "changed": [
            {"name": str(apex), "serial": zone.serial}
            for apex, zone in lab.base.sources.items()
            if apex not in before or zone.serial != before[apex].serial
        ]
    }


def _name(request: Event, key: str) -> Name:
    text = request.get(key)
    try:
        return from_text(str(text))
    except dns.exception.DNSException as error:
        raise InputError(f"{text!r} is not a domain name: {error}") from error


def _type(request: Event) -> RdataType:
    text = request.get("type")
    try:
        return RdataType.make(str(text))
    except (dns.exception.DNSException, ValueError) as error:
        raise InputError(f"{text!r} is no type of a record") from error
