"""openssl s_client meets the operators' servers."""

import re

import pytest

from tests.e2e.running import Lab, Tool


def tlsa_data(tool: Tool, lab: Lab, identity: str, zone: str) -> str:
    server = ("-p", str(lab.port), f"@{lab.address(zone)}")
    output = tool("dig", *server, "+norec", "+short", lab.tls(identity)["tlsa_owner"], "TLSA")
    usage, selector, matching, *digest = output.stdout.split()
    return f"{usage} {selector} {matching} {''.join(digest)}"


def s_client(tool: Tool, lab: Lab, *words: str) -> str:
    """Connect to Afnic's join server with TSP's certificate, but without dane_clientid."""
    server = lab.tls("afnic.js")
    host = server["host"].rstrip(".")
    identity = str(lab.state / "identities" / "tsp.ns.pem")
    done = tool(
        "openssl",
        *("s_client", "-connect", f"{server['address']}:{server['port']}", "-servername", host),
        *("-cert", identity, "-key", identity, "-cert_chain", identity, "-ign_eof", *words),
        feed="GET / HTTP/1.1\r\nHost: js.afnic.fr\r\n\r\n",
    )
    return str(done.stdout + done.stderr)


def test_the_handshake_is_tls_1_3_and_dane_verifies_the_server(tool: Tool, lab: Lab) -> None:
    record = tlsa_data(tool, lab, "afnic.js", "afnic.fr.")
    output = s_client(tool, lab, "-dane_tlsa_domain", "js.afnic.fr", "-dane_tlsa_rrdata", record)
    assert "New, TLSv1.3" in output
    assert "DANE TLSA 3 1 1" in output
    assert "Verify return code: 0 (ok)" in output


def test_another_tlsa_record_does_not_verify_the_server(tool: Tool, lab: Lab) -> None:
    record = tlsa_data(tool, lab, "tsp.js", "telecom-sudparis.eu.")
    output = s_client(tool, lab, "-dane_tlsa_domain", "js.afnic.fr", "-dane_tlsa_rrdata", record)
    assert "Verify return code: 0 (ok)" not in output


def test_usage_2_verifies_by_the_root_that_the_server_sends(tool: Tool, lab: Lab) -> None:
    record = tlsa_data(tool, lab, "afnic.as", "afnic.fr.")
    server = lab.tls("afnic.as")
    done = tool(
        "openssl",
        *("s_client", "-connect", f"{server['address']}:{server['port']}"),
        *("-dane_tlsa_domain", "as.afnic.fr", "-dane_tlsa_rrdata", record),
    )
    assert "DANE TLSA 2 1 1" in done.stdout
    assert "matched TA certificate" in done.stdout.replace("the TA", "TA")


def test_the_certificate_request_carries_dane_clientid(tool: Tool, lab: Lab) -> None:
    output = s_client(tool, lab, "-trace")
    request = re.search(
        r"CertificateRequest, Length=\d+(.*?)Certificate, Length", output, re.DOTALL
    )
    assert request is not None, output
    assert re.search(r"extension_type=UNKNOWN\(65373\), length=1\s+0000 - 00", request[1])


def test_a_client_without_a_name_is_refused_after_the_handshake(tool: Tool, lab: Lab) -> None:
    output = s_client(tool, lab)
    assert "New, TLSv1.3" in output
    assert "alert handshake failure" in output
    assert "HTTP/1.1 200" not in output


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_1"])
def test_older_versions_of_tls_are_refused(tool: Tool, lab: Lab, version: str) -> None:
    output = s_client(tool, lab, version)
    assert "alert protocol version" in output or "no protocols available" in output
