"""What a running lab does for those who ask at its control socket, beyond what servers do."""

from lab.app.clockcommands import clock_commands_of
from lab.app.commands import commands_of as commands_of_server
from lab.app.control import Command, Emit, Event
from lab.app.later import later
from lab.app.lorawan_commands import lorawan_commands_of
from lab.app.running import RunningLab
from lab.app.status import describe
from lab.core.errors import LabError


def commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands that *lab* answers, by name."""

    async def flush(_request: Event, emit: Emit) -> None:
        """Let the resolver forget what it has cached."""
        if lab.cache is None or lab.resolver is None:
            raise LabError("this lab has no resolver with a cache: start it with --stub")
        emit({"forgotten": len(lab.cache.answers)})
        lab.cache.clear()

    async def mqtt(_request: Event, emit: Emit) -> None:
        """Say how it goes with the MQTT broker."""
        if lab.mqtt is None:
            raise LabError("this lab knows no MQTT broker: start it with --mqtt")
        emit({"mqtt": lab.mqtt.described()})

    async def status(_request: Event, emit: Emit) -> None:
        """Describe the lab as it is now, and who stands on the way to its nameservers."""
        about = describe(lab.world, lab.state, lab.port, lab.clock, lab.resolver)
        emit({"status": {**about, "ways": lab.stranger.ways}})

    own = {"status": status, "flush": flush, "lorawan-mqtt": mqtt}
    return {
        **commands_of_server(lab),
        **clock_commands_of(lab),
        **lorawan_commands_of(lambda: lab.lorawan),
        **later(lab),
        **own,
    }
