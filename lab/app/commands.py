"""What a running lab does for those who ask over its control socket."""

from dns.exception import DNSException
from dns.name import from_text
from twisted.internet.defer import DeferredLock

from lab.app.control import Command, Emit, Event
from lab.app.play import event_of, event_of_record, play_on
from lab.app.running import RunningLab
from lab.app.status import describe
from lab.core.errors import InputError, LabError
from lab.faults.fault import NamedFault
from lab.scenario.load import load, read_step
from lab.scenario.steps_world import FaultStep
from lab.world.build import World
from lab.world.export import signed_zone_text


def commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands that *lab* answers, by name."""
    playing = DeferredLock()

    async def status(_request: Event, emit: Emit) -> None:
        """Describe the lab as it is now."""
        emit({"status": describe(lab.world, lab.state, lab.port, lab.clock)})

    async def stats(_request: Event, emit: Emit) -> None:
        """Say how many queries there were."""
        emit({"stats": lab.counters.snapshot()})

    async def run(request: Event, emit: Emit) -> None:
        """Play a scenario; only one at a time changes the world."""
        scenario = load(_text(request, "text"), _text(request, "file"))
        await playing.acquire()
        try:
            record = await play_on(lab, scenario, lambda news: emit(event_of(news)))
        finally:
            playing.release()
        emit(event_of_record(record))

    async def zone(request: Event, emit: Emit) -> None:
        """Write out one signed zone."""
        wanted = _text(request, "name")
        try:
            served = lab.world.served[from_text(wanted)]
        except (KeyError, DNSException) as error:
            known = ", ".join(str(apex) for apex in lab.world.served)
            raise InputError(f"there is no zone {wanted}; there are {known}") from error
        emit({"zone": signed_zone_text(served, lab.clock.now())})

    async def set_fault(request: Event, emit: Emit) -> None:
        """Let a fault act until it is cleared; without a name clear all of them."""
        if playing.locked:
            raise LabError("a scenario is being played; wait for its end")
        if request.get("fault") is None:
            lab.change(World.without_faults)
        else:
            fault = _fault(request)
            lab.change(lambda world: world.with_fault(fault))
        emit({"faults": [str(one) for one in lab.world.hooks.faults]})

    async def tsig(_request: Event, emit: Emit) -> None:
        """Read the TSIG keys again, after `lab tsig` has changed their files."""
        lab.desk.reload_keys()
        emit({"keys": [str(name) for name in lab.desk.keys]})

    return {
        "status": status,
        "stats": stats,
        "run": run,
        "zone": zone,
        "fault": set_fault,
        "tsig": tsig,
    }


def _text(request: Event, key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str):
        raise InputError(f'expected "{key}" with a text')
    return value


def _fault(request: Event) -> NamedFault:
    """Return the fault that a request describes as a scenario step would."""
    step, mistakes = read_step(request)
    if mistakes or not isinstance(step, FaultStep):
        raise InputError("; ".join(one.what for one in mistakes))
    return step.fault
