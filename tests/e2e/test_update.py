"""nsupdate changes zones of a running lab; unbound, dig and our stub see it."""

import re

import pytest

from tests.e2e.running import Lab, Resolver, Tool

DEVICE = "light_sensor._device.example.com."
OLD = "0F8B48FF5FD94117F21B6550AAEE89C8"


def nsupdate(tool: Tool, lab: Lab, zone: str, key: str, *lines: str) -> str:
    """Send one update and return what nsupdate said; empty for success."""
    feed = f"server {lab.address(zone)} {lab.port}\nzone {zone}\n" + "\n".join((*lines, "send\n"))
    arguments = ("-k", str(lab.state / "tsig" / f"{key}.key")) if key else ()
    return str(tool("nsupdate", *arguments, feed=feed).stderr)


def serial(lab: Lab, zone: str) -> int:
    found = re.search(rf'"name": "{re.escape(zone)}".*?"serial": (\d+)', status(lab), re.DOTALL)
    assert found is not None
    return int(found[1])


def status(lab: Lab) -> str:
    return lab.run("status", "--json").stdout


def ask(tool: Tool, lab: Lab, zone: str, *words: str) -> str:
    server = ("-p", str(lab.port), f"@{lab.address(zone)}", "+norec")
    return str(tool("dig", *server, *words, check=True).stdout)


def test_a_device_gets_another_key_and_unbound_sees_it(
    tool: Tool, lab_53: Lab, unbound: Resolver
) -> None:
    if not (lab_53.state / "tsig" / "device.key").exists():
        assert lab_53.run("tsig", "add", "device.").returncode == 0
    before = serial(lab_53, "example.com.")
    at = (f"@{unbound.address}", "-p", str(unbound.port))
    change = (f"update delete {DEVICE} TLSA", f"update add {DEVICE} 60 TLSA 3 1 1 {'ab' * 32}")
    assert nsupdate(tool, lab_53, "example.com.", "device", *change) == ""
    seen = tool("dig", *at, DEVICE, "TLSA", "+retry=1", check=True).stdout
    assert "3 1 1 ABABAB" in seen
    assert OLD not in seen
    assert re.search(r"flags: qr rd ra ad;", seen)
    assert serial(lab_53, "example.com.") == before + 1
    stub = lab_53.run("validate", DEVICE, "TLSA")
    assert stub.returncode == 0
    assert "ABABAB" in stub.stdout.upper()


@pytest.mark.parametrize(
    ("key", "line", "expected"),
    [
        ("device", "update add www.example.com. 60 A 192.0.2.1", "REFUSED"),
        ("device", f"update add {DEVICE} 60 TXT no", "REFUSED"),
        ("", f"update delete {DEVICE} TLSA", "REFUSED"),
        ("lab-key", "prereq nxdomain www.example.com.\nupdate delete www.example.com.", "YXDOMAIN"),
        ("lab-key", "prereq yxrrset x.example.com. A\nupdate delete www.example.com.", "NXRRSET"),
        ("lab-key", "update add x.example.com. 60 NSEC a.example.com. A", "REFUSED"),
        ("lab-key", "update add example.org. 60 A 192.0.2.1", "NOTZONE"),
    ],
)
def test_what_may_not_be_is_refused_and_changes_nothing(
    tool: Tool, lab: Lab, key: str, line: str, expected: str
) -> None:
    if key == "device" and not (lab.state / "tsig" / "device.key").exists():
        assert lab.run("tsig", "add", "device.").returncode == 0
    before = serial(lab, "example.com.")
    assert f"update failed: {expected}" in nsupdate(tool, lab, "example.com.", key, line)
    assert serial(lab, "example.com.") == before


def test_a_key_that_the_lab_does_not_know_is_told_so(tool: Tool, lab: Lab) -> None:
    (lab.state / "tsig").joinpath("stranger.key").unlink(missing_ok=True)
    feed = (
        f"server {lab.address('example.com.')} {lab.port}\nzone example.com.\n"
        f"key hmac-sha256:stranger. {'A' * 43}=\nupdate delete www.example.com.\nsend\n"
    )
    assert "NOTAUTH(BADKEY)" in tool("nsupdate", feed=feed).stderr


def test_another_server_does_not_pass_an_update_on(tool: Tool, lab: Lab) -> None:
    feed = (
        f"server {lab.address('com.')} {lab.port}\nzone example.com.\n"
        "update delete www.example.com.\nsend\n"
    )
    key = str(lab.state / "tsig" / "lab-key.key")
    assert "NOTAUTH" in tool("nsupdate", "-k", key, feed=feed).stderr


def test_an_update_over_tcp_may_be_large_and_is_denied_and_proved_at_once(
    tool: Tool, lab: Lab
) -> None:
    lines = [f"update add bulk{number}.afnic.fr. 60 A 192.0.2.1" for number in range(300)]
    assert nsupdate(tool, lab, "afnic.fr.", "lab-key", *lines) == ""
    assert "RRSIG" in ask(tool, lab, "afnic.fr.", "bulk299.afnic.fr.", "A", "+dnssec")
    proof = ask(tool, lab, "afnic.fr.", "bulk150x.afnic.fr.", "A", "+dnssec")
    assert "bulk150.afnic.fr." in proof
    gone = [f"update delete bulk{number}.afnic.fr." for number in range(300)]
    assert nsupdate(tool, lab, "afnic.fr.", "lab-key", *gone) == ""
    assert "NXDOMAIN" in ask(tool, lab, "afnic.fr.", "bulk299.afnic.fr.", "A", "+dnssec")


def test_lab_record_changes_a_zone_to_stay(tool: Tool, lab: Lab) -> None:
    added = lab.run("record", "add", "eu.", "kept 60 TXT yes")
    assert added.returncode == 0, added.stderr
    assert re.fullmatch(r"eu\. has serial \d+\n", added.stdout)
    assert '"yes"' in ask(tool, lab, "eu.", "kept.eu", "TXT")
    removed = lab.run("record", "remove", "kept.eu.", "TXT")
    assert removed.returncode == 0
    assert "NXDOMAIN" in ask(tool, lab, "eu.", "kept.eu", "TXT")


def test_lab_record_says_what_is_wrong(lab: Lab) -> None:
    told = lab.run("record", "add", "eu.", "kept 60 A nonsense")
    assert told.returncode != 0
    assert "records for eu.:1" in told.stderr
