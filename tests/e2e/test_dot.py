"""DNS over TLS, as kdig, dig and openssl see it; the TLSA record is what they trust."""

import base64
import re

from tests.e2e.running import Lab, Tool

HOST = "ns1.afnic.fr."


def dot(lab: Lab) -> dict[str, str]:
    found: dict[str, str] = next(one for one in lab.status["dot"] if one["name"] == HOST)
    return found


def published(tool: Tool, lab: Lab) -> str:
    """Return the TLSA record as the zone has it, not as the status says."""
    server = ("-p", str(lab.port), f"@{lab.address('afnic.fr.')}")
    output = tool("dig", *server, "+norec", "+short", dot(lab)["tlsa_owner"], "TLSA").stdout
    usage, selector, matching, *digest = output.split()
    return f"{usage} {selector} {matching} {''.join(digest)}"


def kdig(tool: Tool, lab: Lab, *words: str) -> str:
    server = dot(lab)
    where = (f"@{server['address']}", "-p", str(server["port"]), "+tls", "+retry=0")
    done = tool("kdig", *where, *words)
    return str(done.stdout + done.stderr)


def pin(record: str) -> str:
    """Return a TLSA record 3 1 1 as kdig wants it: the digest of the key, in base64."""
    return base64.b64encode(bytes.fromhex(record.split()[3])).decode()


def test_kdig_trusts_the_key_that_the_zone_pins(tool: Tool, lab: Lab) -> None:
    trusted = f"+tls-pin={pin(published(tool, lab))}"
    output = kdig(tool, lab, trusted, "afnic.fr", "SOA", "+dnssec", "+padding", "+nsid")
    assert "status: NOERROR" in output
    assert "TLS1.3" in output
    assert "RRSIG" in output
    assert '"ns1.afnic.fr"' in output
    assert "Received 468 B" in output


def test_kdig_refuses_another_key(tool: Tool, lab: Lab) -> None:
    other = base64.b64encode(bytes(32)).decode()
    assert "NOERROR" not in kdig(tool, lab, f"+tls-pin={other}", "afnic.fr", "SOA")


def test_the_certificate_names_the_nameserver(tool: Tool, lab: Lab) -> None:
    authority = f"+tls-ca={dot(lab)['ca']}"
    output = kdig(tool, lab, authority, "+tls-hostname=ns1.afnic.fr", "afnic.fr", "SOA")
    assert "status: NOERROR" in output
    output = kdig(tool, lab, authority, "+tls-hostname=ns2.afnic.fr", "afnic.fr", "SOA")
    assert "NOERROR" not in output


def test_openssl_verifies_the_nameserver_by_dane(tool: Tool, lab: Lab) -> None:
    server = dot(lab)
    done = tool(
        "openssl",
        *("s_client", "-connect", f"{server['address']}:{server['port']}", "-alpn", "dot"),
        *("-dane_tlsa_domain", "ns1.afnic.fr", "-dane_tlsa_rrdata", published(tool, lab)),
    )
    output = done.stdout + done.stderr
    assert "ALPN protocol: dot" in output
    assert "Verified peername: ns1.afnic.fr" in output
    assert "Verify return code: 0 (ok)" in output


def test_dig_keeps_the_connection_for_several_questions(tool: Tool, lab: Lab) -> None:
    server = dot(lab)
    where = (f"@{server['address']}", "-p", str(server["port"]), "+tls", "+keepopen", "+norec")
    output = tool("dig", *where, "afnic.fr", "SOA", "+keepalive", *where, "ns1.afnic.fr", "A")
    assert len(re.findall("status: NOERROR", output.stdout)) == 2
    assert "TCP KEEPALIVE: 10.0 secs" in output.stdout


def test_transfer_needs_more_than_tls(tool: Tool, lab: Lab) -> None:
    output = kdig(tool, lab, "afnic.fr", "AXFR")
    assert "REFUSED" in output
