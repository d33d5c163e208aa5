"""Every zone that is broken on purpose: our stub, Unbound and delv say what faults.toml says."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dns.edns
import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest
from dns.flags import Flag
from dns.rdatatype import RdataType

from lab.app.folders import read_tree
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.world.specimens import Expectation, Specimen
from tests.e2e.running import (
    Lab,
    Resolver,
    Tool,
    from_the_root,
    running_stub,
    running_unbound,
)

SPECIMENS = {one.name: one for one in read_tree(Path(__file__).parents[2] / "zones").specimens}
JUDGED = {
    name: one
    for name, one in SPECIMENS.items()
    if SecurityStatus.INDETERMINATE not in {one.expected.status, one.unbound.status}
}
AT_ONCE = 4
ATTEMPTS = 3
PATIENCE_S = 3.0
# What delv says where an answer came too late.
BUSY = ("timed out", "hung fetch")

Told = Mapping[str, Expectation]


@pytest.fixture(scope="module")
def stub(lab_53: Lab) -> Iterator[Resolver]:
    with running_stub(lab_53) as resolver:
        yield resolver


@pytest.fixture(scope="module")
def caching_unbound(lab_53: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resolver]:
    """Unbound that keeps what it has found: a specimen never changes."""
    folder = tmp_path_factory.mktemp("caching-unbound")
    with running_unbound(lab_53, folder, from_the_root(lab_53, max_ttl=3600)) as resolver:
        yield resolver


def answer(specimen: Specimen, resolver: Resolver) -> Expectation:
    """Return what a validating resolver tells its clients of a specimen."""
    query = dns.message.make_query(specimen.qname, specimen.rdtype, want_dnssec=True)
    # Who never gets an answer has found it out when asked once; a busy machine is asked again.
    for _ in range(ATTEMPTS if patience(specimen) > PATIENCE_S else 1):
        try:
            told = dns.query.udp(query, resolver.address, patience(specimen), resolver.port)
            break
        except dns.exception.Timeout:
            continue
    else:
        return Expectation(SecurityStatus.INDETERMINATE, ())
    codes = sorted(int(one.code) for one in told.options if isinstance(one, dns.edns.EDEOption))
    return Expectation(status(told, specimen), tuple(Ede(one) for one in codes))


def patience(specimen: Specimen) -> float:
    """Return how long to wait, seconds: Unbound asks nameservers that are silent for a minute."""
    unknown = SecurityStatus.INDETERMINATE in {specimen.expected.status, specimen.unbound.status}
    return PATIENCE_S if unknown else 10 * PATIENCE_S


def status(told: dns.message.Message, specimen: Specimen) -> SecurityStatus:
    if told.rcode() == dns.rcode.SERVFAIL:
        # A resolver does not tell its clients one from the other but by EDE.
        unknown = specimen.expected.status is SecurityStatus.INDETERMINATE
        return SecurityStatus.INDETERMINATE if unknown else SecurityStatus.BOGUS
    return SecurityStatus.SECURE if told.flags & Flag.AD else SecurityStatus.INSECURE


def all_of(ask: Callable[[Specimen], Expectation], at_once: int = AT_ONCE) -> Told:
    with ThreadPoolExecutor(at_once) as pool:
        return dict(zip(SPECIMENS, pool.map(ask, SPECIMENS.values()), strict=True))


@pytest.fixture(scope="module")
def by_stub(stub: Resolver) -> Told:
    # One process resolves and another one signs: more at once would only wait.
    return all_of(lambda specimen: patiently(specimen, stub), at_once=2)


def patiently(specimen: Specimen, stub: Resolver) -> Expectation:
    """Return the answer of our stub, which gives a nameserver little time; CI may be busy."""
    told = answer(specimen, stub)
    for _ in range(1, ATTEMPTS):
        if Ede.NO_REACHABLE_AUTHORITY in told.ede and specimen in JUDGED.values():
            told = answer(specimen, stub)
    return told


@pytest.fixture(scope="module")
def by_unbound(caching_unbound: Resolver) -> Told:
    return all_of(lambda specimen: answer(specimen, caching_unbound))


@pytest.fixture(scope="module")
def by_delv(
    tool: Tool, lab_53: Lab, caching_unbound: Resolver, by_unbound: Told
) -> Mapping[str, str]:
    # Unbound is asked for its own verdict first: of what delv (CD) had it fetch it says less.
    del by_unbound
    where = ("-p", str(caching_unbound.port), f"@{caching_unbound.address}")
    anchor = ("-a", lab_53.status["trust_anchor"]["named_conf"], "+root=.")

    def ask(specimen: Specimen) -> str:
        question = (str(specimen.qname), RdataType.to_text(specimen.rdtype))
        said = BUSY[0]
        for _ in range(ATTEMPTS):
            if any(words in said for words in BUSY):
                done = tool("delv", *where, *anchor, *question)
                said = str(done.stdout + done.stderr)
        return said

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(JUDGED, pool.map(ask, JUDGED.values()), strict=True))


@pytest.mark.parametrize("name", SPECIMENS)
def test_our_stub_tells_verdict_and_reason(by_stub: Told, name: str) -> None:
    assert str(by_stub[name]) == str(SPECIMENS[name].expected)


@pytest.mark.parametrize("name", SPECIMENS)
def test_unbound_tells_the_same_or_what_the_table_says(by_unbound: Told, name: str) -> None:
    assert str(by_unbound[name]) == str(SPECIMENS[name].unbound)


# What depends on an Opt-Out span BIND calls validated, and leaves out AD (RFC 5155 section 9.2).
BY_BIND = {
    "optout-span": SecurityStatus.SECURE,
    "nsec3-false-opt-out": SecurityStatus.SECURE,
    # RFC 9905 section 2, as Unbound.
    "rsasha1": SecurityStatus.SECURE,
    "rsasha1-nsec3-sha1": SecurityStatus.SECURE,
}
# In an alias chain each part has its line; the worst is that of the whole.
VERDICTS = {
    "unsigned answer": SecurityStatus.INSECURE,
    "fully validated": SecurityStatus.SECURE,
    "resolution failed": SecurityStatus.BOGUS,
}


@pytest.mark.parametrize("name", JUDGED)
def test_delv_comes_to_the_same_verdict(by_delv: Mapping[str, str], name: str) -> None:
    said = next((status for words, status in VERDICTS.items() if words in by_delv[name]), None)
    assert said is BY_BIND.get(name, SPECIMENS[name].expected.status), by_delv[name]


@pytest.mark.parametrize("name", SPECIMENS)
def test_where_unbound_differs_the_table_says_why(name: str) -> None:
    specimen = SPECIMENS[name]
    assert bool(specimen.why) == (specimen.unbound != specimen.expected)


def test_a_fault_may_be_set_on_a_whole_zone_of_the_running_lab(lab_53: Lab) -> None:
    set_now = lab_53.run("fault", "denial-missing", "zone=afnic.fr.")
    try:
        denied = lab_53.run("validate", "nowhere.afnic.fr", "--json")
        found = lab_53.run("validate", "www.afnic.fr", "--json")
    finally:
        lab_53.run("fault", "--clear")
    assert set_now.stdout == "denial-missing in afnic.fr.\n", set_now.stderr
    told = json.loads(denied.stdout)
    assert (told["status"], [one["code"] for one in told["ede"]]) == ("bogus", [12])
    assert json.loads(found.stdout)["status"] == "secure"
