"""Serve DNS at loopback addresses from a thread with an event loop of its own (RFC 1035, RFC 7766).

Not Twisted: its reactor is one for the whole process and cannot be started twice, and a program
under test may want it. What is answered is decided elsewhere: octets in, one call, octets out.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from errno import EADDRINUSE
from threading import Thread
from typing import Any, TypeAlias, cast

from lab.core.errors import LabError
from lab.nameserver.query import Peer, Transport

Responder: TypeAlias = Callable[[bytes, Peer], bytes | None]
"""Returns the message to send; None is silence."""

FREE_PORT_TRIES = 20
_LENGTH_OCTETS = 2


class BusyError(LabError):
    """Report that somebody else has an address and port."""


class _Udp(asyncio.DatagramProtocol):
    """Answer datagrams."""

    def __init__(self, respond: Responder) -> None:
        self._respond = respond

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._respond(data, Peer(addr[0], addr[1], Transport.UDP))
        if answer is not None:
            self._transport.sendto(answer, addr)


class _Tcp(asyncio.Protocol):
    """Answer messages with a length before them (RFC 1035 section 4.2.2)."""

    def __init__(self, respond: Responder, lines: set[asyncio.Transport]) -> None:
        self._respond, self._lines = respond, lines
        self._octets = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._lines.add(self._transport)
        host, port = transport.get_extra_info("peername")[:2]
        self._peer = Peer(host, port, Transport.TCP)

    def data_received(self, data: bytes) -> None:
        self._octets += data
        while len(self._octets) >= _LENGTH_OCTETS:
            end = _LENGTH_OCTETS + int.from_bytes(self._octets[:_LENGTH_OCTETS], "big")
            if len(self._octets) < end:
                return
            query, self._octets = self._octets[_LENGTH_OCTETS:end], self._octets[end:]
            answer = self._respond(query, self._peer)
            if answer is None:
                self._transport.close()
                return
            self._transport.write(len(answer).to_bytes(_LENGTH_OCTETS, "big") + answer)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._lines.discard(self._transport)


class Sockets:
    """Hold the sockets of one lab, all of them on one port number, and the thread behind them.

    Attributes:
        port: of all of them; 0 until the first one is open, if any free one will do.
    """

    def __init__(self, port: int = 0) -> None:
        """Prepare for *port*; nothing is opened, and no thread runs, before `open`."""
        self.port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._opened: list[Future[None]] = []
        self._listening: list[asyncio.DatagramTransport | asyncio.Server] = []
        self._lines: set[asyncio.Transport] = set()

    def open(self, address: str, respond: Responder) -> None:
        """Answer at *address* with what *respond* returns, which is called in the thread.

        Raises:
            BusyError: somebody else is there.
            LabError: the system does not let this process listen there.
        """
        udp, tcp = _bound_pair(address, self.port)
        self.port = udp.getsockname()[1]
        # Nobody need wait: the system keeps what comes before the loop looks at it.
        self._opened.append(self._begin(self._serve(udp, tcp, respond)))

    async def _serve(self, udp: socket.socket, tcp: socket.socket, respond: Responder) -> None:
        loop = asyncio.get_running_loop()
        datagrams, _ = await loop.create_datagram_endpoint(lambda: _Udp(respond), sock=udp)
        self._listening.append(datagrams)
        self._listening.append(
            await loop.create_server(lambda: _Tcp(respond, self._lines), sock=tcp)
        )

    def _begin(self, work: Coroutine[Any, Any, None]) -> "Future[None]":
        """Let the thread do *work*."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(target=self._loop.run_forever, name="dnssec-lab", daemon=True)
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Close everything and end the thread; harmless if nothing is open."""
        if self._loop is None or self._thread is None:
            return
        opened, self._opened = self._opened, []
        wait(opened)
        self._begin(self._close()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None
        for one in opened:
            # Raises what went wrong there, if anything did.
            one.result()

    async def _close(self) -> None:
        for one in self._listening:
            one.close()
        for line in tuple(self._lines):
            line.abort()
        self._listening.clear()
        # A transport closes its socket in the next turn of the loop.
        await asyncio.sleep(0)


def _bound_pair(address: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return a UDP and a TCP socket at one port number of *address*; 0 is any that is free."""
    tries = FREE_PORT_TRIES if port == 0 else 1
    while True:
        tries -= 1
        try:
            return _bound_once(address, port)
        except OSError as error:
            if error.errno == EADDRINUSE and tries:
                continue
            kind = BusyError if error.errno == EADDRINUSE else LabError
            raise kind(f"cannot listen on {address} port {port}: {error.strerror}") from error


def _bound_once(address: str, port: int) -> tuple[socket.socket, socket.socket]:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # The datagram socket decides: no two of them share a port.
        udp.bind((address, port))
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind(udp.getsockname())
        tcp.listen()
    except BaseException:
        udp.close()
        tcp.close()
        raise
    return udp, tcp
