"""Faults that act now: at which server, and by which name each of them can be cleared again."""

from collections.abc import Iterable
from typing import Any
from zlib import crc32

from dns.name import Name

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Server
from lab.core.seams import Fault, Hooks, Seam

_ID = 0xFFFF


@dataclass(frozen=True, slots=True)
class AtServer:
    """Let a fault act at one nameserver; the others of the zone are honest.

    Attributes:
        fault: what is wrong there.
        server: its name and address.
    """

    fault: Fault
    server: Server

    @property
    def seams(self) -> tuple[Seam[Any], ...]:
        """Return the places where the fault acts."""
        return self.fault.seams

    def acts_in(self, apex: Name) -> bool:
        """Tell whether it may change something of the zone *apex*."""
        return self.fault.acts_in(apex)

    def apply(self, value: Any, now: Instant) -> Any:  # noqa: ANN401 the type is the seam's
        """Return the value to go on with."""
        return self.fault.apply(value, now)

    def __str__(self) -> str:
        """Return it as `rrsig-expired on www.example.fr. A at ns2.example.fr. (127.53.10.2)`."""
        return f"{self.fault} at {self.server}"


def identifier(fault: Fault) -> str:
    """Return four hexadecimal digits that stand for *fault* with all its parameters."""
    return f"{crc32(repr(fault).encode()) & _ID:04x}"


def everywhere(hooks: Hooks) -> Hooks:
    """Return those that act at every server."""
    return Hooks(tuple(one for one in hooks.faults if not isinstance(one, AtServer)))


def at_address(hooks: Hooks, address: str) -> Hooks:
    """Return those that act at the server with *address* only."""
    scoped = (one for one in hooks.faults if isinstance(one, AtServer))
    return Hooks(tuple(one for one in scoped if one.server.address == address))


def without(hooks: Hooks, which: str) -> Hooks:
    """Return *hooks* without the faults that *which* names: an id, or a kind.

    Raises:
        InputError: no such fault acts.
    """
    left = tuple(one for one in hooks.faults if which not in {identifier(one), _kind(one)})
    if left == hooks.faults:
        acting = ", ".join(f"{identifier(one)} ({one})" for one in hooks.faults) or "none"
        raise InputError(f"no fault {which!r} acts; there are: {acting}")
    return Hooks(left)


def find_server(text: str, servers: Iterable[Server]) -> Server:
    """Return the one of *servers* with the name or the address *text*.

    Raises:
        InputError: there is none.
    """
    known = tuple(dict.fromkeys(servers))
    name = f"{text.rstrip('.')}.".lower()
    for one in known:
        if text == one.address or name == str(one.name).lower():
            return one
    names = ", ".join(str(one) for one in known)
    raise InputError(
        f"no such nameserver {text!r} serves what is concerned; there are: {names}", "server"
    )


def _kind(fault: Fault) -> str:
    plain = fault.fault if isinstance(fault, AtServer) else fault
    return str(getattr(plain, "kind", ""))
