"""What the control socket does about keys: show them, roll them, let a zone go insecure."""

from lab.app.control import Command, Emit, Event
from lab.app.keyreport import describe_keys, described, zone_name
from lab.app.running import RunningLab
from lab.core.errors import InputError, LabError
from lab.dnssec.keys import KeyRole
from lab.scenario.action import Haste, RollKey


def key_commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands about keys that *lab* answers, by name."""

    async def keys(request: Event, emit: Emit) -> None:
        """Describe the keys of one zone, or of all."""
        emit(described(lab, lab.household.rulings, request))

    async def roll(request: Event, emit: Emit) -> None:
        """Begin a rollover."""
        refuse_while_playing(lab)
        apex = zone_name(request.get("zone"))
        action = RollKey(
            apex, _role(request.get("role")), _number(request.get("algorithm")), _haste(request)
        )
        broken = await lab.household.perform(action)
        described = describe_keys(lab.world, lab.household.rulings, apex, lab.clock.now())
        emit({"keys": [described], "broken": list(broken)})

    async def secure(request: Event, emit: Emit) -> None:
        """Let a zone ask for its DS, or for none."""
        refuse_while_playing(lab)
        apex = zone_name(request.get("zone"))
        lab.household.secure(apex, wanted=bool(request.get("wanted", True)))
        await lab.keeper.catch_up()
        emit({"keys": [describe_keys(lab.world, lab.household.rulings, apex, lab.clock.now())]})

    return {"keys": keys, "roll": roll, "secure": secure}


def refuse_while_playing(lab: RunningLab) -> None:
    """Let nothing change to stay while a scenario is being played.

    Raises:
        LabError: one is.
    """
    if lab.playing:
        raise LabError("a scenario is being played; wait for its end")


def _role(text: object) -> KeyRole:
    try:
        return KeyRole(text)
    except ValueError as error:
        known = ", ".join(one.value for one in KeyRole)
        raise InputError(f'expected "role" to be one of {known}') from error


def _haste(request: Event) -> Haste:
    try:
        return Haste(request.get("how", Haste.USUAL.value))
    except ValueError as error:
        known = ", ".join(one.value for one in Haste)
        raise InputError(f'expected "how" to be one of {known}') from error


def _number(number: object) -> int | None:
    if number is not None and not isinstance(number, int):
        raise InputError(f"expected the number of an algorithm, not {number!r}")
    return number
