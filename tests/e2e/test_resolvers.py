"""Validators of other people walk our tree: unbound from root hints, delv and drill behind it."""

import pytest

from tests.e2e.running import Lab, Resolver, Tool

MAKER = "0.1.e.5.0.0.0.0._device.telecom-sudparis.eu"
NEGATIVE = [
    "nowhere.example.fr A",
    "www.example.fr AAAA",
    "deep.ent.example.fr A",
    f"9.9.9.1.0.0.0.0.{MAKER} TLSA",
    "2.0.0.1.0.0.0.0.0.1.e.5.1.0.0.0._device.telecom-sudparis.eu TLSA",
]
POSITIVE = [
    ". SOA",
    "www.example.fr A",
    "alias.example.fr A",
    "cross.example.fr A",
    "anything.wild.example.fr TXT",
    "host.deep.ent.example.fr A",
    "www.telecom-sudparis.eu A",
    "light_sensor._device.example.com TLSA",
    "f.2.0.0.0.0.0.0.0.1.e.5.0.0.0.0.joineuis.lora-alliance.org A",
    "_ns-client.ns.afnic.fr TLSA",
    f"2.0.0.1.0.0.0.0.{MAKER} TLSA",
    f"{MAKER} DS",
]
WILDCARD_NODATA = ["anything.wild.example.fr MX"]


def resolved(tool: Tool, unbound: Resolver, question: str, *words: str) -> str:
    server = ("-p", str(unbound.port), f"@{unbound.address}")
    return str(tool("dig", *server, *question.split(), "+dnssec", *words, check=True).stdout)


@pytest.mark.parametrize("question", POSITIVE)
def test_unbound_finds_signed_names_secure(tool: Tool, unbound: Resolver, question: str) -> None:
    output = resolved(tool, unbound, question)
    assert "status: NOERROR" in output
    assert " ad" in output.split(";; flags:")[1].split(";")[0]
    assert "ANSWER: 0" not in output


@pytest.mark.parametrize("question", NEGATIVE + WILDCARD_NODATA)
def test_unbound_finds_denials_secure(tool: Tool, unbound: Resolver, question: str) -> None:
    output = resolved(tool, unbound, question)
    assert " ad" in output.split(";; flags:")[1].split(";")[0]
    assert "ANSWER: 0" in output


def test_unbound_gives_no_ad_below_the_insecure_delegation(tool: Tool, unbound: Resolver) -> None:
    output = resolved(tool, unbound, "www.unsigned.example.fr A")
    assert "192.0.2.99" in output
    assert " ad" not in output.split(";; flags:")[1].split(";")[0]


def test_unbound_refuses_a_tampered_signature(tool: Tool, lab_53: Lab, unbound: Resolver) -> None:
    name = "www.afnic.fr."
    broken = lab_53.run("fault", "rrsig-tampered", f"owner={name}", "type=A")
    assert broken.returncode == 0, broken.stderr
    try:
        output = resolved(tool, unbound, f"{name} A")
        ours = lab_53.run("validate", name)
    finally:
        lab_53.run("fault", "--clear")
    assert "status: SERVFAIL" in output
    assert "EDE: 6" in output
    assert ours.returncode == 11


def delv(tool: Tool, lab_53: Lab, unbound: Resolver, question: str) -> str:
    server = ("-p", str(unbound.port), f"@{unbound.address}")
    anchor = ("-a", lab_53.status["trust_anchor"]["named_conf"], "+root=.")
    done = tool("delv", *server, *anchor, *question.split())
    return str(done.stdout + done.stderr)


@pytest.mark.parametrize("question", POSITIVE)
def test_delv_validates_positive_answers(
    tool: Tool, lab_53: Lab, unbound: Resolver, question: str
) -> None:
    assert "; fully validated" in delv(tool, lab_53, unbound, question)


@pytest.mark.parametrize("question", NEGATIVE + WILDCARD_NODATA)
def test_delv_validates_denials(tool: Tool, lab_53: Lab, unbound: Resolver, question: str) -> None:
    assert "; negative response, fully validated" in delv(tool, lab_53, unbound, question)


def test_delv_knows_the_insecure_delegation(tool: Tool, lab_53: Lab, unbound: Resolver) -> None:
    assert "; unsigned answer" in delv(tool, lab_53, unbound, "www.unsigned.example.fr A")


@pytest.mark.parametrize("question", ["www.example.fr A", "www.telecom-sudparis.eu A"])
def test_drill_chases_signatures_to_the_root(
    tool: Tool, lab_53: Lab, unbound: Resolver, question: str
) -> None:
    done = tool(
        "drill",
        *("-S", "-k", lab_53.status["trust_anchor"]["dnskey"], "-o", "CD"),
        *("-p", str(unbound.port), f"@{unbound.address}", *question.split()),
    )
    assert "Chase successful" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("question", POSITIVE + NEGATIVE + WILDCARD_NODATA)
def test_our_stub_agrees_that_it_is_secure(lab_53: Lab, question: str) -> None:
    done = lab_53.run("validate", *question.split())
    assert done.returncode == 0, done.stdout
