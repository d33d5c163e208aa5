"""A hostile relay on the way: unbound, led over it, comes to the verdict that ours comes to."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import dns.message
import dns.query
import pytest
from dns.name import from_text
from dns.rdatatype import RdataType

from lab.app.asking import ask
from lab.app.folders import shipped
from lab.app.state import StateFolder
from lab.cli.fault import pair
from lab.core.dialogue import answer_all
from lab.core.errors import TransportError
from lab.core.instant import Instant
from lab.core.question import Question, Response, Server
from lab.validator.anchor import parse_anchors
from lab.validator.resolve import Validation, resolve
from lab.validator.settings import Settings
from tests.e2e.running import Lab, Resolver, Tool, running_unbound, start, stop

STUB = 'stub-zone:\n    name: "{zone}"\n    stub-prime: no\n'
NO_CACHE = "    cache-max-ttl: 0\n    cache-max-negative-ttl: 0\n"

ATTACKS = (
    "eavesdropping",
    "on-path-spoofing name=www.example.fr type=A becomes=192.0.2.66",
    "on-path-spoofing name=www.unsigned.example.fr type=A becomes=192.0.2.66",
    "signatures-stripped name=example.fr type=A",
    "octet-changed name=example.fr type=TXT place=20",
    "keytrap name=www.example.fr type=TXT signatures=60",
    "denial-of-another name=alias.example.fr type=A of=nowhere.example.fr of_type=A",
    "own-key name=www.afnic.fr type=A becomes=192.0.2.66 zone=afnic.fr",
    "own-key name=telecom-sudparis.eu type=A zone=telecom-sudparis.eu becomes=192.0.2.6 shows=key",
    "ds-stripping zone=example.com",
    "algorithm-downgrade zone=lora-alliance.org",
    "truncation name=host.deep.ent.example.fr type=A",
)


STORIES = tuple(sorted(one.stem for one in shipped("scenarios").glob("attack-*.toml")))


class Case(NamedTuple):
    """What is asked, the verdict of both, and the rule by which ours decides."""

    question: str
    status: str
    because: str = ""


CASES = {
    "nobody is on the way": Case("anything.wild.example.fr A", "secure"),
    "forged, in a signed zone": Case("www.example.fr A", "bogus", "rrsig.present"),
    "forged, in an unsigned zone": Case("www.unsigned.example.fr A", "insecure"),
    "signatures taken away": Case("example.fr A", "bogus", "rrsig.present"),
    "one octet changed": Case("example.fr TXT", "bogus", "rrsig.signature"),
    "too much work": Case("www.example.fr TXT", "bogus", "rrsig.effort"),
    "a denial of another name": Case("alias.example.fr A", "bogus", "nsec.name-covered"),
    "a key that nobody shows": Case("www.afnic.fr A", "bogus", "rrsig.dnskey"),
    "a key that nobody vouches for": Case("telecom-sudparis.eu A", "bogus", "ds.matches"),
    "the DS taken away": Case("light_sensor._device.example.com TLSA", "bogus", "nsec.present"),
    "the DS changed": Case("lora-alliance.org SOA", "bogus", "rrsig.signature"),
    "sent to TCP": Case("host.deep.ent.example.fr A", "secure"),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    state = tmp_path_factory.mktemp("attacked") / "state"
    ports = ("--port", "0", "--tls-port", "0", "--dot-port", "0")
    started = start(state, *ports, "--stub", "127.53.0.53")
    yield started
    assert "Traceback" not in stop(started)


def begin(lab: Lab, attack: str) -> dict[str, Any]:
    kind, *given = attack.split()
    parameters = dict(pair(one) for one in given)
    (told,) = ask(StateFolder(lab.state), {**parameters, "do": "attack", "attack": kind})
    return told


@pytest.fixture(scope="module")
def ways(lab: Lab) -> dict[str, tuple[str, int]]:
    """Begin all attacks; return where the relay stands for each nameserver."""
    *_, told = (begin(lab, attack) for attack in ATTACKS)
    places = {one: way.split(":") for one, way in told["ways"].items()}
    return {one: (host, int(port)) for one, (host, port) in places.items()}


@pytest.fixture(scope="module")
def unbound(
    lab: Lab, ways: dict[str, tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Resolver]:
    """Run unbound, led over the relay to each nameserver."""
    stubs = []
    for zone in lab.status["zones"]:
        addresses = [ways[one["address"]] for one in zone["nameservers"]]
        lines = [f"    stub-addr: {host}@{port}\n" for host, port in addresses]
        stubs.append(STUB.format(zone=zone["name"]) + "".join(lines))
    folder = tmp_path_factory.mktemp("unbound")
    with running_unbound(lab, folder, NO_CACHE + "".join(stubs)) as resolver:
        yield resolver


def ours(lab: Lab, ways: dict[str, tuple[str, int]], question: str) -> Validation:
    def asking(asked: Question) -> Response:
        query = dns.message.make_query(asked.qname, asked.rdtype, want_dnssec=True)
        host, port = ways[asked.server.address]
        try:
            answer, _ = dns.query.udp_with_fallback(query, host, 5, port)
        except dns.exception.Timeout as error:
            raise TransportError("no answer") from error
        return Response(answer, asked.server)

    anchors = Path(lab.status["trust_anchor"]["ds"]).read_text(encoding="utf-8")
    hints = tuple(
        Server(from_text(one["name"]), one["address"]) for one in lab.status["root_servers"]
    )
    settings = Settings(hints, parse_anchors(anchors, "anchor"))
    name, rdtype = question.split()
    now = Instant(lab.status["clock"]["now"] + 60)
    dialogue = resolve(from_text(name), RdataType.from_text(rdtype), settings, now)
    return answer_all(dialogue, asking).result


def judged(tool: Tool, unbound: Resolver, question: str) -> str:
    server = ("-p", str(unbound.port), f"@{unbound.address}")
    output = str(tool("dig", *server, *question.split(), "+dnssec", "+timeout=8").stdout)
    if "status: SERVFAIL" in output:
        return "bogus"
    flags = re.search(r";; flags: ([a-z ]+);", output)
    assert flags is not None, output
    return "secure" if "ad" in flags[1].split() else "insecure"


def test_unbound_and_ours_come_to_the_same_verdict_under_attack(
    tool: Tool, lab: Lab, ways: dict[str, tuple[str, int]], unbound: Resolver
) -> None:
    # What denies it is recorded by the relay, for the denial of another name.
    assert ours(lab, ways, "nowhere.example.fr A").status.value == "secure"
    for name, case in CASES.items():
        validation = ours(lab, ways, case.question)
        assert validation.status.value == case.status, name
        reasons = {one.rule.id for one in validation.report.reasons()}
        assert not case.because or case.because in reasons, (name, reasons)
        assert judged(tool, unbound, case.question) == case.status, name


def test_the_lab_s_own_commands_and_resolver_are_led_over_the_relay(
    tool: Tool, lab: Lab, ways: dict[str, tuple[str, int]]
) -> None:
    assert ways
    assert lab.run("validate", "www.example.fr.").returncode == 11
    stub = Resolver(lab.status["resolver"]["address"], lab.status["resolver"]["port"])
    assert judged(tool, stub, "www.example.fr A") == "bogus"
    assert judged(tool, stub, "www.unsigned.example.fr A") == "insecure"
    assert judged(tool, stub, "anything.wild.example.fr A") == "secure"


def test_a_replay_convinces_unbound_and_ours_until_its_end(
    tool: Tool, lab: Lab, ways: dict[str, tuple[str, int]], unbound: Resolver
) -> None:
    question = "dangling.example.fr CNAME"
    before = ours(lab, ways, question)
    done = lab.run("record", "remove", "dangling.example.fr.", "CNAME")
    assert done.returncode == 0, done.stdout + done.stderr
    begin(lab, "replay name=dangling.example.fr type=CNAME")
    assert ours(lab, ways, question).status == before.status
    assert judged(tool, unbound, question) == "secure"


def test_the_stories_of_attacks_go_as_they_say_and_nobody_stays_on_the_way(own_lab: Lab) -> None:
    own_lab.run("attack", "begin", "eavesdropping")
    assert "no attack: 0 responses came by" in own_lab.run("attack", "end").stdout
    # Two by two, for the sake of busy machines.
    for first, second in zip(STORIES[::2], STORIES[1::2], strict=True):
        played = own_lab.run("run", first, second)
        assert played.returncode == 0, played.stdout
        assert "2 of 2 scenarios as expected" in played.stdout
    assert "nobody was on the way" in own_lab.run("attack", "end").stdout


def test_strangers_before_tls_are_met_by_the_lab_s_own_commands(own_lab: Lab) -> None:
    servers = ("ns1.afnic.fr", "ns2.afnic.fr")
    blocked = [begin(own_lab, f"tls-blocked server={one}") for one in servers]
    assert len(blocked[-1]["attacks"]) == 2
    # In clear, or not at all.
    assert own_lab.run("validate", "www.afnic.fr", "--tls", "opportunistic").returncode == 0
    assert own_lab.run("validate", "www.afnic.fr", "--tls", "strict").returncode == 12
    service = f"js.afnic.fr:{own_lab.tls('afnic.js')['port']}"
    assert own_lab.run("connect", "--dane", service).returncode == 0
    begin(own_lab, "tls-impersonation server=js.afnic.fr")
    refused = own_lab.run("connect", "--dane", service)
    assert refused.returncode == 13
    assert "none of which matches" in refused.stdout
    own_lab.run("attack", "end")
    assert own_lab.run("connect", "--dane", service).returncode == 0
