"""dig and kdig ask the authoritative servers."""

import re

import pytest

from tests.e2e.running import Lab, Tool


def dig(tool: Tool, lab: Lab, zone: str, *words: str) -> str:
    server = ("-p", str(lab.port), f"@{lab.address(zone)}")
    return str(tool("dig", *server, "+norec", *words, check=True).stdout)


def flags(output: str) -> set[str]:
    found = re.search(r";; flags: ([a-z ]+);", output)
    assert found is not None
    return set(found[1].split())


def test_a_signed_answer_has_its_rrsig_and_is_authoritative(tool: Tool, lab: Lab) -> None:
    output = dig(tool, lab, "example.fr.", "www.example.fr", "A", "+dnssec")
    assert "status: NOERROR" in output
    assert flags(output) == {"qr", "aa"}
    assert re.search(r"www\.example\.fr\.\s+60\s+IN\s+RRSIG\s+A 13 3 60 ", output)


def test_without_do_there_are_no_signatures(tool: Tool, lab: Lab) -> None:
    output = dig(tool, lab, "example.fr.", "www.example.fr", "A")
    assert "RRSIG" not in output
    assert "192.0.2.80" in output


def test_recursion_is_never_offered(tool: Tool, lab: Lab) -> None:
    server = ("-p", str(lab.port), f"@{lab.address('example.fr.')}")
    output = tool("dig", *server, "+rec", "www.example.fr", "A").stdout
    assert "recursion requested but not available" in output


def test_names_below_no_zone_of_the_server_are_refused(tool: Tool, lab: Lab) -> None:
    output = dig(tool, lab, "example.fr.", "www.afnic.fr", "A")
    assert "status: REFUSED" in output
    assert "EDE: 20 (Not Authoritative)" in output


def test_the_parent_refers_with_ds_and_glue(tool: Tool, lab: Lab) -> None:
    output = dig(tool, lab, "fr.", "www.afnic.fr", "A", "+dnssec")
    assert flags(output) == {"qr"}
    assert re.search(r"afnic\.fr\.\s+60\s+IN\s+DS\s+\d+ 13 2 ", output)
    assert re.search(r"ns1\.afnic\.fr\.\s+60\s+IN\s+A\s+127\.53\.12\.1", output)


def test_an_insecure_delegation_is_proved_by_nsec(tool: Tool, lab: Lab) -> None:
    output = dig(tool, lab, "example.fr.", "www.unsigned.example.fr", "A", "+dnssec")
    proof = re.search(r"unsigned\.example\.fr\.\s+60\s+IN\s+NSEC\s+\S+ (.*)", output)
    assert proof is not None
    assert proof[1].split() == ["NS", "RRSIG", "NSEC"]


@pytest.mark.parametrize("rdtype", ["NS", "DS", "DNSKEY", "SOA", "NSEC"])
def test_ds_belongs_to_the_parent_and_the_rest_to_the_child(
    tool: Tool, lab: Lab, rdtype: str
) -> None:
    parent = "fr." if rdtype == "DS" else "afnic.fr."
    output = dig(tool, lab, parent, "afnic.fr", rdtype, "+dnssec")
    assert "aa" in flags(output)
    assert re.search(rf"afnic\.fr\.\s+60\s+IN\s+{rdtype}\s", output)


def test_a_big_answer_is_truncated_and_comes_whole_over_tcp(tool: Tool, lab: Lab) -> None:
    words = ("nowhere.long-name-for-a-long-proof.example.fr", "A", "+dnssec", "+bufsize=512")
    assert "tc" in flags(dig(tool, lab, "example.fr.", *words, "+ignore"))
    output = dig(tool, lab, "example.fr.", *words)
    assert "Truncated, retrying in TCP mode" in output
    assert "(TCP)" in output


def test_an_unknown_edns_version_is_refused_politely(tool: Tool, lab: Lab) -> None:
    output = dig(tool, lab, "example.fr.", "www.example.fr", "A", "+edns=1", "+noednsneg")
    assert "status: BADVERS" in output


def test_kdig_sees_the_same_as_dig(tool: Tool, lab: Lab) -> None:
    server = ("-p", str(lab.port), f"@{lab.address('com.')}", "+norec", "+dnssec")
    output = tool("kdig", *server, "nowhere.com", "A", check=True).stdout
    assert "status: NXDOMAIN" in output
    assert output.count(" NSEC ") + output.count("\tNSEC\t") >= 1
    assert "RRSIG" in output


def test_the_question_comes_back_octet_for_octet(tool: Tool, lab: Lab) -> None:
    output = dig(tool, lab, "example.fr.", "wWw.ExAmPlE.fR", "A")
    assert ";wWw.ExAmPlE.fR." in output
