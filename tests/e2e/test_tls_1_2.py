"""TLS 1.2 as the drafts of 2022 allow it, with OpenSSL's programs on the other side."""

import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from lab.dane.client_id import Profile
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import Engine
from lab.tls.extension import ClientIdSettings
from lab.tls.version import Version
from tests.e2e.engines import heard, met_by_s_client, shaken
from tests.e2e.running import find, free_port
from tests.unit.tls.pair import CLIENT, SERVER

SEEDS = Profile.SEEDS_2022
SERVING = Context(
    ServerRole(SERVER, client_id=ClientIdSettings(b"", profile=SEEDS), minimum=Version.TLS1_2)
)


def test_s_client_which_does_not_know_the_extension_is_met(tmp_path: Path) -> None:
    with met_by_s_client(SERVING, tmp_path, "-tls1_2") as met:
        assert (met.engine.version, met.engine.client_id) == ("TLSv1.2", None)
        assert met.engine.peer_chain == CLIENT.chain[:1]


def test_s_client_reads_the_alert_of_a_refusal(tmp_path: Path) -> None:
    with met_by_s_client(SERVING, tmp_path, "-tls1_2", "-ign_eof") as met:
        met.engine.verified(ok=False)
        met.send()
        said = met.said()
    assert "Cipher    : ECDHE-ECDSA-AES256-GCM-SHA384" in said
    assert "alert handshake failure" in said
    assert "bad record mac" not in said


def test_s_client_may_not_renegotiate(tmp_path: Path) -> None:
    with met_by_s_client(SERVING, tmp_path, "-tls1_2") as met:
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
