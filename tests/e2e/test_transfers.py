"""Zone transfers as dig and kdig see them: over TCP, over TLS, and after a restart."""

from pathlib import Path

from tests.e2e.running import Lab, Tool, start, stop

FREE_PORTS = ("--port", "0", "--tls-port", "0", "--dot-port", "0")


def key_file(lab: Lab) -> str:
    return str(lab.state / "tsig" / "lab-key.key")


def at(lab: Lab, zone: str) -> tuple[str, ...]:
    return (f"@{lab.address(zone)}", "-p", str(lab.port))


def serial(text: str) -> int:
    soa = next(line for line in text.splitlines() if "\tSOA\t" in line)
    return int(soa.split()[6])


def test_kdig_fetches_a_zone_over_tls_with_the_key_and_not_without(lab: Lab, tool: Tool) -> None:
    dot = next(one for one in lab.status["dot"] if one["name"] == "ns1.afnic.fr.")
    where = (f"@{dot['address']}", "-p", str(dot["port"]), "+tls")
    key = lab.run("tsig", "show", "lab-key.", "--form", "dig").stdout.strip()
    fetched = tool("kdig", *where, "afnic.fr", "AXFR", "-y", key).stdout
    assert "NSEC" in fetched
    assert "messages" in fetched
    refused = tool("kdig", *where, "afnic.fr", "AXFR")
    assert "REFUSED" in refused.stdout + refused.stderr


def test_dig_understands_why_a_transfer_is_refused(lab: Lab, tool: Tool) -> None:
    wrong = "hmac-sha256:lab-key.:" + "A" * 43 + "="
    answer = tool("dig", *at(lab, "example.fr."), "-y", wrong, "example.fr", "AXFR")
    assert "BADSIG" in answer.stdout + answer.stderr
    answer = tool("dig", *at(lab, "example.fr."), "-y", wrong.replace("lab", "x"), "fr", "SOA")
    assert "BADKEY" in answer.stdout + answer.stderr


def test_a_new_key_is_known_at_once_and_forgotten_when_removed(lab: Lab, tool: Tool) -> None:
    made = lab.run("tsig", "add", "visitor.", "--algorithm", "hmac-sha512").stdout.strip()
    question = (*at(lab, "fr."), "-k", made, "fr", "SOA")
    assert "NOERROR 0" in tool("dig", *question).stdout
    assert "visitor." in lab.run("tsig", "list").stdout
    copy = Path(made).with_suffix(".copy")
    copy.write_text(Path(made).read_text())
    assert lab.run("tsig", "remove", "visitor.").returncode == 0
    answer = tool("dig", *at(lab, "fr."), "-k", str(copy), "fr", "SOA")
    assert "BADKEY" in answer.stdout + answer.stderr


def test_a_serial_that_was_transferred_never_has_another_content(
    tmp_path: Path, tool: Tool
) -> None:
    contents = {}
    for _ in range(2):
        lab = start(tmp_path / "state", *FREE_PORTS)
        question = (*at(lab, "fr."), "-k", key_file(lab), "+onesoa", "fr")
        first = tool("dig", *question, "AXFR").stdout
        second = tool("dig", *question, f"IXFR={serial(first) - 1}").stdout
        contents[serial(first)] = _records(first)
        assert _records(first) == _records(second)
        assert "Traceback" not in stop(lab)
    assert len(contents) == 2


def _records(text: str) -> set[str]:
    lines = (line for line in text.splitlines() if line and not line.startswith(";"))
    return {line for line in lines if "TSIG" not in line}
