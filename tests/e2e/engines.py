"""Our engine on a plain socket, for tests in which other people's programs are the peer."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.tls.context import Context
from lab.tls.engine import Engine, State
from tests.e2e.running import find
from tests.unit.tls.pair import CLIENT

TIMEOUT_S = 60
CHUNK = 16384


def shaken(engine: Engine, connection: socket.socket) -> Engine:
    """Return *engine* after the handshake."""
    connection.settimeout(TIMEOUT_S)
    while engine.state is State.HANDSHAKE:
        connection.sendall(engine.out())
        engine.feed(connection.recv(CHUNK))
    connection.sendall(engine.out())
    assert engine.state is State.VERIFY, engine.failure
    return engine


def heard(engine: Engine, connection: socket.socket) -> bytes:
    """Return the next application data; nothing if the connection has come to its end."""
    while engine.state is State.OPEN:
        data = connection.recv(CHUNK)
        if not data:
            break
        engine.feed(data)
        connection.sendall(engine.out())
        if plain := engine.read():
            return plain
    return b""


@dataclass(frozen=True)
class Met:
    """Hold our server's end of a connection with s_client."""

    engine: Engine
    connection: socket.socket
    client: "subprocess.Popen[str]"

    def send(self) -> None:
        self.connection.sendall(self.engine.out())

    def type_in(self, text: str) -> None:
        """Type a line into s_client."""
        assert self.client.stdin is not None
        self.client.stdin.write(text)
        self.client.stdin.flush()

    def said(self) -> str:
        """Return all that s_client printed, at its end."""
        output, _ = self.client.communicate(timeout=TIMEOUT_S)
        return output


@contextmanager
def met_by_s_client(serving: Context, folder: Path, *options: str) -> Iterator[Met]:
    """Yield the end of a server whose client is s_client with the certificate of CLIENT."""
    pem = folder / "client.pem"
    pem.write_bytes(CLIENT.to_pem())
    own = "-cert", str(pem), "-key", str(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        words = (find("openssl"), "s_client", "-connect", where, *own, *options)
        with subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as client:
            connection, _ = listener.accept()
            with connection:
                yield Met(shaken(Engine(serving), connection), connection, client)
