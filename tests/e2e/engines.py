"""Our engine on a plain socket, for tests in which other people's programs are the peer."""

import socket

from lab.tls.engine import Engine, State

TIMEOUT_S = 10
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
