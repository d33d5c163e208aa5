"""The control command about attacks: begin one, or end them all."""

from lab.app.control import Command, Emit, Event
from lab.app.keycommands import refuse_while_playing
from lab.app.running import RunningLab
from lab.attacks import NamedAttack
from lab.core.errors import InputError
from lab.scenario.steps_attack import AttackStep
from lab.scenario.tables import read_step


def attack_commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands about attacks on *lab*, by name."""

    async def attack(request: Event, emit: Emit) -> None:
        """Begin an attack; without a name end all of them."""
        refuse_while_playing(lab)
        attacker = lab.stranger.attacker
        if request.get("attack") is None:
            emit({"attacks": [], "ways": {}, "ended": (await attacker.end()).conclusion})
            return
        attacker.begin(_attack(request))
        # Whoever is no part of the lab has to be led to the relay: he is told where it is.
        emit({"attacks": [str(one) for one in attacker.attacks], "ways": attacker.ways})

    return {"attack": attack}


def _attack(request: Event) -> NamedAttack:
    """Return the attack that a request describes as a scenario step would."""
    step, mistakes = read_step(request)
    if mistakes or not isinstance(step, AttackStep):
        raise InputError("; ".join(one.what for one in mistakes))
    return step.attack
