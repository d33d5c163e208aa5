"""Every zone that is broken on purpose: five validators say what faults.toml and verdicts.toml say.

zones/FAULTS.md is made of these two files; so this test is what its table rests on.
"""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.world.verdicts import Who
from tests.e2e.running import Lab, Tool
from tests.e2e.specimens import (
    JUDGED,
    SPECIMENS,
    VERDICTS,
    Court,
    Told,
    expected,
    judgement_of_delv,
    running_court,
    told_by,
    told_by_delv,
)

# How many questions at a time: one process answers them all, and some resolvers give it little
# time before they think that it is dead.
AT_ONCE = {Who.UNBOUND: 4, Who.KRESD: 3, Who.PDNS: 6}


@pytest.fixture(scope="module")
def court(lab_53: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with running_court(lab_53, tmp_path_factory.mktemp("court")) as running:
        yield running


@pytest.fixture(scope="module")
def by_stub(court: Court) -> Told:
    # One process resolves and another one signs: more at once would only wait.
    return told_by(None, court.stub, at_once=3)


@pytest.fixture(scope="module")
def by_others(court: Court, by_stub: Told) -> Mapping[Who, Told]:
    # What was signed for one need not be signed for the others.
    del by_stub
    with ThreadPoolExecutor() as pool:
        told = {
            who: pool.submit(told_by, who, resolver, AT_ONCE[who])
            for who, resolver in court.others.items()
        }
        return {who: one.result() for who, one in told.items()}


@pytest.fixture(scope="module")
def by_delv(tool: Tool, court: Court, by_others: Mapping[Who, Told]) -> Mapping[str, str]:
    # Unbound is asked for its own verdict first: of what delv (CD) had it fetch it says less.
    del by_others
    return told_by_delv(tool, court, at_once=8)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SPECIMENS)
def test_our_stub_tells_verdict_and_reason(by_stub: Told, name: str) -> None:
    assert str(by_stub[name]) == str(SPECIMENS[name].expected)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("who", AT_ONCE)
@pytest.mark.parametrize("name", SPECIMENS)
def test_others_tell_the_same_or_what_is_listed(
    by_others: Mapping[Who, Told], who: Who, name: str
) -> None:
    assert str(by_others[who][name]) == str(expected(who, SPECIMENS[name]))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", JUDGED)
def test_delv_comes_to_the_same_verdict_or_to_what_is_listed(
    by_delv: Mapping[str, str], name: str
) -> None:
    wanted = expected(Who.DELV, SPECIMENS[name]).status
    assert judgement_of_delv(by_delv[name]) is wanted, by_delv[name]


@pytest.mark.parametrize("difference", VERDICTS.differences, ids=lambda one: one.who.value)
def test_each_difference_names_the_text_that_decides(difference: object) -> None:
    why = str(getattr(difference, "why", ""))
    assert why.startswith("RFC ") or "registry" in why or "no code" in why


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


def test_one_of_two_servers_of_a_zone_may_be_wrong(lab_53: Lab, tool: Tool) -> None:
    set_now = lab_53.run(
        "fault",
        *("inject", "rrsig-missing", "owner=ns1.lessons.fr.", "type=A", "server=ns2.lessons.fr"),
    )
    try:
        by_both = [
            tool("dig", f"@{address}", "ns1.lessons.fr", "A", "+dnssec", "+short").stdout
            for address in ("127.53.50.1", "127.53.50.2")
        ]
        active = lab_53.run("fault", "active", "--json")
    finally:
        cleared = lab_53.run("fault", "clear", "rrsig-missing")
    told = "rrsig-missing on ns1.lessons.fr. A at ns2.lessons.fr. (127.53.50.2)"
    assert set_now.stdout == f"{told}\n", set_now.stderr
    assert [len(answer.splitlines()) for answer in by_both] == [2, 1]
    assert [one["fault"] for one in json.loads(active.stdout)] == [told]
    assert cleared.stdout == "no fault acts\n"
