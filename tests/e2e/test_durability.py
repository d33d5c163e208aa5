"""kill -9 under updates: nothing that was acknowledged is lost, and nothing is there by half.

LAB_KILLS=200 pytest tests/e2e/test_durability.py -s   (more kills, and the figures)
"""

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.tsigkeyring
import pytest
from dns.message import Message
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.update import UpdateMessage

from tests.e2e.running import Lab, start, stop

KILLS = int(os.environ.get("LAB_KILLS", "10"))
ADDRESS = "127.53.0.2"
ROOT = """
@ 60 SOA a.root. h. 1 2 3 4 60
@ 60 NS a.root.
a.root. 60 A 127.53.0.1
op. 60 NS ns.op.
ns.op. 60 A 127.53.0.2
"""
HIERARCHY = """
[zone."."]
file = "root.zone"
nameservers = { "a.root." = "127.53.0.1" }
[zone."op."]
file = "op.zone"
nameservers = { "ns.op." = "127.53.0.2" }
"""
OP = '@ 60 SOA ns h 7 2 3 4 60\n@ 60 NS ns\nns 60 A 127.53.0.2\nleft 60 TXT "0"\nright 60 TXT "0"\n'


@dataclass
class Witness:
    """Remember what the lab has acknowledged, and look whether it is still so."""

    random: random.Random
    sent: int = 0
    acknowledged: int = 0
    recent: list[int] = field(default_factory=list)
    known: dict[int, str] = field(default_factory=dict)
    last_serial: int = 7
    updates: int = 0

    def ask(self, lab: Lab, qname: str, rdtype: RdataType) -> Message:
        query = dns.message.make_query(qname, rdtype)
        return dns.query.udp(query, ADDRESS, port=lab.port, timeout=5)

    def text(self, lab: Lab, owner: str) -> str:
        (rrset,) = self.ask(lab, owner, RdataType.TXT).answer
        return str(rrset[0]).strip('"')

    def look(self, lab: Lab) -> None:
        """Judge what is there now."""
        (soa,) = self.ask(lab, "op.", RdataType.SOA).answer
        serial = int(str(soa[0]).split()[2])
        left, right = self.text(lab, "left.op."), self.text(lab, "right.op.")
        assert left == right, "half a transaction"
        assert self.acknowledged <= int(left) <= self.sent, "an acknowledged update is lost"
        assert serial >= self.last_serial, "a serial went back"
        assert self.known.setdefault(serial, left) == left, "one serial for two contents"
        for number in self.recent:
            answer = self.ask(lab, f"n{number}.op.", RdataType.A)
            assert answer.rcode() == Rcode.NOERROR, f"n{number} is lost"
        self.last_serial, self.recent = serial, []

    def update(self, lab: Lab) -> None:
        """Send one update; count it if the lab says that it is done."""
        self.sent += 1
        message = UpdateMessage("op.")
        message.replace("left.op.", 60, "TXT", str(self.sent))
        message.replace("right.op.", 60, "TXT", str(self.sent))
        message.add(f"n{self.sent}.op.", 60, "A", "192.0.2.1")
        message.use_tsig(dns.tsigkeyring.from_file(lab.state / "tsig" / "lab-key.key"))
        answer = dns.query.udp(message, ADDRESS, port=lab.port, timeout=2)
        assert answer.rcode() == Rcode.NOERROR
        self.acknowledged, self.updates = self.sent, self.updates + 1
        self.recent.append(self.sent)
        (soa,) = self.ask(lab, "op.", RdataType.SOA).answer
        serial = int(str(soa[0]).split()[2])
        assert self.known.setdefault(serial, str(self.sent)) == str(self.sent)
        self.last_serial = serial

    def update_until_killed(self, lab: Lab) -> None:
        after = self.random.uniform(0.0, 0.4)
        killer = threading.Timer(after, lab.process.kill)
        killer.start()
        try:
            while lab.process.poll() is None:
                self.update(lab)
        except (dns.exception.DNSException, OSError):
            lab.process.wait(10)
        killer.join()
        lab.process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    zones = tmp_path / "zones"
    zones.mkdir()
    (zones / "hierarchy.toml").write_text(HIERARCHY)
    (zones / "root.zone").write_text(ROOT)
    (zones / "op.zone").write_text(OP)
    return tmp_path


def killed_while_starting(folder: Path, after: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lab", "up", "--json", *options(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    process.kill()
    process.wait(10)


def options(folder: Path) -> tuple[str, ...]:
    return ("--state", str(folder / "state"), "--zones", str(folder / "zones"), "--port", "0")


@pytest.mark.timeout(60 + 10 * KILLS)
def test_no_acknowledged_update_is_lost_by_kill_9(folder: Path) -> None:
    seed = int(os.environ.get("LAB_SEED", "1"))
    witness = Witness(random.Random(seed))
    kills = starts = 0
    begun = time.monotonic()
    while kills < KILLS:
        if kills % 5 == 4:
            killed_while_starting(folder, witness.random.uniform(0.2, 1.2))
            starts += 1
            kills += 1
        lab = start(folder / "state", *options(folder)[2:])
        witness.look(lab)
        witness.update_until_killed(lab)
        kills += 1
    lab = start(folder / "state", *options(folder)[2:])
    witness.look(lab)
    assert "Traceback" not in stop(lab)
    assert witness.updates > KILLS
    sys.stderr.write(
        f"{kills} kills ({starts} while starting), {witness.sent} updates sent,"
        f" {witness.updates} acknowledged, {len(witness.known)} serials seen,"
        f" {time.monotonic() - begun:.0f} s\n"
    )
