"""`lab serve`: the nameserver alone, as other programs see it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import START_S, Lab, Tool, command, serve, stop

ZONE = """\
$TTL 60
@       IN SOA  ns1 hostmaster 7 3600 600 86400 60
        IN NS   ns1
ns1     IN A    127.0.0.1
www     IN A    192.0.2.1
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("serve")
    (folder / "a.zone").write_text(ZONE)
    options = ("--zone", "alone.example", "--zone", "other.test.", "--algorithm", "15")
    files = ("--file", str(folder / "a.zone")) * 2
    places = ("--listen", "127.0.0.1:0", "--listen", "[::1]:0")
    started = serve(folder / "state", *options, *files, *places)
    yield started
    assert "Traceback" not in stop(started)


def test_it_answers_signed_over_both_families(server: Lab, tool: Tool) -> None:
    for address in ("127.0.0.1", "::1"):
        for transport in ("+notcp", "+tcp"):
            where = (f"@{address}", "-p", str(server.port), "+norec", "+dnssec", transport)
            said = tool("dig", *where, "www.alone.example", "A").stdout
            assert "flags: qr aa;" in said
            assert "RRSIG\tA 15 3 60" in said


def test_delv_believes_a_zone_by_the_anchor_that_it_wrote(server: Lab, tool: Tool) -> None:
    anchor = server.status["trust_anchor"]["named_conf"]
    where = ("@127.0.0.1", "-p", str(server.port), "-a", anchor, "+root=alone.example")
    said = tool("delv", *where, "www.alone.example", "A")
    assert "; fully validated" in said.stdout


def test_the_ds_for_the_parent_is_that_of_its_key(server: Lab, tool: Tool) -> None:
    zone = server.zone("alone.example.")
    where = ("@127.0.0.1", "-p", str(server.port), "+norec", "+noall", "+answer")
    dnskeys = tool("dig", *where, "alone.example", "DNSKEY").stdout
    said = tool("dnssec-dsfromkey", "-2", "-f", "-", "alone.example", feed=dnskeys).stdout
    digests = {line.split()[-1].lower() for line in said.splitlines()}
    assert {one.split()[-1] for one in zone["ds"]} <= digests


def test_its_keys_are_shown_and_who_would_roll_them_is_told_why_not(server: Lab) -> None:
    shown = server.run("keys", "show", "alone.example", "--json")
    (zone,) = json.loads(shown.stdout)
    assert {one["role"]: one["algorithm"] for one in zone["keys"]} == {
        "ksk": "ED25519",
        "zsk": "ED25519",
    }
    tags = {one.split()[0] for one in server.zone("alone.example.")["ds"]}
    assert tags == {str(one["tag"]) for one in zone["keys"] if one["role"] == "ksk"}
    for words in (("roll", "alone.example", "--role", "csk"), ("insecure", "alone.example")):
        done = server.run("keys", *words)
        assert done.returncode != 0
        assert done.stderr.startswith("lab: `lab serve` rolls no keys")
        assert done.stderr.count("\n") == 1


def test_keys_alone_shows_those_of_the_folder_that_the_environment_names(
    server: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STATE", str(server.state))
    assert "other.test." in command("keys").stdout


def test_the_commands_that_ask_a_lab_ask_it_too(server: Lab, tmp_path: Path) -> None:
    assert "alone.example." in server.run("status").stdout
    assert "192.0.2.1" in server.run("dig", "www.other.test").stdout
    assert server.run("validate", "www.other.test").returncode == 0
    assert server.run("validate", "nowhere.alone.example").returncode == 0
    assert server.run("export", str(tmp_path)).returncode == 0
    assert "RRSIG" in (tmp_path / "alone.example.zone").read_text()
    assert "it knows status" in server.run("fault", "--clear").stderr


def test_a_key_of_the_table_of_zones_can_be_set(tmp_path: Path, tool: Tool) -> None:
    (tmp_path / "a.zone").write_text(ZONE)
    options = ("--zone", "x", "--file", str(tmp_path / "a.zone"), "--listen", "127.0.0.1:0")
    started = serve(tmp_path / "s", *options, "--set", 'transfer={addresses=["127.0.0.1"]}')
    said = tool("dig", "@127.0.0.1", "-p", str(started.port), "x", "AXFR", "+onesoa").stdout
    stop(started)
    assert "www.x." in said
    assert "NSEC" in said


def test_sigterm_stops_it_cleanly(tmp_path: Path) -> None:
    (tmp_path / "a.zone").write_text(ZONE)
    state = tmp_path / "state"
    places = ("--listen", "127.0.0.1:0", "--unsigned")
    started = serve(state, "--zone", "x", "--file", str(tmp_path / "a.zone"), *places)
    started.process.send_signal(signal.SIGTERM)
    started.process.communicate(timeout=START_S)
    assert (started.process.returncode, started.errors.read_text()) == (0, "")
    assert not (state / "run.json").exists()


def test_a_mistake_in_a_master_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.zone"
    file.write_text(ZONE + "www IN A 192.0.2\n")
    done = command("serve", "--zone", "x", "--file", str(file), "--state", str(tmp_path / "s"))
    assert done.returncode == 3
    assert f"{file}:6" in done.stderr
    assert done.stdout == ""


def test_what_it_does_not_need_is_not_imported() -> None:
    code = (
        "import sys, lab.app.service; from lab.cli.serve import _options, serve; "
        "_options(serve.make_context('serve', ['--zone', 'a', '--file', 'b']).params); "
        "print([one for one in sys.modules if one.startswith(('lab.tls', 'lab.scenario', 'rich',"
        " 'lab.faults'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_a_broker_no_mqtt_is_imported() -> None:
    code = (
        "import sys, lab.app.foreground, lab.app.validating; "
        "from lab.cli.start import _options, up; "
        "_options(up.make_context('up', []).params); "
        "print([one for one in sys.modules if one.startswith('paho')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
