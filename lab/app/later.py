"""Commands of a running lab that are loaded when somebody asks for one.

Before it stands nobody can; and most labs are never asked for most of them.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from lab.app.control import Asker, Command, Event

if TYPE_CHECKING:
    from lab.app.running import RunningLab

LATER: dict[str, tuple[str, ...]] = {
    "lab.app.attackcommands.attack_commands_of": ("attack",),
    "lab.app.cacommands.ca_commands_of": ("ca", "order"),
    "lab.app.keycommands.key_commands_of": ("keys", "roll", "secure"),
    "lab.app.lorawan_simulation.simulation_commands_of": (
        "lorawan-simulate",
        "lorawan-simulate-stop",
    ),
    "lab.app.playcommands.play_commands_of": ("run", "fault", "faults"),
    "lab.app.tlsaroll.tlsa_commands_of": ("roll-tlsa",),
}
"""Function that makes commands, and their names."""


def maker(place: str) -> "Callable[[RunningLab], dict[str, Command]]":
    """Return the function that stands at *place*."""
    module, _, function = place.rpartition(".")
    found: Callable[[RunningLab], dict[str, Command]] = getattr(import_module(module), function)
    return found


def later(lab: "RunningLab") -> dict[str, Command]:
    """Return all such commands of *lab*, by name."""

    @cache
    def made(place: str) -> dict[str, Command]:
        return maker(place)(lab)

    def command(place: str, name: str) -> Command:
        async def perform(request: Event, asker: Asker) -> None:
            await made(place)[name](request, asker)

        return perform

    return {name: command(place, name) for place, names in LATER.items() for name in names}
