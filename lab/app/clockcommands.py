"""The control command about the lab's clock: show it, move it, stop it."""

from typing import Any

from lab.app.control import Command, Emit, Event
from lab.app.keycommands import refuse_while_playing
from lab.app.running import RunningLab
from lab.core.errors import InputError
from lab.core.instant import Instant
from lab.net.clock import LabClock
from lab.present.json import report_to_json
from lab.world.moments import Journey


def clock_commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands about the clock of *lab*, by name."""

    async def clock(request: Event, emit: Emit) -> None:
        """Show the clock, after changing it as the request says."""
        change = request.get("change", "show")
        told: Event = {}
        if change != "show":
            refuse_while_playing(lab)
        match change:
            case "show":
                pass
            case "advance":
                told = journey_to_json(await lab.travel(_number(request, "seconds")))
            case "set":
                target = Instant(_number(request, "to"))
                told = journey_to_json(await lab.travel(target - lab.clock.now()))
            case "reset":
                lab.clock.go()
                told = journey_to_json(await lab.travel(lab.clock.real() - lab.clock.now()))
            case "freeze" | "go":
                lab.clock.freeze() if change == "freeze" else lab.clock.go()
                # A frozen clock needs no timer, one that goes does.
                lab.keeper.wake()
            case _:
                raise InputError("a clock can be shown, advanced, set, reset, frozen and let go")
        emit({"clock": clock_to_json(lab.clock), **told})

    return {"clock": clock}


def clock_to_json(clock: LabClock) -> dict[str, Any]:
    """Return what a clock shows; times in seconds UTC."""
    now, real = clock.now(), clock.real()
    return {"now": int(now), "real": int(real), "ahead": int(now - real), "frozen": clock.frozen}


def journey_to_json(journey: Journey) -> Event:
    """Return the trace of a journey, whole and as its report."""
    moments = [
        {"at": int(one.at), "change": one.change.name.lower(), "about": one.about}
        for one in journey.moments
    ]
    trace = {"since": int(journey.since), "until": int(journey.until), "moments": moments}
    return {"journey": trace, "report": report_to_json(journey.report())}


def _number(request: Event, key: str) -> int:
    value = request.get(key)
    if not isinstance(value, int):
        raise InputError(f'expected "{key}" with a whole number')
    return value
