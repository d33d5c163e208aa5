"""TLS and HTTP over real sockets, between our own ends and with `openssl s_client`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("tls_pair.py")
ROOT = Path(__file__).parents[2]
TIMEOUT_S = 30


def _command(*arguments: str) -> list[str]:
    return [sys.executable, str(SCRIPT), *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(
    ("case", "seen"),
    [
        ("good", "accept|POST /join: hello _ns-client.ns.tsp.example|"),
        ("unknown", "accept||handshake_failure (40)"),
        ("no-extension", "accept||handshake_failure (40)"),
        ("other-server", "abort||by us"),
        ("nobody", "none||js.afnic.example at 127.0.0.1 port"),
    ],
)
def test_one_exchange(case: str, seen: str) -> None:
    done = subprocess.run(
        _command("pair", case),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env=_environment(),
        check=False,
    )
    assert done.stdout.startswith(seen), done.stderr
    assert done.stderr == ""


@dataclass(frozen=True)
class Served:
    """Hold where a server listens, and the files that it left."""

    port: int
    folder: Path


def _serve(folder: Path, demand: str) -> Iterator[Served]:
    with subprocess.Popen(
        _command("serve", str(folder), demand),
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
    ) as server:
        assert server.stdout is not None
        try:
            yield Served(int(server.stdout.readline()), folder)
        finally:
            server.terminate()


@pytest.fixture(name="strict")
def _strict(tmp_path: Path) -> Iterator[Served]:
    yield from _serve(tmp_path, "require")


@pytest.fixture(name="lenient")
def _lenient(tmp_path: Path) -> Iterator[Served]:
    yield from _serve(tmp_path, "optional")


def s_client(served: Served, *options: str) -> str:
    """Return all that `openssl s_client` prints about one GET."""
    if shutil.which("openssl") is None:
        if os.environ.get("LAB_REQUIRE") == "all":
            pytest.fail("openssl is not installed (Debian package openssl)")
        pytest.skip("openssl is not installed (Debian package openssl)")
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{served.port}", "-ign_eof", *options],
        input="GET /hello HTTP/1.1\r\nHost: js.afnic.example\r\n\r\n",
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.stdout + done.stderr


def _certified(served: Served) -> tuple[str, ...]:
    pem = str(served.folder / "client.pem")
    return "-cert", pem, "-key", pem, "-cert_chain", pem


def test_a_client_without_certificate_is_told_what_is_required(strict: Served) -> None:
    assert "alert certificate required" in s_client(strict)


def test_a_client_without_the_extension_is_refused_after_the_handshake(strict: Served) -> None:
    seen = s_client(strict, *_certified(strict))
    assert "alert handshake failure" in seen
    assert "200 OK" not in seen


def test_the_server_sends_its_chain_up_to_the_root(strict: Served) -> None:
    assert s_client(strict, "-showcerts").count("BEGIN CERTIFICATE") == 3


def test_the_certificate_request_carries_the_extension(strict: Served) -> None:
    seen = s_client(strict, "-trace")
    assert "extension_type=UNKNOWN(65373), length=1" in seen


def test_tls_1_2_is_not_spoken(strict: Served) -> None:
    assert "alert protocol version" in s_client(strict, "-tls1_2")


@pytest.mark.parametrize("certified", ["with", "without"])
def test_a_lenient_server_serves_strangers_under_no_name(lenient: Served, certified: str) -> None:
    options = _certified(lenient) if certified == "with" else ()
    assert "GET /hello: hello stranger" in s_client(lenient, *options)
