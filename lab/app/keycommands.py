"""What the control socket does about keys: show them, roll them, let a zone go insecure."""

from collections.abc import Mapping

from dns.exception import DNSException
from dns.name import Name, from_text

from lab.app.control import Command, Emit, Event
from lab.app.keyreport import describe_keys
from lab.app.running import RunningLab
from lab.app.server import RunningServer
from lab.core.checks import Report
from lab.core.errors import InputError, LabError
from lab.dnssec.keys import KeyRole
from lab.scenario.action import Haste, RollKey


def key_commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands about keys that *lab* answers, by name."""

    async def keys(request: Event, emit: Emit) -> None:
        """Describe the keys of one zone, or of all."""
        emit(_described(lab, lab.household.rulings, request))

    async def roll(request: Event, emit: Emit) -> None:
        """Begin a rollover."""
        _refuse_while_playing(lab)
        apex = _name(request.get("zone"))
        action = RollKey(
            apex, _role(request.get("role")), _number(request.get("algorithm")), _haste(request)
        )
        broken = await lab.household.perform(action)
        described = describe_keys(lab.world, lab.household.rulings, apex, lab.clock.now())
        emit({"keys": [described], "broken": list(broken)})

    async def secure(request: Event, emit: Emit) -> None:
        """Let a zone ask for its DS, or for none."""
        _refuse_while_playing(lab)
        apex = _name(request.get("zone"))
        lab.household.secure(apex, wanted=bool(request.get("wanted", True)))
        await lab.keeper.catch_up()
        emit({"keys": [describe_keys(lab.world, lab.household.rulings, apex, lab.clock.now())]})

    return {"keys": keys, "roll": roll, "secure": secure}


def key_commands_of_server(server: RunningServer) -> dict[str, Command]:
    """Return what a server without parents does about keys: it shows them."""

    async def keys(request: Event, emit: Emit) -> None:
        """Describe the keys of one zone, or of all."""
        emit(_described(server, {}, request))

    async def refuse(_request: Event, _emit: Emit) -> None:
        """Say why keys stay as they are."""
        raise LabError(
            "`lab serve` rolls no keys, for it does not see which DS the parent has; a lab of your"
            " own does, which has the parent, too: `lab up --zones FOLDER`"
        )

    return {"keys": keys, "roll": refuse, "secure": refuse}


def _described(server: RunningServer, rulings: Mapping[Name, Report], request: Event) -> Event:
    world, now, wanted = server.world, server.clock.now(), request.get("zone")
    apexes = tuple(world.signers) if wanted is None else (_name(wanted),)
    return {"keys": [describe_keys(world, rulings, one, now) for one in apexes]}


def _refuse_while_playing(lab: RunningLab) -> None:
    if lab.playing:
        raise LabError("a scenario is being played; wait for its end")


def _name(text: object) -> Name:
    try:
        return from_text(str(text))
    except DNSException as error:
        raise InputError(f"{text!r} is not a domain name: {error}") from error


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
