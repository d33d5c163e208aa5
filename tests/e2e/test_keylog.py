"""Wireshark reads a connection with the key log, and nothing without it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lab.app.keylog import KeyLogFile
from lab.dane.client_id import Profile
from lab.tls import abi
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import Engine
from lab.tls.extension import ClientIdSettings
from lab.tls.version import Version
from tests.e2e.captured import Capture
from tests.e2e.running import Lab, Tool, start, stop
from tests.unit.tls.pair import CLIENT, SERVER, Pair

QUESTION = b"GET /known-only-to-both HTTP/1.1\r\nHost: js.afnic.example\r\n\r\n"


def captured(folder: Path, newest: Version = Version.TLS1_3) -> tuple[str, str]:
    """Return a capture of one question of a client, and the key log of the server."""
    capture, keylog = folder / "tls.pcap", folder / "keys.txt"
    with closing(KeyLogFile(keylog)) as log:
        talk(newest, log).write(capture)
    return str(capture), str(keylog)


def talk(newest: Version, log: KeyLogFile) -> Capture:
    """Return what was sent for one question of a client, and tell *log* the server's secrets."""
    seeds = Profile.SEEDS_2022
    server = Context(
        ServerRole(SERVER, client_id=ClientIdSettings(b"", profile=seeds), minimum=newest),
        keylog=log,
    )
    client = Context(
        ClientRole(CLIENT, ClientIdSettings(b"\x06secret", profile=seeds), minimum=newest)
    )
    server.library.ssl.SSL_CTX_ctrl(server.pointer, abi.SET_MAX_VERSION, newest, None)
    seen = Capture(Pair(Engine(server), Engine(client, "js.afnic.example")))
    seen.pump()
    seen.pair.server.verified(ok=True)
    seen.pair.client.verified(ok=True)
    seen.pair.client.write(QUESTION)
    seen.pump()
    assert seen.pair.server.read() == QUESTION
    return seen


@pytest.mark.parametrize("newest", Version)
def test_tshark_reads_the_question_with_the_key_log(
    tool: Tool, tmp_path: Path, newest: Version
) -> None:
    capture, keylog = captured(tmp_path, newest)
    fields = "-Y", "http", "-T", "fields", "-e", "http.request.uri"
    opened = tool("tshark", "-r", capture, "-o", f"tls.keylog_file:{keylog}", *fields)
    assert opened.stdout.strip() == "/known-only-to-both"
    assert tool("tshark", "-r", capture, *fields).stdout.strip() == ""


def test_tshark_finds_the_name_of_the_client_in_its_certificate_message(
    tool: Tool, tmp_path: Path
) -> None:
    capture, keylog = captured(tmp_path)
    message, extension = "tls.handshake.type == 11", "tls.handshake.extension.type == 65373"
    fields = "-Y", f"{message} && {extension}", "-T", "fields", "-e", "tcp.srcport"
    opened = tool("tshark", "-r", capture, "-o", f"tls.keylog_file:{keylog}", *fields)
    assert opened.stdout.split() == ["40000"]
    assert tool("tshark", "-r", capture, *fields).stdout == ""
    assert b"secret" not in Path(capture).read_bytes()


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Path]]:
    """A lab that tells its secrets, and has another number for the extension."""
    folder = tmp_path_factory.mktemp("logged")
    file = folder / "keys.txt"
    free = "--port", "0", "--tls-port", "0", "--dot-port", "0"
    lab = start(
        folder / "state", *free, "--keylog", str(file), "--client-id-code-point", str(0xFF5E)
    )
    yield lab, file
    stop(lab)


def test_the_lab_tells_the_secrets_of_its_operators(logged: tuple[Lab, Path]) -> None:
    lab, file = logged
    assert lab.run("run", "federated-mutual-tls").returncode == 0
    labels = {line.split()[0] for line in file.read_text().splitlines()}
    assert {"SERVER_TRAFFIC_SECRET_0", "CLIENT_TRAFFIC_SECRET_0"} <= labels


def test_lab_connect_tells_the_secrets_of_its_own_connections(
    logged: tuple[Lab, Path], tmp_path: Path
) -> None:
    lab, _ = logged
    where = f"js.afnic.fr:{lab.tls('afnic.js')['port']}"
    file = tmp_path / "keys.txt"
    done = lab.run("connect", where, "--dane", "--keylog", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CLIENT_TRAFFIC_SECRET_0" in file.read_text()


def test_the_number_of_the_extension_is_an_option(tool: Tool, logged: tuple[Lab, Path]) -> None:
    server = logged[0].tls("afnic.js")
    where = f"{server['address']}:{server['port']}"
    traced = tool("openssl", "s_client", "-connect", where, "-trace").stdout
    assert "extension_type=UNKNOWN(65374), length=1" in traced
    assert "UNKNOWN(65373)" not in traced
