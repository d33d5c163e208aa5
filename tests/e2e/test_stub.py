"""The stub from outside: its explanations, its files, its address."""

import doctest
import json
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

import lab.api as lab_api
from tests.e2e.running import Lab, Resolver, Tool, command, running_stub


def test_json_follows_the_schema_that_the_command_prints(lab: Lab) -> None:
    schema = json.loads(command("validate", "--json-schema").stdout)
    document = json.loads(lab.run("validate", "cross.example.fr", "--json").stdout)
    jsonschema.validate(document, schema)
    assert [link["zone"] for link in document["chain"]][:2] == [".", "fr."]


def test_a_walk_can_be_kept_and_gone_again_without_the_lab(lab: Lab, tmp_path: Path) -> None:
    kept = tmp_path / "walk.jsonl"
    first = lab.run("validate", "www.example.fr", "--json", "--record", str(kept))
    again = command("validate", "--replay", str(kept), "--json", "--state", str(tmp_path / "none"))
    assert again.stdout == first.stdout
    assert again.returncode == first.returncode == 0


def test_a_file_that_is_no_walk_is_one_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "walk.jsonl"
    wrong.write_text("www.example.fr\n")
    done = command("validate", "--replay", str(wrong))
    assert done.returncode == 3
    assert done.stderr.startswith(f"lab: {wrong}:1: this line is not JSON")
    assert len(done.stderr.splitlines()) == 1


def dig(tool: Tool, stub: Lab, *words: str) -> str:
    where = stub.status["resolver"]
    return str(tool("dig", f"@{where['address']}", "-p", str(where["port"]), *words).stdout)


def head(output: str) -> str:
    return output.partition(";; flags:")[2].partition(";")[0]


@pytest.mark.parametrize(
    ("question", "secure"),
    [
        ("www.example.fr A", True),
        ("nowhere.example.fr A", True),
        ("www.unsigned.example.fr A", False),
    ],
)
def test_dig_sees_ad_where_all_is_signed(
    tool: Tool,
    stub: Lab,
    question: str,
    secure: bool,  # noqa: FBT001 a table
) -> None:
    assert (" ad" in head(dig(tool, stub, *question.split()))) is secure


def test_dig_finds_addresses_as_getaddrinfo_would(tool: Tool, stub: Lab) -> None:
    assert dig(tool, stub, "+short", "www.example.fr") == "192.0.2.80\n"
    assert dig(tool, stub, "+short", "localhost") == "127.0.0.1\n"
    assert dig(tool, stub, "+short", "+tcp", "+noedns", "www.example.fr") == "192.0.2.80\n"


def test_what_is_bogus_is_servfail_with_a_reason_unless_cd_is_set(tool: Tool, stub: Lab) -> None:
    stub.run("fault", "rrsig-expired", "owner=www.afnic.fr.", "type=A")
    try:
        refused = dig(tool, stub, "www.afnic.fr")
        unchecked = dig(tool, stub, "www.afnic.fr", "+cd", "+dnssec")
    finally:
        stub.run("fault", "--clear")
        stub.run("flush")
    assert "status: SERVFAIL" in refused
    assert "EDE: 7 (Signature Expired)" in refused
    assert "status: NOERROR" in unchecked
    assert " cd" in head(unchecked)
    assert " ad" not in head(unchecked)
    assert " ad" in head(dig(tool, stub, "www.afnic.fr"))


def asked(stub: Lab) -> int:
    """Return how many queries the nameservers have had."""
    return int(json.loads(stub.run("stats", "--json").stdout)["queries"])


def ttl(output: str) -> int:
    """Return the TTL of the first record of the answer section."""
    return int(output.partition(";; ANSWER SECTION:\n")[2].split()[1])


def test_the_second_question_costs_no_packet_and_has_less_time(tool: Tool, stub: Lab) -> None:
    stub.run("flush")
    first = dig(tool, stub, "cross.example.fr")
    before = asked(stub)
    time.sleep(1.1)
    second = dig(tool, stub, "cross.example.fr")
    assert asked(stub) == before
    assert " ad" in head(first)
    assert " ad" in head(second)
    assert 0 < ttl(second) < ttl(first)


def test_what_has_expired_is_asked_for_anew(tool: Tool, stub: Lab) -> None:
    added = stub.run("record", "add", "example.fr.", "brief 1 A 192.0.2.9")
    assert added.returncode == 0, added.stderr
    answers = [dig(tool, stub, "brief.example.fr")]
    before = asked(stub)
    time.sleep(1.1)
    answers.append(dig(tool, stub, "brief.example.fr"))
    # The zones above are still known.
    assert asked(stub) == before + 1
    assert [" ad" in head(one) for one in answers] == [True, True]


