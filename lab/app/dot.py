"""Open DNS over TLS at every nameserver that has a certificate, on one port."""

from collections.abc import Callable, Sequence

from lab.net.dns_server import Responder
from lab.net.dns_tls import DOT_PORT_WITHOUT_PRIVILEGE, listen_dot
from lab.net.ports import BindError, PortSet, on_one_port
from lab.net.privacy import DOT_PORT
from lab.net.reactor import Reactor
from lab.tls.context import KeyLog
from lab.world.dot import DotServer

_ANY_FREE = 0


async def open_dot(
    reactor: Reactor,
    servers: Sequence[DotServer],
    responder_of: Callable[[str], Responder],
    wanted: int | None,
    keylog: KeyLog | None = None,
) -> tuple[PortSet, int]:
    """Listen for TLS at the address of each of *servers*; return the ports and their number.

    Args:
        reactor: for sockets.
        servers: with their certificates.
        responder_of: what answers at an address.
        wanted: port number; None: 853, or 8853, or any that is free: nobody shall fail to start
            for what few will ask for.
        keylog: is given the secrets of every connection.

    Raises:
        BindError: *wanted* cannot be had.
    """
    by_address = {one.server.address: one for one in servers}

    def one(ports: PortSet, address: str, number: int) -> int:
        identity = by_address[address].identity
        where = (address, number)
        return listen_dot(reactor, ports, where, identity, responder_of(address), keylog)

    if wanted is not None:
        return await on_one_port(by_address, wanted, one)
    for number in (DOT_PORT, DOT_PORT_WITHOUT_PRIVILEGE):
        try:
            return await on_one_port(by_address, number, one)
        except BindError as error:
            if not error.forbidden and not error.taken:
                raise
    return await on_one_port(by_address, _ANY_FREE, one)
