"""EDNS, class CH and odd queries, as dig and kdig see them."""

import re

import pytest

from tests.e2e.running import Lab, Tool

HOST = "ns1.afnic.fr"


def ask(tool: Tool, lab: Lab, *words: str) -> str:
    server = ("-p", str(lab.port), f"@{lab.address('afnic.fr.')}")
    return str(tool("dig", *server, "+norec", *words).stdout)


SEEN = {
    # what dig is told: what it shows
    ("+nsid", "afnic.fr", "SOA"): rf'NSID: [0-9a-f ]+ \("{HOST}"\)',
    ("+cookie", "afnic.fr", "SOA"): r"COOKIE: [0-9a-f]{16}01000000[0-9a-f]{24} \(good\)",
    ("+tcp", "+keepalive", "afnic.fr", "SOA"): r"TCP KEEPALIVE: 10\.0 secs",
    ("+edns=1", "+noednsneg", "afnic.fr", "SOA"): r"status: BADVERS",
    ("+ednsopt=65001:abcd", "afnic.fr", "SOA"): r"status: NOERROR",
    ("+ednsflags=0x1234", "afnic.fr", "SOA"): r"flags:; udp: 1232",
    ("example.org", "A"): r"EDE: 20 \(Not Authoritative\)",
    ("afnic.fr", "MAILB"): r"status: NOTIMP(.|\n)*EDE: 21",
    ("+opcode=status", "afnic.fr", "SOA"): r"status: NOTIMP(.|\n)*EDE: 21",
    ("+header-only", "+cookie"): r"status: NOERROR(.|\n)*QUERY: 0(.|\n)*\(good\)",
    ("+header-only", "+nocookie"): r"status: FORMERR",
    ("CH", "TXT", "id.server"): rf'"{HOST}"',
    ("CH", "TXT", "hostname.bind"): rf'"{HOST}"',
    ("CH", "TXT", "version.bind"): r'"dnssec-dane-lab"',
    ("CH", "TXT", "authors.bind"): r"status: REFUSED",
    ("HS", "A", "afnic.fr"): r"status: REFUSED",
    ("ANY", "+notcp", "afnic.fr"): r"status: NOERROR",
}


@pytest.mark.parametrize("words", SEEN, ids=" ".join)
def test_dig_sees(tool: Tool, lab: Lab, words: tuple[str, ...]) -> None:
    output = ask(tool, lab, *words)
    assert re.search(SEEN[words], output), output


def test_a_cookie_is_good_for_the_next_question(tool: Tool, lab: Lab) -> None:
    first = re.search(r"COOKIE: (\w+)", ask(tool, lab, "+cookie=0123456789abcdef", "afnic.fr"))
    assert first is not None
    output = ask(tool, lab, f"+cookie={first[1]}", "afnic.fr")
    assert f"COOKIE: {first[1]} (good)" in output


def test_padding_is_for_tls_only(tool: Tool, lab: Lab) -> None:
    server = ("-p", str(lab.port), f"@{lab.address('afnic.fr.')}")
    assert "PADDING" not in tool("kdig", *server, "+tcp", "+padding", "afnic.fr", "SOA").stdout


def test_the_secret_of_cookies_is_kept_and_guarded(lab: Lab) -> None:
    secret = lab.state / "cookie.secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"[0-9a-f]{32}\n", secret.read_text())
