"""The control command that validates: the running lab walks, and tells whoever asks.

A process that only prints what it is told needs none of the libraries, and answers four times as
fast. It says what its terminal is like, so that the lab writes what it would have written itself.
"""

import io

from lab.app.control import Command, Emit, Event
from lab.app.server import RunningServer
from lab.core.errors import InputError


class _Screen(io.TextIOWrapper):
    """Keep what is written for the terminal, or the file, of somebody else."""

    def __init__(self, encoding: str, *, is_terminal: bool) -> None:
        self._octets = io.BytesIO()
        self._is_terminal = is_terminal
        super().__init__(self._octets, encoding, "replace", newline="", write_through=True)

    def isatty(self) -> bool:
        return self._is_terminal

    def text(self) -> str:
        return self._octets.getvalue().decode(self.encoding)


def validate_commands_of(server: RunningServer) -> dict[str, Command]:
    """Return the command, whose walks start where *server* says."""

    async def validate(request: Event, emit: Emit) -> None:
        """Validate one question, and tell of it as the asker likes."""
        # Late, as are those of `lab validate`: whoever never asks need not wait for them.
        from rich.console import Console  # noqa: PLC0415 as said above

        from lab.app import validating  # noqa: PLC0415 as above
        from lab.app.words import Asked  # noqa: PLC0415 as above
        from lab.present.explain import Depth  # noqa: PLC0415 as above

        try:
            asked = Asked.parse(request["name"], request["type"])
            depth = Depth(request["depth"])
            look = request["terminal"]
            screen = _Screen(look["encoding"], is_terminal=look["is_terminal"])
            console = Console(file=screen, width=look["width"], _environ=look["environ"])
        except (KeyError, TypeError, ValueError, LookupError) as error:
            raise InputError(f"this is no question for a validator: {error!r}") from error
        walk = await validating.walk_on(server.reactor, server.plan(), asked)
        if request.get("json") is True:
            told = f"{validating.to_json(walk)}\n"
        else:
            validating.tell(console, walk, depth)
            told = screen.text()
        emit({"told": told, "status": walk.validation.status.value})

    return {"validate": validate}
