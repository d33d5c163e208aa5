"""While a large zone is signed for a transfer, all else goes on; and nobody is left behind."""

import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import dns.rdatatype
import pytest
from dns.rcode import Rcode

from tests.e2e.running import Lab, Tool, serve, stop

OWNERS, QUESTIONS, ROUNDS = 3_000, 200, 4
HEAD = "@ 60 SOA ns h 1 3600 600 86400 60\n@ 60 NS ns\nns 60 A 127.0.0.1\n"


def large(folder: Path, *options: str) -> Lab:
    """Start a server with two large zones and a small one."""
    hosts = "".join(f"n{number} 60 A 192.0.2.1\n" for number in range(OWNERS))
    (folder / "large.zone").write_text(HEAD + hosts)
    (folder / "small.zone").write_text(HEAD)
    zones = []
    for zone, file in {"large.test": "large", "other.test": "large", "small.test": "small"}.items():
        zones += ["--zone", zone, "--file", str(folder / f"{file}.zone")]
    access = ("--set", 'transfer={addresses=["127.0.0.1"]}')
    return serve(folder / "state", *zones, *access, "--listen", "127.0.0.1:0", *options)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = large(tmp_path_factory.mktemp("alone"), "--signers", "1")
    yield lab
    assert "Traceback" not in stop(lab)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = large(tmp_path_factory.mktemp("shared"), "--signers", "2")
    yield lab
    assert "Traceback" not in stop(lab)


@pytest.fixture(params=["alone", "shared"])
def server(request: pytest.FixtureRequest) -> Lab:
    lab: Lab = request.getfixturevalue(request.param)
    return lab


def forks(pid: int) -> set[int]:
    """Return the process IDs of the forks of a process."""
    return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def asking(lab: Lab, zone: str = "large.test.") -> socket.socket:
    """Return a connection over which a transfer of a zone was asked for."""
    connection = socket.create_connection(("127.0.0.1", lab.port), timeout=60)
    query = dns.message.make_query(zone, dns.rdatatype.AXFR).to_wire()
    connection.sendall(len(query).to_bytes(2, "big") + query)
    return connection


def wait_for_forks(lab: Lab) -> set[int]:
    deadline = time.monotonic() + 30
    while not (found := forks(lab.process.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def test_others_are_answered_before_a_transfer_begins(server: Lab) -> None:
    wires = [dns.message.make_query("ns.small.test", "A").to_wire() for _ in range(QUESTIONS)]
    rounds = 0
    with asking(server) as transfer, socket.socket(type=socket.SOCK_DGRAM) as others:
        others.connect(("127.0.0.1", server.port))
        others.settimeout(60)
        while not select.select([transfer], [], [], 0)[0]:
            for wire in wires:
                others.send(wire)
            answers = [dns.message.from_wire(others.recv(4096)) for _ in wires]
            assert all(one.rcode() == Rcode.NOERROR and one.answer for one in answers)
            rounds += 1
    # While a zone was signed in one go, there was one round before it, and at most one during it.
    assert rounds >= ROUNDS


def test_what_was_signed_meanwhile_is_accepted_by_ldns(
    server: Lab, tmp_path: Path, tool: Tool
) -> None:
    where = ("@127.0.0.1", "-p", str(server.port), "+onesoa", "+nocomments", "+nocmd", "+nostats")
    text = tool("dig", *where, "large.test", "AXFR").stdout
    assert text.count("\tNSEC\t") == OWNERS + 2
    (tmp_path / "signed").write_text(text)
    judged = tool("ldns-verify-zone", str(tmp_path / "signed"))
    assert "Zone is verified and complete" in judged.stdout
    assert forks(server.process.pid) == set()


def test_a_fork_that_has_gone_is_done_without(shared: Lab) -> None:
    with asking(shared, "other.test.") as transfer:
        os.kill(min(wait_for_forks(shared)), signal.SIGKILL)
        message, _ = dns.query.receive_tcp(transfer, one_rr_per_rrset=True)
    assert message.answer[0].rdtype == dns.rdatatype.SOA


def test_no_fork_outlives_a_server_that_was_killed(tmp_path: Path) -> None:
    lab = large(tmp_path, "--signers", "2")
    with asking(lab):
        found = wait_for_forks(lab)
        lab.process.kill()
        lab.process.communicate()
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() for pid in found):
            assert time.monotonic() < deadline
            time.sleep(0.01)
