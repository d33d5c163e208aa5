"""What a running lab does when somebody plays with it: scenarios, and single faults."""

from twisted.internet.defer import DeferredLock

from lab.app.commands import wanted_text, wanted_texts
from lab.app.control import Asker, Command, Emit, Event
from lab.app.evidence import Evidence
from lab.app.pacing import StoppedError
from lab.app.play import at_once, event_of, event_of_record, play_on
from lab.app.running import RunningLab
from lab.core.errors import InputError, LabError
from lab.scenario.script import Script
from lab.scenario.steps_world import FaultStep
from lab.scenario.tables import read_step
from lab.world.acting import identifier
from lab.world.build import World
from lab.world.concern import refuse_idle


def play_commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands that change the world of *lab* for a time, by name."""
    playing = DeferredLock()

    async def set_fault(request: Event, emit: Emit) -> None:
        """Let a fault act until it is cleared; without a name clear those meant, or all."""
        if playing.locked:
            raise LabError("a scenario is being played; wait for its end")
        if request.get("fault") is None:
            which = str(request.get("which", ""))
            lab.change(lambda world: world.without_faults(which))
        else:
            step = _fault(request)
            refuse_idle(lab.world, step.fault)
            lab.change(lambda world: world.with_fault(step.fault, step.server))
        emit(_acting(lab.world))

    async def faults(_request: Event, emit: Emit) -> None:
        """Tell which faults act."""
        emit(_acting(lab.world))

    return {"run": _run_command(lab, playing), "fault": set_fault, "faults": faults}


def _run_command(lab: RunningLab, playing: DeferredLock) -> Command:
    async def run(request: Event, asker: Asker) -> None:
        """Play a scenario; only one at a time changes the world."""
        scenario, evidence = _script(request).scenario(), _evidence(request)

        async def wait() -> None:
            asker({"waiting": True})
            if (await asker.reply()).get("go") is not True:
                raise StoppedError

        wanted = wait if request.get("paced") is True else at_once
        await playing.acquire()
        try:
            record = await play_on(
                lab, scenario, lambda news: asker(event_of(news, evidence)), wanted
            )
        except StoppedError:
            asker({"stopped": True})
        else:
            asker(event_of_record(record))
        finally:
            playing.release()
            lab.keeper.wake()

    return run


def _script(request: Event) -> Script:
    """Return the scenario that a request brings, with the files that it includes."""
    return Script(
        wanted_text(request, "file"),
        wanted_text(request, "text"),
        wanted_texts(request, "others"),
        wanted_texts(request, "set"),
    )


def _evidence(request: Event) -> frozenset[Evidence]:
    """Return what a request wants to be told besides the reports of the steps."""
    words, known = request.get("evidence", []), [one.value for one in Evidence]
    if not isinstance(words, list) or any(one not in known for one in words):
        raise InputError(f"expected evidence = a list of {', '.join(known)}, not {words!r}")
    return frozenset(map(Evidence, words))


def _acting(world: World) -> Event:
    faults = world.hooks.faults
    return {"faults": [str(one) for one in faults], "ids": [identifier(one) for one in faults]}


def _fault(request: Event) -> FaultStep:
    """Return the step that a request describes, as in a scenario."""
    step, mistakes = read_step(request)
    if mistakes or not isinstance(step, FaultStep):
        raise InputError("; ".join(one.what for one in mistakes))
    return step
