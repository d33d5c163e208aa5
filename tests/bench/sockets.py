"""The same handshakes between real sockets: connect to 127.0.0.1, say one octet, say goodbye.

Both ends run in this process, one connection at a time, and on one event loop, which is that of
Twisted, too: contenders differ in TLS and in who decides, not in how they wait.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias, cast

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred

from lab.core.checks import Report
from lab.dane.decision import Decision, Verdict
from lab.net.http import CONNECT_TIMEOUT_S
from lab.net.ports import PortSet
from lab.net.reactor import Reactor
from lab.net.tls import Gate, Guard, TlsConnection
from lab.net.tls_ports import TlsClientFactory, TlsServerFactory, listen_tls
from lab.tls.authentication import Presented
from tests.bench.handshakes import SERVER_NAME, Sides, stdlib_contexts
from tests.bench.measuring import Play

Judge: TypeAlias = Callable[[Presented], Decision]

ADDRESS = "127.0.0.1"
GREETING = b"!"


class Host:
    """Greet whoever is let in."""

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Greet."""
        del decision
        connection.write(GREETING)

    def received(self, data: bytes) -> None:
        """Expect nothing."""

    def closed(self, reason: str) -> None:
        """Expect this."""


class Visitor:
    """Say goodbye when greeted.

    Attributes:
        gone: fires with what was heard.
    """

    def __init__(self) -> None:
        """Wait."""
        self.gone: Deferred[bytes] = Deferred()
        self._heard = b""

    def opened(self, connection: TlsConnection, decision: Decision) -> None:
        """Wait to be greeted."""
        del decision
        self._connection = connection

    def received(self, data: bytes) -> None:
        """Be greeted, and leave."""
        self._heard += data
        self._connection.finish()

    def closed(self, reason: str) -> None:
        """Tell how it went."""
        assert not reason, reason
        self.gone.callback(self._heard)


def let_in(presented: Presented) -> Decision:
    """Let everybody in."""
    del presented
    return Decision(Verdict.GENERAL_POLICY, None, Report("everybody"))


def _gate(judge: Judge) -> Gate:
    async def gate(presented: Presented) -> Decision:
        return judge(presented)

    return gate


@asynccontextmanager
async def by_twisted(sides: Sides, on_client: Judge, on_server: Judge) -> AsyncIterator[Play]:
    """Give what connects by the lab's TLS, and lets judges decide about client and server."""
    loop = asyncio.get_running_loop()
    reactor = cast("Reactor", AsyncioSelectorReactor(loop))
    to_server, to_client = sides.contexts
    serving, asking = Guard(to_server, _gate(on_client)), Guard(to_client, _gate(on_server))
    ports = PortSet()
    where = ADDRESS, 0
    port = listen_tls(reactor, ports, where, TlsServerFactory(reactor, lambda: serving, Host))

    async def play(count: int) -> None:
        for _ in range(count):
            visitor = Visitor()
            connection = TlsConnection(reactor, asking, visitor, SERVER_NAME)
            factory = TlsClientFactory(connection, visitor.closed)
            reactor.connectTCP(ADDRESS, port, factory, timeout=CONNECT_TIMEOUT_S)
            assert await visitor.gone.asFuture(loop) == GREETING

    yield play
    await Deferred.fromCoroutine(ports.close()).asFuture(loop)


@asynccontextmanager
async def by_asyncio(sides: Sides) -> AsyncIterator[Play]:
    """Give what connects by `ssl` and the streams of asyncio."""
    to_server, to_client = stdlib_contexts(sides)

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        await reader.read()
        writer.close()

    async def play(count: int) -> None:
        for _ in range(count):
            reader, writer = await asyncio.open_connection(
                ADDRESS, port, ssl=to_client, server_hostname=SERVER_NAME
            )
            assert await reader.readexactly(len(GREETING)) == GREETING
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(greet, ADDRESS, 0, ssl=to_server) as server:
        port = server.sockets[0].getsockname()[1]
        yield play
