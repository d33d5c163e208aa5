"""One seed and a frozen clock: two labs say the same, octet for octet; and time travel is told."""

import json
import re
import socket
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.query
import pytest

from lab.app.asking import ask
from lab.app.state import StateFolder
from tests.e2e.running import Lab, free_port, start, stop

# ML-DSA signs with chance from the library (FIPS 204 section 3.4): algorithm 18.
HEDGED = re.compile(r".* RRSIG \S+ 18 .*\n")
ASKED = (
    ("example.fr.", "www.example.fr.", "A"),
    ("example.fr.", "nope.example.fr.", "TXT"),
    ("fr.", "fr.", "DNSKEY"),
    ("fr.", "fr.", "NS"),
    (".", "com.", "DS"),
)
SCENARIOS = ("key-rollover",)


@dataclass(frozen=True)
class Said:
    """Hold what one lab said."""

    zones: dict[str, str]
    answers: tuple[bytes, ...]
    stories: tuple[str, ...]
    warned: str
    journey: str
    reset: str


def hear(folder: Path, ports: tuple[int, ...], seed: str) -> Said:
    # Owner names of TLSA records carry ports.
    wanted = zip(("--port", "--tls-port", "--dot-port"), map(str, ports), strict=True)
    options = [word for pair in wanted for word in pair]
    when = ("--frozen-at", "2026-12-24T18:00:00Z", "--seed", seed)
    lab = start(folder, *options, *when)
    try:
        zones = {
            zone["name"]: HEDGED.sub("", event["zone"])
            for zone in lab.status["zones"]
            for event in ask(StateFolder(lab.state), {"do": "zone", "name": zone["name"]})
        }
        return Said(
            zones,
            tuple(answer(lab, *one) for one in ASKED),
            tuple(lab.run("run", one, "--json", "--full").stdout for one in SCENARIOS),
            lab.errors.read_text(),
            journey(lab),
            lab.run("clock", "reset").stdout.splitlines()[0],
        )
    finally:
        stop(lab)


def journey(lab: Lab) -> str:
    """Travel, and return what is told, but for how far the real time is."""
    told = json.loads(lab.run("clock", "advance", "30d", "--json").stdout)
    del told["clock"]["real"], told["clock"]["ahead"]
    return json.dumps(told)


def answer(lab: Lab, apex: str, qname: str, rdtype: str) -> bytes:
    query = dns.message.make_query(qname, rdtype, id=1, want_dnssec=True, use_edns=0)
    with socket.create_connection((lab.address(apex), lab.port), timeout=5) as connection:
        dns.query.send_tcp(connection, query)
        size = int.from_bytes(connection.recv(2), "big")
        return connection.recv(size, socket.MSG_WAITALL)


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Said]:
    ports = tuple(free_port() for _ in range(3))
    folders = (tmp_path_factory.mktemp(one) / "state" for one in ("first", "again"))
    first, again = (hear(folder, ports, "lesson 1") for folder in folders)
    return first, again


def test_every_rrset_of_every_zone_is_the_same(heard: tuple[Said, Said]) -> None:
    first, again = heard
    assert len(first.zones) > 20
    assert "RRSIG" in first.zones["example.fr."]
    for apex, text in first.zones.items():
        assert text == again.zones[apex], apex


def test_answers_are_the_same_octets(heard: tuple[Said, Said]) -> None:
    first, again = heard
    assert first.answers == again.answers


def test_stories_are_told_in_the_same_words(heard: tuple[Said, Said]) -> None:
    first, again = heard
    assert all(json.loads(one)["as_expected"] for one in first.stories)
    assert first.stories == again.stories


def test_keys_of_a_seed_are_called_no_secrets(heard: tuple[Said, Said]) -> None:
    assert all("NO SECRETS" in one.warned for one in heard)


def test_a_journey_is_told_the_same_and_a_reset_leads_back(heard: tuple[Said, Said]) -> None:
    first, again = heard
    assert first.journey == again.journey
    told = json.loads(first.journey)
    assert told["clock"]["frozen"]
    assert told["journey"]["until"] - told["journey"]["since"] == 30 * 86400
    assert {one["change"] for one in told["journey"]["moments"]} == {"renewed", "expired"}
    assert first.reset.rstrip().endswith("the real time")
