"""The attacker as the lab sees him: nobody, until he is called for the first time.

A lab that has just been started is not attacked, and need not load what would be done.
"""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.app.attacking import Attacker
    from lab.app.running import RunningLab
    from lab.validator.cache import Cache


class Stranger:
    """Be who may stand on the way between the resolvers of one lab and its nameservers."""

    def __init__(self, lab: "RunningLab") -> None:
        """Look at *lab*."""
        self._lab = lab

    @cached_property
    def attacker(self) -> "Attacker":
        """Return the attacker, who comes now if he has not been here."""
        from lab.app.attacking import Attacker  # noqa: PLC0415 as said above

        return Attacker(self._lab)

    @property
    def _seen(self) -> "Attacker | None":
        return self.__dict__.get("attacker")

    def way(self, address: str, port: int) -> tuple[str, int]:
        """Return where somebody arrives who wants to reach *port* at *address*."""
        return (address, port) if self._seen is None else self._seen.way(address, port)

    @property
    def ways(self) -> dict[str, str]:
        """Return where attackers stand, by the address of a server."""
        return {} if self._seen is None else self._seen.ways

    @property
    def victims(self) -> "Cache | None":
        """Return what somebody has believed who validates nothing; None: nothing yet."""
        return None if self._seen is None else self._seen.victims
