"""By which address and port a server is reached: as it says, or over somebody on the way."""

from collections.abc import Callable
from typing import TypeAlias

Way: TypeAlias = Callable[[str, int], tuple[str, int]]
"""Returns the address and the port by which those of a server are reached."""


def straight(address: str, port: int) -> tuple[str, int]:
    """Return both as they are: nobody is on the way."""
    return address, port
