"""Keys roll in real time under the eyes of unbound, which keeps what it has seen for its TTL."""

import time
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.query
import pytest
from dns.opcode import NOTIFY
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.app.asking import ask
from lab.app.state import StateFolder
from tests.e2e.running import (
    START_S,
    Lab,
    Resolver,
    Tool,
    from_the_root,
    may_bind_53,
    miss,
    running_unbound,
    start,
    stop,
)

HIERARCHY = """
[defaults]
key_life = { propagation = "0s", parent_propagation = "0s", registration = "2s", safety = "2s" }

[zone."."]
file = "root.zone"
nameservers = { "ns.root." = "127.54.0.1" }

[zone."roll."]
file = "roll.zone"
nameservers = { "ns.roll." = "127.54.0.2" }

[zone."one."]
file = "one.zone"
nameservers = { "ns.one." = "127.54.0.3" }
keys = "csk"
denial = "nsec3"
"""
ROOT = """
@ 1 SOA ns.root. h. 1 2 3 4 1
@ 1 NS ns.root.
ns.root. 1 A 127.54.0.1
roll. 1 NS ns.roll.
ns.roll. 1 A 127.54.0.2
one. 1 NS ns.one.
ns.one. 1 A 127.54.0.3
"""
ZONE = """
@ 1 SOA ns h 1 2 3 4 1
@ 1 NS ns
ns 1 A {address}
www 1 A 192.0.2.1
www 1 TXT "seldom asked"
"""


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    folder = tmp_path / "zones"
    folder.mkdir()
    (folder / "hierarchy.toml").write_text(HIERARCHY)
    (folder / "root.zone").write_text(ROOT)
    (folder / "roll.zone").write_text(ZONE.format(address="127.54.0.2"))
    (folder / "one.zone").write_text(ZONE.format(address="127.54.0.3"))
    return folder


@pytest.fixture
def quick_lab(zones: Path, tmp_path: Path) -> Iterator[Lab]:
    """A lab with TTLs of one second, on port 53 of addresses of its own."""
    if not may_bind_53("127.54.0.1"):
        miss("port 53 on 127.54.0.1 cannot be bound: run as root")
    started = start(tmp_path / "state", "--port", "53", "--zones", str(zones))
    yield started
    assert "Traceback" not in stop(started)


@pytest.fixture
def caching(quick_lab: Lab, tmp_path: Path) -> Iterator[Resolver]:
    """An unbound that believes TTLs."""
    folder = tmp_path / "unbound"
    folder.mkdir()
    with running_unbound(quick_lab, folder, from_the_root(quick_lab, max_ttl=60)) as resolver:
        yield resolver


QUESTIONS = (("www", "A"), ("www", "TXT"), ("", "DNSKEY"), ("", "DS"), ("nowhere", "A"))


def insecure(resolver: Resolver, zone: str) -> list[str]:
    """Return what the resolver does not find secure in *zone*."""
    found = []
    for label, rdtype in QUESTIONS:
        qname = f"{label}.{zone}" if label else zone
        query = dns.message.make_query(qname, rdtype, want_dnssec=True)
        answer = dns.query.udp(query, resolver.address, 5, resolver.port)
        if not answer.flags & dns.flags.AD or answer.rcode() == Rcode.SERVFAIL:
            found.append(answer.to_text())
    return found


def keys(lab: Lab, zone: str) -> list[dict[str, Any]]:
    (event,) = ask(StateFolder(lab.state), {"do": "keys", "zone": zone})
    found: list[dict[str, Any]] = event["keys"][0]["keys"]
    return found


def roll(lab: Lab, zone: str, role: str) -> None:
    """Begin a rollover, as `lab keys roll` does."""
    (event,) = ask(StateFolder(lab.state), {"do": "roll", "zone": zone, "role": role})
    assert len(event["keys"][0]["keys"]) > 1


def is_over(lab: Lab, zone: str, *gone: str) -> bool:
    """Tell whether the keys *gone* are gone, and every other one is known everywhere."""
    now = keys(lab, zone)
    states = {record["state"] for key in now for record in key["records"].values()}
    return states == {"omnipresent"} and not {key["id"] for key in now} & set(gone)


def watch(look: Callable[[], list[str]], over: Callable[[], bool], limit_s: float) -> int:
    """Look until it is over, then once more; return how often it was looked."""
    end, looked, asked = time.monotonic() + limit_s, 0, time.monotonic()
    while True:
        assert look() == []
        looked += 1
        if time.monotonic() - asked > 0.5:
            asked = time.monotonic()
            if over():
                break
        assert time.monotonic() < end, "the rollover did not end"
        time.sleep(0.1)
    assert look() == []
    return looked


