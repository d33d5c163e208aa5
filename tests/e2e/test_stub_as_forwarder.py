"""Our stub as the forwarder of other people's validators (RFC 4035 section 3.2).

They judge what it passes on: with CD it must hand out bogus data, too, and with DO every RRSIG,
DS and proof that a validator behind it needs.
"""

from collections.abc import Iterator

import pytest

from tests.e2e.running import Lab, Resolver, Tool, running_unbound
from tests.e2e.test_resolvers import NEGATIVE, POSITIVE, WILDCARD_NODATA

DENIED = [*NEGATIVE, *WILDCARD_NODATA, "nowhere.nsec3.lessons.fr A", "www.example.fr DS"]
INSECURE = ["www.unsigned.example.fr A", "nowhere.unsigned.example.fr A"]


@pytest.fixture(scope="module")
def behind(stub: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resolver]:
    """An unbound that validates itself, and can ask nobody but our stub."""
    where = stub.status["resolver"]
    more = f'forward-zone:\n    name: "."\n    forward-addr: {where["address"]}@{where["port"]}\n'
    with running_unbound(stub, tmp_path_factory.mktemp("behind"), more) as resolver:
        yield resolver


@pytest.fixture(scope="module")
def ours(stub: Lab) -> Resolver:
    """Our stub itself."""
    return Resolver(**stub.status["resolver"])


def server(resolver: Resolver) -> tuple[str, ...]:
    return f"@{resolver.address}", "-p", str(resolver.port)


def dig(tool: Tool, resolver: Resolver, question: str, *words: str) -> str:
    patient = ("+tries=1", "+timeout=25")
    return str(tool("dig", *server(resolver), *patient, *question.split(), *words).stdout)


def flags(output: str) -> list[str]:
    return output.partition(";; flags:")[2].partition(";")[0].split()


@pytest.mark.parametrize("question", [*POSITIVE, *DENIED])
def test_unbound_proves_what_our_stub_gives_it(tool: Tool, behind: Resolver, question: str) -> None:
    output = dig(tool, behind, question)
    assert "SERVFAIL" not in output
    assert "ad" in flags(output), output
    assert ("ANSWER: 0" in output) is (question in DENIED)


@pytest.mark.parametrize("question", INSECURE)
def test_unbound_finds_insecure_what_is_not_signed(
    tool: Tool, behind: Resolver, question: str
) -> None:
    output = dig(tool, behind, question)
    assert "SERVFAIL" not in output
    assert "ad" not in flags(output)


# Names of which unbound has nothing in its cache. Two days, as it allows clocks to be wrong.
FAULTS = {
    "www.afnic.fr A": ("6", "rrsig-tampered", "owner=www.afnic.fr.", "type=A"),
    "as.afnic.fr A": ("7", "rrsig-expired", "owner=as.afnic.fr.", "type=A", "ago=2d"),
    "js.telecom-sudparis.eu A": (
        *("10", "rrsig-missing", "owner=js.telecom-sudparis.eu.", "type=A"),
    ),
}


@pytest.mark.parametrize("question", FAULTS)
def test_unbound_sees_for_itself_what_is_bogus(
    tool: Tool, stub: Lab, behind: Resolver, question: str
) -> None:
    code, *fault = FAULTS[question]
    broken = stub.run("fault", *fault)
    stub.run("flush")
    assert broken.returncode == 0, broken.stderr
    try:
        refused, unchecked = dig(tool, behind, question), dig(tool, behind, question, "+cd")
    finally:
        stub.run("fault", "--clear")
        stub.run("flush")
    assert "status: SERVFAIL" in refused
    # That unbound names the reason shows that it had the data, and not our stub's refusal.
    assert f"EDE: {code}" in refused
    assert "status: NOERROR" in unchecked
    assert "ANSWER: 1," in unchecked


@pytest.mark.parametrize("question", [*POSITIVE, *DENIED])
def test_delv_validates_what_our_stub_gives_it(
    tool: Tool, stub: Lab, ours: Resolver, question: str
) -> None:
    anchor = ("-a", stub.status["trust_anchor"]["named_conf"], "+root=.")
    done = tool("delv", *server(ours), *anchor, *question.split())
    negative = "negative response, " if question in DENIED else ""
    assert f"; {negative}fully validated" in done.stdout + done.stderr


def test_drill_chases_signatures_through_our_stub(tool: Tool, stub: Lab, ours: Resolver) -> None:
    chase = ("-S", "-k", stub.status["trust_anchor"]["dnskey"], "-o", "CD")
    done = tool("drill", *chase, *server(ours), "www.example.fr", "A")
    assert "Chase successful" in done.stdout, done.stdout + done.stderr


def test_drill_and_kdig_see_the_signatures_only_if_they_ask(tool: Tool, ours: Resolver) -> None:
    where = server(ours)
    assert "RRSIG" in tool("drill", "-D", *where, "www.example.fr").stdout
    assert "RRSIG" in tool("kdig", *where, "+dnssec", "www.example.fr").stdout
    plain = tool("kdig", *where, "+adflag", "www.example.fr").stdout
    assert "RRSIG" not in plain
    assert "Flags: qr rd ra ad;" in plain
