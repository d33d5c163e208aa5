"""`lab tlsa roll` in a running lab: a new certificate, in the order that no client notices."""

from twisted.internet.defer import Deferred

from lab.app.authorities import AuthorityStore
from lab.app.control import Command, Emit, Event
from lab.app.keycommands import refuse_while_playing
from lab.app.running import RunningLab
from lab.core.errors import InputError
from lab.dane.rollover import Do, Stage
from lab.dane.text import presentation
from lab.scenario.edits import NewCertificate
from lab.world.certificates import next_of, rollover_of, with_deployed, with_next, with_stage

_POLL_S = 1.0


def tlsa_commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the command about TLSA records that *lab* answers."""

    async def roll(request: Event, emit: Emit) -> None:
        """Replace the certificate of an identity, stage by stage, and tell each."""
        refuse_while_playing(lab)
        name = request.get("identity")
        if not isinstance(name, str):
            raise InputError('expected "identity" with a text')
        made = lab.certified(NewCertificate(name))
        stages = rollover_of(with_next(lab.world, name, made), name)
        if request.get("plan"):
            for stage in stages:
                emit(_event(stage))
            return
        lab.edit(lambda world: with_next(world, name, made))
        for stage in stages:
            emit(_event(stage))
            await _do(lab, name, stage, travels=bool(request.get("travel")))

    return {"roll-tlsa": roll}


def _event(stage: Stage) -> Event:
    return {
        "stage": {
            "do": stage.do.value,
            "seconds": stage.seconds,
            "why": stage.why,
            "tlsa": [presentation(one) for one in stage.records],
        }
    }


async def _do(lab: RunningLab, name: str, stage: Stage, *, travels: bool) -> None:
    match stage.do:
        case Do.PUBLISH | Do.REMOVE:
            lab.edit(lambda world: with_stage(world, name, stage.records))
        case Do.DEPLOY:
            _keep(lab, name)
            lab.edit(lambda world: with_deployed(world, name))
        case Do.WAIT if travels:
            await lab.travel(stage.seconds)
        case Do.WAIT:
            await _until(lab, stage.seconds)


async def _until(lab: RunningLab, seconds: int) -> None:
    """Wait on the lab's clock, which somebody may move meanwhile."""
    target = lab.clock.now() + seconds
    while lab.clock.now() < target:
        tick: Deferred[None] = Deferred()
        lab.reactor.callLater(_POLL_S, tick.callback, None)
        await tick


def _keep(lab: RunningLab, name: str) -> None:
    """Write the new certificate to disk before anybody sees it; the ledger keeps the old one."""
    store = AuthorityStore(lab.state)
    entry = store.find(name)
    assert entry.file is not None, "an identity of the lab has a file"
    ledger = store.ledger(entry.operator)
    store.keep_ledger(entry.operator, ledger.with_issued((entry.certificate,)))
    store.keep_identity(entry.file, next_of(lab.world, name))