def test_unbound_and_delv_find_everything_secure_while_zsk_and_ksk_roll(
    quick_lab: Lab, caching: Resolver, tool: Tool
) -> None:
    server = (f"@{caching.address}", "-p", str(caching.port))
    anchor = ("-a", quick_lab.status["trust_anchor"]["named_conf"], "+root=.")
    looks = count()

    def look() -> list[str]:
        found = insecure(caching, "roll.")
        if next(looks) % 5 == 0:
            # It validates by itself what unbound has in its cache.
            done = tool("delv", *server, *anchor, "www.roll.", "A")
            found += [] if "; fully validated" in done.stdout else [done.stdout + done.stderr]
        return found

    assert look() == []
    roll(quick_lab, "roll.", "zsk")
    roll(quick_lab, "roll.", "ksk")
    looked = watch(look, lambda: is_over(quick_lab, "roll.", "ksk", "zsk"), 40)
    assert looked > 10


def delegation(zone: str) -> set[str]:
    """Return the DS RRset that the root's nameserver publishes."""
    query = dns.message.make_query(zone, "DS")
    answer = dns.query.udp(query, "127.54.0.1", 5)
    return {one.to_text() for rrset in answer.answer for one in rrset}


def test_a_notify_for_cds_makes_the_parent_look_again_at_once(quick_lab: Lab) -> None:
    state = StateFolder(quick_lab.state)
    before = delegation("roll.")
    list(ask(state, {"do": "fault", "fault": "rrsig-expired", "owner": "roll.", "type": "CDS"}))
    roll(quick_lab, "roll.", "ksk")
    list(ask(state, {"do": "fault", "fault": None}))
    time.sleep(1)
    # The parent has seen a bogus CDS RRset, and looks again in 30 seconds.
    assert delegation("roll.") == before
    # RFC 9859 section 4: to the parent's nameserver, about the child.
    message = dns.message.make_query("roll.", RdataType.CDS)
    message.set_opcode(NOTIFY)
    message.flags |= dns.flags.AA
    answer = dns.query.udp(message, "127.54.0.1", 5)
    assert (answer.opcode(), answer.rcode()) == (NOTIFY, Rcode.NOERROR)
    end = time.monotonic() + 5
    while delegation("roll.") == before:
        assert time.monotonic() < end, "the parent did not look"
        time.sleep(0.05)
    assert delegation("roll.") > before


def test_after_kill_9_one_rollover_goes_on_and_the_file_begins_another(
    quick_lab: Lab, zones: Path, tmp_path: Path
) -> None:
    roll(quick_lab, "one.", "csk")
    before = {one["tag"] for one in keys(quick_lab, "one.")}
    quick_lab.process.kill()
    quick_lab.process.communicate(timeout=START_S)
    table = '[zone."roll."]\n'
    changed = HIERARCHY.replace(table, table + 'algorithm = "ED25519"\n')
    (zones / "hierarchy.toml").write_text(changed)
    again = start(tmp_path / "state", "--port", "53", "--zones", str(zones))
    object.__setattr__(quick_lab, "process", again.process)
    after = keys(quick_lab, "one.")
    assert {one["tag"] for one in after} <= before
    assert "csk-2" in {one["id"] for one in after}
    algorithms = {one["algorithm"] for one in keys(quick_lab, "roll.")}
    assert algorithms == {"ECDSAP256SHA256", "ED25519"}
    names = cycle(("www.one.", "www.roll."))

    def look() -> list[str]:
        done = quick_lab.run("validate", next(names))
        return [] if done.returncode == 0 else [done.stdout]

    def over() -> bool:
        return is_over(quick_lab, "one.", "csk") and is_over(quick_lab, "roll.", "ksk", "zsk")

    watch(look, over, 60)
    assert {one["algorithm"] for one in keys(quick_lab, "roll.")} == {"ED25519"}


def test_nobody_rolls_what_is_not_there(lab: Lab) -> None:
    cases = {
        ("roll", "nowhere.", "--role", "ksk"): "no signed zone",
        ("roll", ".", "--role", "ksk"): "trust anchor",
        ("roll", "example.com", "--role", "ksk"): "its roles are csk",
        ("roll", "example.com", "--role", "csk", "--algorithm", "5"): "algorithm 5",
    }
    for words, told in cases.items():
        done = lab.run("keys", *words)
        assert done.returncode in {3, 4}
        assert told in done.stderr
