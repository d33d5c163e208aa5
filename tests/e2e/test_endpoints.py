"""The code of the README about endpoints, as it stands there: treq and twisted.web over DANE."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.running import Lab, free_port

README = Path(__file__).parents[2] / "README.md"
SERVER = "js.afnic.fr"


def code(mark: str, changes: dict[str, str]) -> str:
    """Return the block of the README that holds *mark*, with *changes* made to it."""
    text = README.read_text(encoding="utf-8")
    blocks: list[str] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (block,) = (one for one in blocks if mark in one)
    for old, new in changes.items():
        assert old in block
        block = block.replace(old, new)
    return block


def run(text: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", text]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture
def folder(lab: Lab, tmp_path: Path) -> Path:
    """A folder in which the state of the lab is `.lab`."""
    (tmp_path / ".lab").symlink_to(lab.state, target_is_directory=True)
    return tmp_path


def asked(folder: Path, url: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    fixed = {"https://js.telecom-sudparis.eu:8443/": url}
    return run(code("HTTPClient(agent)", fixed | changes), folder)


@contextmanager
def served(lab: Lab, folder: Path, port: int) -> Iterator[None]:
    """Run the server of the README, at a free port, with its record in the DNS."""
    wanted = ("--identity", "afnic.js", "--host", SERVER, "--port", str(port))
    record = lab.run("tlsa", "create", *wanted).stdout.splitlines()[0]
    lab.run("record", "add", "afnic.fr.", record).check_returncode()
    changes = {"8444": str(port), "await Deferred()": "print(); await Deferred()"}
    text = code("Site(Hello())", changes)
    with subprocess.Popen(
        [sys.executable, "-u", "-c", text], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "\n"
        try:
            yield
        finally:
            process.terminate()


def test_one_request_between_operators_by_treq(lab: Lab, folder: Path) -> None:
    url = f"https://js.telecom-sudparis.eu:{lab.tls('tsp.js')['port']}/"
    done = asked(folder, url)
    assert done.stdout.startswith("200 "), done.stderr
    assert '"client": "_ns-client.ns.afnic.fr."' in done.stdout


def test_a_site_of_twisted_knows_its_client_and_refuses_a_false_one(lab: Lab, folder: Path) -> None:
    port = free_port()
    url = f"https://{SERVER}:{port}/"
    with served(lab, folder, port):
        honest = asked(folder, url)
        false = asked(folder, url, **{"afnic.ns.pem": "tsp.ns.pem"})
    assert honest.stdout == "200 hello _ns-client.ns.afnic.fr.\n\n", honest.stderr
    assert "the peer refuses us with the alert handshake_failure (40)" in false.stderr


def test_a_server_without_a_record_is_refused_with_the_rule(folder: Path) -> None:
    done = asked(folder, f"https://js.telecom-sudparis.eu:{free_port()}/")
    assert "RefusedError" in done.stderr
    assert "provably no TLSA record" in done.stderr
