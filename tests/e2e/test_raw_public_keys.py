"""Raw public keys (RFC 7250) between GnuTLS and us, each side in turn the server.

GnuTLS does not know dane_clientid, so what it shows is looked at, not judged.
"""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab.pki.der import subject_public_key_info
from lab.pki.identity import Identity
from lab.tls.certificate_types import CertificateType, CertificateTypes
from lab.tls.context import ClientRole, Context, ServerRole
from lab.tls.engine import Engine
from lab.tls.extension import ClientIdSettings
from lab.tls.loader import load
from tests.e2e.engines import TIMEOUT_S, heard, shaken
from tests.e2e.running import Lab, find, free_port, listening
from tests.unit.tls.newer import newer, newer_files
from tests.unit.tls.pair import CLIENT, SERVER

PRIORITY = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+CTYPE-SRV-RAWPK:+CTYPE-CLI-RAWPK"
BARE = CertificateTypes((CertificateType.RAW_PUBLIC_KEY,), (CertificateType.RAW_PUBLIC_KEY,))


def options(folder: Path, identity: Identity) -> tuple[str, ...]:
    """Return the options that give a program of GnuTLS the key of *identity*."""
    key, public = folder / "key.pem", folder / "public.pem"
    key.write_bytes(identity.key_pem())
    form = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(identity.private_key.public_key().public_bytes(*form))
    return "--priority", PRIORITY, "--rawpkkeyfile", str(key), "--rawpkfile", str(public)


@pytest.fixture
def gnutls_serv(tmp_path: Path) -> Iterator[int]:
    """Return the port of an echo server with a raw public key, which demands one."""
    port, own = free_port(), options(tmp_path, SERVER)
    words = ("--port", str(port), "--echo", "--require-client-cert", *own)
    with listening(port, "gnutls-serv", *words):
        yield port


def test_gnutls_serv_and_our_client_know_each_other_by_their_keys(gnutls_serv: int) -> None:
    context = Context(ClientRole(CLIENT, ClientIdSettings(b"\x01a"), types=BARE), newer())
    with socket.create_connection(("127.0.0.1", gnutls_serv)) as connection:
        engine = shaken(Engine(context, "js.afnic.example"), connection)
        assert engine.peer_key == subject_public_key_info(SERVER.leaf)
        engine.verified(ok=True)
        engine.write(b"hello\n")
        connection.sendall(engine.out())
        assert heard(engine, connection) == b"hello\n"


def test_gnutls_cli_and_our_server_know_each_other_by_their_keys(tmp_path: Path) -> None:
    context = Context(ServerRole(SERVER, client_id=ClientIdSettings(b"\0"), types=BARE), newer())
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        where = "--port", str(listener.getsockname()[1]), "127.0.0.1"
        words = (find("gnutls-cli"), "--no-ca-verification", *options(tmp_path, CLIENT), *where)
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as client:
            connection, _ = listener.accept()
            with connection:
                engine = shaken(Engine(context), connection)
                assert engine.peer_key == subject_public_key_info(CLIENT.leaf)
                engine.verified(ok=True)
                engine.write(b"welcome\n")
                engine.close()
                connection.sendall(engine.out())
            said, _ = client.communicate(timeout=TIMEOUT_S)
    assert "(TLS1.3-Raw Public Key)" in said
    assert "welcome" in said


def test_lab_connect_judges_a_bare_key_by_its_record_in_the_dns(
    own_lab: Lab, tmp_path: Path
) -> None:
    port, own = free_port(), options(tmp_path, SERVER)
    digest = sha256(subject_public_key_info(SERVER.leaf)).hexdigest()
    owner = f"_{port}._tcp.js.afnic.fr."
    own_lab.run("record", "add", "afnic.fr.", f"{owner} 60 TLSA 3 1 1 {digest}")
    words = "connect", f"js.afnic.fr:{port}", "--dane", "--address", "127.0.0.1", "--json"
    with listening(port, "gnutls-serv", "--port", str(port), "--echo", *own):
        done = own_lab.run("--libssl", newer_files().ssl, *words, "--raw-public-key")
        by_the_machine_s_own = own_lab.run(*words, "--raw-public-key")
    (found,) = json.loads(done.stdout)["endpoints"]
    assert (found["verdict"], found["identity"]) == ("accept", "js.afnic.fr.")
    assert found["addresses"][0]["raw_public_key"] == subject_public_key_info(SERVER.leaf).hex()
    if not load().has_raw_public_keys:
        assert "raw public keys need OpenSSL 3.2 or newer" in by_the_machine_s_own.stderr