def test_a_resolver_may_be_told_to_keep_nothing(tool: Tool, lab: Lab) -> None:
    with running_stub(lab, "--no-cache") as where:
        words = (f"@{where.address}", "-p", str(where.port), "www.example.fr")
        tool("dig", *words)
        before = asked(lab)
        tool("dig", *words)
        assert asked(lab) - before > 3


def test_a_lab_without_a_resolver_has_nothing_to_forget(lab: Lab) -> None:
    done = lab.run("flush")
    assert done.stderr == "lab: this lab has no resolver with a cache: start it with --stub\n"
    assert done.returncode == 4


def test_graphviz_reads_the_dot_and_a_browser_could_read_the_svg(
    tool: Tool, lab: Lab, tmp_path: Path
) -> None:
    picture, text = tmp_path / "chain.svg", tmp_path / "chain.dot"
    done = lab.run("validate", "cross.example.fr", "--svg", str(picture), "--dot", str(text))
    assert done.returncode == 0
    assert picture.read_text().startswith("<svg ")
    assert "DS telecom-sudparis.eu." in picture.read_text()
    assert "<svg" in tool("dot", "-Tsvg", str(text), check=True).stdout


def test_the_example_of_the_library_is_true(lab: Lab) -> None:
    names = {
        "ANCHOR": Path(lab.status["trust_anchor"]["ds"]),
        "HINTS": Path(lab.status["root_hints"]),
        "PORT": lab.port,
    }
    outcome = doctest.testmod(lab_api, extraglobs=names)
    assert outcome.attempted > 3
    assert outcome.failed == 0


def anchor_xml(lab: Lab) -> str:
    """Return the anchor of the lab as IANA would publish it."""
    fields = Path(lab.status["trust_anchor"]["ds"]).read_text().split()
    tag, algorithm, digest_type, digest = fields[4:8]
    return (
        '<TrustAnchor id="x" source="y"><Zone>.</Zone><KeyDigest id="a" '
        f'validFrom="2020-01-01T00:00:00+00:00"><KeyTag>{tag}</KeyTag>'
        f"<Algorithm>{algorithm}</Algorithm><DigestType>{digest_type}</DigestType>"
        f"<Digest>{digest}</Digest></KeyDigest></TrustAnchor>"
    )


WITH_TWISTED = """
import sys
from pathlib import Path
from twisted.internet.defer import Deferred
from twisted.internet.task import react
from lab import resolve_with

async def main(reactor, anchor, hints, port):
    answer = await resolve_with(
        reactor, "nowhere.example.fr", "A",
        anchor=Path(anchor), hints=Path(hints), port=int(port),
    )
    print(answer.status.value, answer.validation.rcode, answer.rdatas)

react(lambda reactor: Deferred.fromCoroutine(main(reactor, *sys.argv[1:])))
"""


def test_the_library_works_on_a_reactor_of_somebody_else(lab: Lab) -> None:
    files = (lab.status["trust_anchor"]["ds"], lab.status["root_hints"])
    done = subprocess.run(
        [sys.executable, "-c", WITH_TWISTED, *files, str(lab.port)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "secure 3 ()\n", done.stderr


def test_the_stub_works_without_the_lab_by_files_of_anchors_and_hints(
    lab: Lab, tmp_path: Path
) -> None:
    file = tmp_path / "root-anchors.xml"
    file.write_text(anchor_xml(lab))
    outside = ("--internet", "--anchor", str(file), "--hints", lab.status["root_hints"])
    done = command("validate", "www.example.fr", *outside, "--port", str(lab.port), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "secure"


def test_a_resolver_can_be_added_to_a_running_lab(tool: Tool, lab: Lab) -> None:
    with running_stub(lab) as where:
        words = (f"@{where.address}", "-p", str(where.port), "www.example.fr")
        assert " ad" in head(tool("dig", *words).stdout)


FORWARDED = {
    "www.example.fr": "secure",
    "cross.example.fr": "secure",
    "nowhere.example.fr": "secure",
    "www.unsigned.example.fr": "insecure",
}


@pytest.mark.parametrize("name", FORWARDED)
def test_a_recursive_resolver_may_find_what_the_stub_judges(
    lab_53: Lab, unbound: Resolver, name: str
) -> None:
    forward = f"{unbound.address}:{unbound.port}"
    done = lab_53.run("validate", name, "--forward", forward, "--json")
    assert json.loads(done.stdout)["status"] == FORWARDED[name], done.stderr


def test_our_own_resolver_can_be_asked_by_another_of_ours(stub: Lab) -> None:
    where = stub.status["resolver"]
    forward = f"{where['address']}:{where['port']}"
    done = stub.run("validate", "nowhere.example.fr", "--forward", forward, "--depth", "line")
    assert done.stdout == "nowhere.example.fr. A: secure: nxdomain\n"
