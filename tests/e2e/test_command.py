"""The command `lab`, as a participant and as a program uses it."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import Lab

ROOT = Path(__file__).parents[2]
# What somebody on the way does is played in test_attacks.py.
SCENARIOS = [
    one for one in sorted((ROOT / "scenarios").glob("*.toml")) if not one.stem.startswith("attack-")
]


def lab_command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "lab", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
        env={**os.environ, "COLUMNS": "100", **environment},
    )


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    """A copy of the zones, to be spoilt."""
    return Path(shutil.copytree(ROOT / "zones", tmp_path / "zones"))


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def refused(zones: Path, state: Path, *more: str) -> str:
    """Return the one sentence by which `lab up` declines; nothing may be half-started."""
    done = lab_command("up", "--zones", str(zones), "--state", str(state), "--port", "0", *more)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not (state / "run.json").exists()
    return done.stderr.strip()


def test_every_command_has_a_help_with_an_example() -> None:
    listed = lab_command("--help").stdout
    for name in ("up", "status", "validate", "dig", "run", "reset", "export", "fault"):
        assert f"\n  {name} " in listed
        assert "Example" in lab_command(name, "--help").stdout
    assert "Exit codes" in listed


def test_status_is_enough_to_use_the_lab_without_our_code(lab: Lab) -> None:
    status = json.loads(lab.run("status", "--json").stdout)
    assert status["port"] == lab.port
    assert status["root_servers"][0] == {"name": "a.root.", "address": "127.53.0.1"}
    for file in (*status["trust_anchor"].values(), status["root_hints"]):
        assert Path(file).is_file()
    zone = next(one for one in status["zones"] if one["name"] == "example.fr.")
    assert zone["signed"]
    assert zone["denial"] == "nsec"
    algorithm = {"number": 13, "mnemonic": "ECDSAP256SHA256", "experimental": False}
    assert zone["algorithm"] == algorithm
    assert {key["role"] for key in zone["keys"]} == {"ksk", "zsk"}
    assert len(zone["nameservers"]) == 2
    server = next(one for one in status["tls"] if one["identity"] == "afnic.js")
    assert server["tlsa_owner"] == f"_{server['port']}._tcp.js.afnic.fr."


def test_status_without_a_lab_says_how_to_start_one(tmp_path: Path) -> None:
    done = lab_command("status", "--state", str(tmp_path / "none"))
    assert done.returncode == 4
    assert "lab up" in done.stderr


@pytest.mark.parametrize(
    ("name", "rdtype", "code", "verdict"),
    [
        ("www.example.fr", "A", 0, "secure"),
        ("nowhere.example.fr", "A", 0, "secure"),
        ("www.unsigned.example.fr", "A", 10, "insecure"),
    ],
)
def test_validate_tells_the_verdict_by_its_exit_code(
    lab: Lab, name: str, rdtype: str, code: int, verdict: str
) -> None:
    done = lab.run("validate", name, rdtype, "--json")
    assert done.returncode == code
    assert json.loads(done.stdout)["status"] == verdict


def test_validate_explains_the_four_steps_of_the_paper(lab: Lab) -> None:
    output = lab.run("validate", "example.fr", "A", "--explain").stdout
    for part in ("trust anchor", "fr. DS", "fr. DNSKEY", "example.fr. DS", "example.fr. A"):
        assert part in output
    assert "RFC 4035" in output


def test_the_lab_tells_of_its_walk_what_this_process_tells_of_its_own(
    lab: Lab, tmp_path: Path
) -> None:
    question = ("validate", "cross.example.fr", "--explain")
    there, here = lab.run(*question), lab.run(*question, "--record", str(tmp_path / "walk"))
    assert there.returncode == here.returncode == 0
    assert timeless(there.stdout) == timeless(here.stdout)


def timeless(text: str) -> str:
    """Return *text* without the seconds of its moments, which pass between two walks."""
    return re.sub(r"\d\d:\d\dZ", "", text)


def test_validate_names_the_broken_link_and_the_error_code(own_lab: Lab) -> None:
    own_lab.run("fault", "rrsig-expired", "owner=afnic.fr.", "type=DNSKEY")
    done = own_lab.run("validate", "www.afnic.fr", "--json")
    assert done.returncode == 11
    told = json.loads(done.stdout)
    assert 7 in [one["code"] for one in told["ede"]]
    own_lab.run("fault", "--clear")
    assert own_lab.run("validate", "www.afnic.fr").returncode == 0


def test_dig_asks_the_closest_zone(lab: Lab) -> None:
    output = lab.run("dig", "www.example.fr").stdout
    assert "asked dns1.examplehost.fr." in output
    assert "RRSIG" in output


def test_a_bad_type_is_one_sentence(lab: Lab) -> None:
    done = lab.run("validate", "www.example.fr", "NONSENSE")
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_goes_as_it_says(lab: Lab, scenario: Path) -> None:
    done = lab.run("run", str(scenario), "--json")
    record = json.loads(done.stdout)
    surprises = [
        f"step {step['number']}: {step['title']}: expected {step['expected']}, saw {step['seen']}"
        for step in record["steps"]
        if not step["as_expected"]
    ]
    assert not surprises
    assert done.returncode == 0
    assert lab.run("fault", "active").stdout == "no fault acts\n"


def test_a_scenario_starts_a_lab_of_its_own(tmp_path: Path) -> None:
    done = lab_command("run", "chain-of-trust", "--state", str(tmp_path / "state"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "went as expected" in done.stdout


def test_all_mistakes_of_a_scenario_are_listed_with_their_lines(tmp_path: Path) -> None:
    scenario = tmp_path / "wrong.toml"
    scenario.write_text(
        'title = "wrong"\n[[step]]\ndo = "validat"\n\n[[step]]\ndo = "validate"\nnaem = "a."\n'
    )
    done = lab_command("run", str(scenario), "--state", str(tmp_path / "state"))
    assert done.returncode == 3
    assert f"{scenario}:3: " in done.stderr
    assert f"{scenario}:7: " in done.stderr
    assert not (tmp_path / "state").exists()


def test_an_unknown_scenario_is_answered_with_those_there_are(tmp_path: Path) -> None:
    done = lab_command("run", "federated", "--state", str(tmp_path))
    assert done.returncode == 3
    assert "federated-mutual-tls" in done.stderr


def test_a_broken_master_file_is_named_with_its_line(zones: Path, tmp_path: Path) -> None:
    spoil(zones / "example.fr.zone", "192.0.2.80", "192.0.2.800")
    sentence = refused(zones, tmp_path / "state")
    line = 1 + (zones / "example.fr.zone").read_text().split("192.0.2.800")[0].count("\n")
    assert f"example.fr.zone:{line}: " in sentence


def test_glue_that_disagrees_with_the_hierarchy_is_named(zones: Path, tmp_path: Path) -> None:
    spoil(zones / "fr.zone", "127.53.12.1", "127.53.12.9")
    assert "expected glue 'ns1.afnic.fr. IN A 127.53.12.1'" in refused(zones, tmp_path / "state")


def test_a_wrong_word_in_the_hierarchy_is_named_with_its_line(zones: Path, tmp_path: Path) -> None:
    spoil(zones / "hierarchy.toml", 'algorithm = "ED25519"', 'algorithm = "ED25518"')
    sentence = refused(zones, tmp_path / "state")
    assert "unknown signing algorithm 'ED25518'" in sentence
    assert "hierarchy.toml:" in sentence


def test_an_address_outside_of_loopback_is_refused(zones: Path, tmp_path: Path) -> None:
    spoil(zones / "hierarchy.toml", "127.53.1.1", "192.0.2.1")
    assert "expected a loopback address" in refused(zones, tmp_path / "state")


@pytest.mark.parametrize(
    "option", [("--webhook", "http://127.0.0.1:9/x"), ("--mqtt", "mqtt://127.0.0.1:9")]
)
def test_who_is_to_be_told_of_devices_wants_devices(
    zones: Path, tmp_path: Path, option: tuple[str, str]
) -> None:
    (zones / "lorawan.toml").unlink()
    assert "lorawan.toml of these zones has none" in refused(zones, tmp_path / "state", *option)


def test_a_new_zone_is_a_file_and_a_table(zones: Path, tmp_path: Path) -> None:
    own = zones / "new.example.com.zone"
    own.write_text(
        "$TTL 60\n@ IN SOA ns h 1 3600 900 604800 60\n@ IN NS ns\nns IN A 127.53.99.1\n"
        "www IN A 192.0.2.7\n"
    )
    with (zones / "hierarchy.toml").open("a") as hierarchy:
        hierarchy.write(
            '\n[zone."new.example.com."]\nfile = "new.example.com.zone"\n'
            'nameservers = { "ns.new.example.com." = "127.53.99.1" }\n'
        )
    with (zones / "example.com.zone").open("a") as parent:
        parent.write("new IN NS ns.new\nns.new IN A 127.53.99.1\n")
    state = tmp_path / "state"
    done = lab_command("up", "--demo", "--zones", str(zones), "--state", str(state), "--port", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "new.example.com. SOA  secure" in done.stdout


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        thief.bind(("127.53.0.1", 0))
        port = str(thief.getsockname()[1])
        done = lab_command("up", "--port", port, "--state", str(tmp_path / "state"))
    assert done.returncode == 4
    assert f"cannot listen on 127.53.0.1 port {port}" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_two_labs_in_one_state_folder_are_refused(lab: Lab) -> None:
    done = lab.run("up", "--port", "0", "--tls-port", "0")
    assert done.returncode == 4
    assert "running in" in done.stderr


def test_keys_are_private_kept_and_removed_by_reset(tmp_path: Path) -> None:
    state = tmp_path / "state"
    for _ in range(2):
        done = lab_command("up", "--demo", "--state", str(state), "--port", "0", "--tls-port", "0")
        assert done.returncode == 0, done.stdout + done.stderr
    keys = list(state.rglob("*.pem"))
    assert keys
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in keys} == {0o700}
    assert lab_command("reset", "--state", str(state)).returncode == 0
    assert not state.exists()


def test_keys_are_the_same_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state"
    anchors = []
    for _ in range(2):
        lab_command("up", "--demo", "--state", str(state), "--port", "0", "--tls-port", "0")
        anchors.append((state / "anchor.ds").read_text())
    assert anchors[0] == anchors[1]


def test_reset_removes_nothing_but_a_state_folder(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    done = lab_command("reset", "--state", str(tmp_path))
    assert done.returncode == 4
    assert (tmp_path / "precious").exists()


def test_the_clock_of_the_lab_can_be_frozen(tmp_path: Path) -> None:
    done = lab_command(
        *("up", "--demo", "--state", str(tmp_path / "state"), "--port", "0", "--tls-port", "0"),
        *("--frozen-at", "2030-01-01T00:00:00Z"),
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_private_gives_a_shell_where_port_53_is_free(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed (Debian package util-linux)")
    shell = tmp_path / "shell"
    shell.write_text(
        f"#!/bin/sh\n{sys.executable} -m lab validate www.example.fr --state {tmp_path}/state\n"
        f"{sys.executable} -m lab status --json --state {tmp_path}/state > {tmp_path}/status\n"
    )
    shell.chmod(0o755)
    done = lab_command("up", "--private", "--state", str(tmp_path / "state"), SHELL=str(shell))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "www.example.fr. A: secure" in done.stdout
    assert json.loads((tmp_path / "status").read_text())["port"] == 53


def test_sigterm_stops_like_ctrl_c(own_lab: Lab) -> None:
    run_file = own_lab.state / "run.json"
    assert run_file.exists()
    own_lab.process.send_signal(signal.SIGTERM)
    own_lab.process.wait(timeout=10)
    assert own_lab.process.returncode == 0
    assert not run_file.exists()
