"""What a wire-tap sees of dane_clientid, as tshark reads it with the secrets of the connection.

The extension belongs into two messages, and into no other: empty into the server's
CertificateRequest, with the name into the client's Certificate (draft-ietf-dance-client-auth-13).
"""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from xml.etree import ElementTree as ET

import dns.name
import pytest

from lab.dane.client_id import CODE_POINT, push_client_id
from lab.pki.identity import Identity
from lab.tls.context import ClientRole, Context
from lab.tls.engine import Engine, State
from lab.tls.extension import ClientIdSettings
from tests.e2e.running import START_S, Lab, Tool, find, miss, start, stop

NAME = dns.name.from_text("_ns-client.ns.telecom-sudparis.eu.")
REQUEST = b"GET / HTTP/1.1\r\nHost: js.afnic.fr\r\n\r\n"
CLIENT_HELLO, SERVER_HELLO, ENCRYPTED_EXTENSIONS = (
    "ClientHello",
    "ServerHello",
    "EncryptedExtensions",
)
CERTIFICATE_REQUEST, CERTIFICATE = "CertificateRequest", "Certificate"
# RFC 8446 section 4.
MESSAGES = {
    1: CLIENT_HELLO,
    2: SERVER_HELLO,
    8: ENCRYPTED_EXTENSIONS,
    11: CERTIFICATE,
    13: CERTIFICATE_REQUEST,
}
BOTH_SIDES = 2


@dataclass(frozen=True)
class Message:
    """Hold one handshake message.

    Attributes:
        kind: one of MESSAGES, or its number.
        from_server: who sent it.
        client_id: extension data of dane_clientid, in hex; None if it is not there.
    """

    kind: str
    from_server: bool
    client_id: str | None


@contextmanager
def tapped(port: int, file: Path) -> Iterator[None]:
    """Write what passes *port* on the loopback to *file*, until one connection has ended."""
    ends = ("-P", "-l", "-T", "fields", "-e", "tcp.flags.fin", "-e", "tcp.flags.reset")
    command = (find("tshark"), "-i", "lo", "-f", f"tcp port {port}", "-w", str(file), *ends)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as tap:
        assert tap.stdout is not None
        assert tap.stderr is not None
        said = list(takewhile(lambda line: "Capture started" not in line, tap.stderr))
        if tap.poll() is not None:
            miss(f"tshark may not capture on the loopback: run as root ({''.join(said).strip()})")
        try:
            yield
            # A packet that is printed is in the file: both sides say goodbye, or one hangs up.
            ended = 0
            while ended < BOTH_SIDES:
                fin, _, reset = tap.stdout.readline().strip().partition("\t")
                ended += int(fin) + BOTH_SIDES * int(reset)
        finally:
            tap.terminate()
            tap.communicate(timeout=START_S)


def read(tool: Tool, file: Path, secrets: Path, port: int) -> tuple[Message, ...]:
    """Return the handshake messages in *file*, in their order."""
    options = ("-o", f"tls.keylog_file:{secrets}", "-d", f"tcp.port=={port},tls")
    done = tool("tshark", "-r", str(file), *options, "-Y", "tls", "-T", "pdml", check=True)
    return tuple(
        Message(kind_of(one), shown(packet, "tcp.srcport") == str(port), client_id_in(one))
        for packet in ET.fromstring(done.stdout).iter("packet")  # noqa: S314 tshark's own text
        for one in packet.iter("field")
        if one.get("name") == "tls.handshake"
    )


def shown(element: ET.Element, field: str) -> str:
    """Return what tshark shows of a field inside of *element*; empty if it is not there."""
    found = element.find(f".//field[@name='{field}']")
    return "" if found is None else found.get("show", "")


def kind_of(message: ET.Element) -> str:
    number = shown(message, "tls.handshake.type")
    return MESSAGES.get(int(number or 0), number)


def client_id_in(message: ET.Element) -> str | None:
    for one in message.iter("field"):
        if shown(one, "tls.handshake.extension.type") == str(CODE_POINT):
            data = one.find("field[@name='tls.handshake.extension.data']")
            if data is not None:
                return data.get("value")
    return None


def talk(lab: Lab) -> str:
    """Ask Afnic's join server as TSP's network server does, and return the response."""
    identity = Identity.from_pem((lab.state / "identities" / "tsp.ns.pem").read_bytes())
    context = Context(ClientRole(identity, ClientIdSettings(push_client_id(NAME))))
    server, engine, response = lab.tls("afnic.js"), Engine(context, "js.afnic.fr"), b""
    where = server["address"], server["port"]
    with socket.create_connection(where, timeout=START_S) as connection:
        while engine.state is not State.CLOSED:
            connection.sendall(engine.out())
            engine.feed(connection.recv(16384))
            if engine.state is State.VERIFY:
                engine.verified(ok=True)
                engine.write(REQUEST)
            response += engine.read()
    return response.decode()


@pytest.fixture(scope="module")
def seen(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Message, ...]]:
    """What tshark reads of one exchange, with the key log of the server."""
    folder = tmp_path_factory.mktemp("capture")
    file, secrets = folder / "capture.pcapng", folder / "secrets"
    options = ("--port", "0", "--tls-port", "0", "--keylog", str(secrets))
    lab = start(folder / "state", *options)
    port = lab.tls("afnic.js")["port"]
    with tapped(port, file):
        assert "200 OK" in talk(lab)
    yield read(tool, file, secrets, port)
    assert "Traceback" not in stop(lab)


def test_the_extension_is_in_two_messages_and_in_no_other(seen: tuple[Message, ...]) -> None:
    name = NAME.to_text(omit_final_dot=True).encode()
    assert [one for one in seen if one.client_id is not None] == [
        Message(CERTIFICATE_REQUEST, from_server=True, client_id="00"),
        Message(CERTIFICATE, from_server=False, client_id=(bytes([len(name)]) + name).hex()),
    ]


def test_every_message_that_may_have_extensions_was_read(seen: tuple[Message, ...]) -> None:
    read = {(one.kind, one.from_server) for one in seen}
    assert read >= {
        (CLIENT_HELLO, False),
        (SERVER_HELLO, True),
        (ENCRYPTED_EXTENSIONS, True),
        (CERTIFICATE_REQUEST, True),
        (CERTIFICATE, True),
        (CERTIFICATE, False),
    }
