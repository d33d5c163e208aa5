"""Bind sockets: all that were asked for, or none and one sentence that says why."""

from collections.abc import Callable, Iterable
from errno import EACCES, EADDRINUSE, EADDRNOTAVAIL, EPERM
from typing import Protocol

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort

from lab.core.errors import LabError


class BindError(LabError):
    """Report that an address and port could not be bound.

    Attributes:
        forbidden: the port needs a privilege that this process does not have.
        taken: somebody else has it.
    """

    def __init__(self, address: str, port: int, error: CannotListenError) -> None:
        """Say what the operating system said, and what can be done."""
        number = getattr(error.socketError, "errno", None)
        self.forbidden = number in {EACCES, EPERM}
        self.taken = number == EADDRINUSE
        super().__init__(f"cannot listen on {address} port {port}: {_reason(number, error)}")


def _reason(number: int | None, error: CannotListenError) -> str:
    if number in {EACCES, EPERM}:
        return "that port needs root; use --port 5300, or --private for a network of your own"
    if number == EADDRINUSE:
        return "another program has it (perhaps another lab); stop it or use another --port"
    if number == EADDRNOTAVAIL:
        return "this machine does not have that address; on macOS: sudo ifconfig lo0 alias ADDRESS"
    return str(error.socketError)


class Bind(Protocol):
    """Open one listening port."""

    def __call__(self, port: int, *, interface: str) -> IListeningPort:
        """Listen on *interface* and *port* or raise CannotListenError."""
        ...


class PortSet:
    """Hold listening ports that are opened and closed together."""

    def __init__(self) -> None:
        """Start with none."""
        self._ports: list[IListeningPort] = []

    def listen(self, bind: Bind, address: str, port: int) -> int:
        """Open one more and return its number; for *port* 0 the system chooses.

        Raises:
            BindError: it could not be opened; the others stay open until `close`.
        """
        try:
            opened = bind(port, interface=address)
        except CannotListenError as error:
            raise BindError(address, port, error) from error
        self._ports.append(opened)
        host = opened.getHost()
        assert isinstance(host, IPv4Address | IPv6Address)
        return host.port

    async def close(self) -> None:
        """Close them all."""
        ports, self._ports = self._ports, []
        for port in ports:
            stopping = port.stopListening()
            if stopping is not None:
                await stopping


FREE_PORT_TRIES = 20


async def on_one_port(
    addresses: Iterable[str], port: int, bind_all: Callable[[PortSet, str, int], int]
) -> tuple[PortSet, int]:
    """Open the same port number on every address; *port* 0 looks for one that is free on all.

    Args:
        addresses: where to listen.
        port: the number, or 0.
        bind_all: opens what belongs to one address (UDP and TCP), returns the port number.

    Raises:
        BindError: one of them could not be opened; nothing stays open.
    """
    wanted = tuple(addresses)
    tries = FREE_PORT_TRIES if port == 0 else 1
    while True:
        tries -= 1
        ports, number = PortSet(), port
        try:
            for address in wanted:
                number = bind_all(ports, address, number)
        except BindError as error:
            await ports.close()
            if tries == 0 or not error.taken:
                raise
        else:
            return ports, number
