"""Several processes answer; each of them knows of a change before its sender is told of it."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from tests.e2e.running import Lab, Tool, start, stop

ZONE = "example.com."
WORKERS = 3
# So many ports that a process which does not know is asked, almost certainly: 1 - 3 * (2/3)**40.
PORTS = 40


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    state = tmp_path_factory.mktemp("crew") / "state"
    lab = start(state, "--port", "0", "--tls-port", "0", "--workers", str(WORKERS))
    yield lab
    assert "Traceback" not in stop(lab)


def workers(lab: Lab) -> set[int]:
    """Return the process IDs of the workers."""
    children = Path(f"/proc/{lab.process.pid}/task/{lab.process.pid}/children")
    return {int(one) for one in children.read_text().split()}


def answers(lab: Lab, qname: str, rdtype: str) -> list[Message]:
    """Return what is answered to the same question from many ports."""
    query = dns.message.make_query(qname, rdtype, want_dnssec=True)
    where = lab.address(ZONE)
    return [dns.query.udp(query, where, timeout=30, port=lab.port) for _ in range(PORTS)]


def rrsigs(lab: Lab) -> list[RRSIG]:
    """Return the signature of the SOA in each of many answers; no answer has more than one."""
    records = (one for answer in answers(lab, ZONE, "SOA") for one in answer.answer)
    return [rrset[0] for rrset in records if rrset.rdtype == RdataType.RRSIG]


def test_all_processes_but_the_first_are_forks_that_share_its_work(crew: Lab) -> None:
    before = json.loads(crew.run("stats", "--json").stdout)["queries"]
    assert len(workers(crew)) == WORKERS - 1
    assert len(answers(crew, ZONE, "SOA")) == PORTS
    # Workers tell what they have counted twice a second, and when they are idle.
    deadline = time.monotonic() + 10
    while json.loads(crew.run("stats", "--json").stdout)["queries"] < before + PORTS:
        assert time.monotonic() < deadline


def test_an_update_is_known_to_all_when_its_sender_hears_of_it(crew: Lab, tool: Tool) -> None:
    assert {one.rcode() for one in answers(crew, f"crew.{ZONE}", "A")} == {Rcode.NXDOMAIN}
    feed = f"server {crew.address(ZONE)} {crew.port}\nzone {ZONE}\n"
    feed += f"update add crew.{ZONE} 60 A 192.0.2.1\nsend\n"
    tool("nsupdate", "-k", str(crew.state / "tsig" / "lab-key.key"), feed=feed, check=True)
    assert {one.rcode() for one in answers(crew, f"crew.{ZONE}", "A")} == {Rcode.NOERROR}


def test_a_fault_and_its_end_are_known_to_all(crew: Lab) -> None:
    assert len(rrsigs(crew)) == PORTS
    fault = ("rrsig-missing", f"owner={ZONE}", "type=SOA")
    assert crew.run("fault", "inject", *fault).returncode == 0
    assert rrsigs(crew) == []
    assert crew.run("fault", "clear").returncode == 0
    assert len(rrsigs(crew)) == PORTS


def test_a_step_of_the_clock_is_known_to_all(crew: Lab) -> None:
    before = max(one.inception for one in rrsigs(crew))
    assert crew.run("clock", "advance", "60d").returncode == 0
    assert min(one.inception for one in rrsigs(crew)) > before
    assert crew.run("clock", "reset").returncode == 0


def test_a_worker_that_dies_is_replaced(crew: Lab) -> None:
    victim, *_ = workers(crew)
    os.kill(victim, signal.SIGKILL)
    assert len(answers(crew, ZONE, "SOA")) == PORTS
    # The others may be new, too: whatever changes in a zone meanwhile replaces all of them.
    assert len(workers(crew)) == WORKERS - 1
    assert victim not in workers(crew)
