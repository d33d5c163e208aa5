"""TLS 1.2 as the drafts of 2022 allow it, with OpenSSL's programs on the other side."""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from lab.dane.client_id import Profile
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import Engine
from lab.tls.extension import ClientIdSettings
from lab.tls.version import Version
from tests.e2e.engines import TIMEOUT_S, heard, shaken
from tests.e2e.running import find, free_port
from tests.unit.tls.pair import CLIENT, SERVER

SEEDS = Profile.SEEDS_2022
SERVING = Context(
    ServerRole(SERVER, client_id=ClientIdSettings(b"", profile=SEEDS), minimum=Version.TLS1_2)
)


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
def met_by_s_client(folder: Path, *options: str) -> Iterator[Met]:
    pem = folder / "client.pem"
    pem.write_bytes(CLIENT.to_pem())
    own = "-cert", str(pem), "-key", str(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        words = (find("openssl"), "s_client", "-connect", where, "-tls1_2", *own, *options)
        with subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as client:
            connection, _ = listener.accept()
            with connection:
                yield Met(shaken(Engine(SERVING), connection), connection, client)


def test_s_client_which_does_not_know_the_extension_is_met(tmp_path: Path) -> None:
    with met_by_s_client(tmp_path) as met:
        assert (met.engine.version, met.engine.client_id) == ("TLSv1.2", None)
        assert met.engine.peer_chain == CLIENT.chain[:1]


def test_s_client_reads_the_alert_of_a_refusal(tmp_path: Path) -> None:
    with met_by_s_client(tmp_path, "-ign_eof") as met:
        met.engine.verified(ok=False)
        met.send()
        said = met.said()
    assert "Cipher    : ECDHE-ECDSA-AES256-GCM-SHA384" in said
    assert "alert handshake failure" in said
    assert "bad record mac" not in said


def test_s_client_may_not_renegotiate(tmp_path: Path) -> None:
    with met_by_s_client(tmp_path) as met:
        met.engine.verified(ok=True)
        # A line with nothing but R asks for another handshake.
        met.type_in("R\n")
        assert heard(met.engine, met.connection) == b""
        said = met.said()
    assert "RENEGOTIATING" in said
    assert "no renegotiation" in said


@pytest.fixture
def trace(tmp_path: Path) -> Iterator[tuple[int, IO[str]]]:
    """Return the port and the output of an s_server that tells of each message."""
    pem, port = tmp_path / "server.pem", free_port()
    pem.write_bytes(SERVER.to_pem())
    own = "-cert", str(pem), "-key", str(pem)
    where = "-accept", f"127.0.0.1:{port}"
    words = (find("openssl"), "s_server", *where, *own, "-tls1_2", "-trace", "-naccept", "1")
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        while "ACCEPT" not in server.stdout.readline():
            pass
        yield port, server.stdout
        server.terminate()


def test_s_server_finds_the_name_in_the_client_hello(trace: tuple[int, IO[str]]) -> None:
    port, output = trace
    settings = ClientIdSettings(b"\x03abc", profile=SEEDS)
    context = Context(ClientRole(CLIENT, settings, minimum=Version.TLS1_2))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        engine = shaken(Engine(context), connection)
        engine.verified(ok=True)
        engine.close()
        connection.sendall(engine.out())
    hello = output.read().partition("ServerHello")[0]
    assert re.search(r"extension_type=UNKNOWN\(65373\), length=4\s+0000 - 03 61 62 63", hello)
