"""What every running server does for those who ask over its control socket."""

from dns.exception import DNSException
from dns.name import from_text

from lab.app.control import Command, Emit, Event
from lab.app.keyreport import key_commands_of_server
from lab.app.records import record_commands_of
from lab.app.server import RunningServer
from lab.app.status import describe
from lab.app.validatecommands import validate_commands_of
from lab.core.errors import InputError
from lab.world.export import signed_zone_text


def commands_of(server: RunningServer) -> dict[str, Command]:
    """Return the commands that *server* answers, by name."""

    async def status(_request: Event, emit: Emit) -> None:
        """Describe the server as it is now."""
        emit(
            {
                "status": describe(
                    server.world, server.state, server.port, server.clock, server.resolver
                )
            }
        )

    async def stats(_request: Event, emit: Emit) -> None:
        """Say how many queries there were."""
        limiter = server.answering.limiter
        limited = {} if limiter is None else {"rate_limited": dict(limiter.counts)}
        emit({"stats": {**server.answering.counters.snapshot(), **limited}})

    async def zone(request: Event, emit: Emit) -> None:
        """Write out one signed zone."""
        wanted = wanted_text(request, "name")
        try:
            served = server.world.served[from_text(wanted)]
        except (KeyError, DNSException) as error:
            known = ", ".join(str(apex) for apex in server.world.served)
            raise InputError(f"there is no zone {wanted}; there are {known}") from error
        emit({"zone": signed_zone_text(served, server.clock.now())})

    async def tsig(_request: Event, emit: Emit) -> None:
        """Read the TSIG keys again, after `lab tsig` has changed their files."""
        server.desk.reload_keys()
        emit({"keys": [str(name) for name in server.desk.keys]})

    async def host(request: Event, emit: Emit) -> None:
        """Let the secondaries serve one more zone."""
        name, text = wanted_text(request, "name"), wanted_text(request, "text")
        apex = server.hosted.add(name, text, wanted_text(request, "file"))
        emit({"zone": str(apex), "serial": server.desk.secondaries.served(apex).zone.serial})

    async def unhost(request: Event, emit: Emit) -> None:
        """Let them forget it."""
        emit({"zone": str(server.hosted.remove(wanted_text(request, "name")))})

    return {
        "status": status,
        "stats": stats,
        "zone": zone,
        "tsig": tsig,
        **record_commands_of(server),
        **key_commands_of_server(server),
        "host": host,
        "unhost": unhost,
        **validate_commands_of(server),
    }


def wanted_text(request: Event, key: str) -> str:
    """Return the text that a request gives as *key*.

    Raises:
        InputError: it gives none.
    """
    value = request.get(key)
    if not isinstance(value, str):
        raise InputError(f'expected "{key}" with a text')
    return value


def wanted_texts(request: Event, key: str) -> dict[str, str]:
    """Return the texts by name that a request gives as *key*; none if it does not.

    Raises:
        InputError: it gives something else.
    """
    given = request.get(key, {})
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise InputError(f'expected "{key}" with an object of texts')
    return given
