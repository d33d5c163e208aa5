"""NSD, Knot and BIND follow the lab; ldns-verify-zone and dnssec-verify judge what they hold."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.running import START_S, Lab, Tool, find, free_port, start, stop

ZONES = Path(__file__).parents[2] / "zones"
PATIENCE_S = 20.0
NSEC_ZONE, NSEC3_ZONE = "example.fr.", "afnic.fr."
HELD = (NSEC_ZONE, NSEC3_ZONE, "fr.", "example.com.")
COMMANDS = {"nsd": ("nsd", "-d", "-c"), "knot": ("knotd", "-c"), "bind": ("named", "-g", "-c")}
NAMES = tuple(COMMANDS)
EXPORTED = {
    "nsd": ("nsd.conf", "5301"),
    "knot": ("knot.conf", "5302"),
    "bind": ("named.conf", "5303"),
}
VERIFIED = "".join(f"  - domain: {zone}\n    zonemd-verify: on\n" for zone in HELD)
MORE: dict[str, Callable[[str], str]] = {
    # NSD keeps what came incrementally, as the others do unasked.
    "nsd": lambda text: text.replace("pattern:\n", "pattern:\n    store-ixfr: yes\n"),
    # Knot refuses a version whose digest is missing or wrong.
    "knot": lambda text: text + VERIFIED,
    "bind": str,
}
NEW_ZONE = """\
$TTL 60
@ IN SOA ns1 hostmaster 1 3600 600 604800 60
@ IN NS ns1
ns1 IN A 192.0.2.1
www IN A 192.0.2.{last}
"""


@dataclass(frozen=True)
class Fleet:
    lab: Lab
    ports: dict[str, int]
    logs: dict[str, Path]
    folder: Path

    @property
    def key(self) -> str:
        return str(self.lab.state / "tsig" / "lab-key.key")

    def ask(self, tool: Tool, program: str, *question: str) -> str:
        port = str(self.ports[program])
        return tool("dig", "@127.0.0.1", "-p", port, "+tries=1", "+time=2", *question).stdout

    def serial(self, tool: Tool, program: str, zone: str) -> int | None:
        """Return the serial that a secondary has; None if it does not serve the zone."""
        fields = self.ask(tool, program, "+short", zone, "SOA").split()
        return int(fields[2]) if len(fields) == 7 else None

    def update(self, tool: Tool, zone: str, change: str) -> None:
        text = f"server {self.lab.address(zone)} {self.lab.port}\nzone {zone}\n{change}"
        tool("nsupdate", "-k", self.key, feed=f"{text}\nsend\n", check=True)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, tool: Tool) -> Iterator[Fleet]:
    """A lab, and one secondary of each make with the configuration that `lab export` wrote."""
    folder = tmp_path_factory.mktemp("fleet")
    ports = {name: free_port() for name in NAMES}
    lab = start(folder / "state", "--zones", str(_zones(folder, ports)), *_FREE_PORTS)
    exported = lab.run("export", str(folder / "export"))
    assert exported.returncode == 0, exported.stderr
    logs = {name: folder / f"{name}.log" for name in NAMES}
    running = []
    for name in NAMES:
        file, written = EXPORTED[name]
        path = folder / "export" / "secondary" / name / file
        text = path.read_text().replace(written, str(ports[name]))
        path.write_text(MORE[name](text))
        with logs[name].open("w") as log:
            program, *arguments = COMMANDS[name]
            command = [find(program), *arguments, str(path)]
            running.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
    fleet = Fleet(lab, ports, logs, folder)
    try:
        for name in NAMES:
            for zone in HELD:
                wait_until(
                    lambda name=name, zone=zone: fleet.serial(tool, name, zone) is not None,  # type: ignore[misc]  # bound now
                    f"{name} did not fetch {zone}: {logs[name].read_text()[-2000:]}",
                )
        yield fleet
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=START_S)
        errors = stop(lab)
    assert "Traceback" not in errors


_FREE_PORTS = ("--port", "0", "--tls-port", "0", "--dot-port", "0")


def _zones(folder: Path, ports: dict[str, int]) -> Path:
    """Return a copy of the lab's zones in which the secondaries are told of changes."""
    zones = folder / "zones"
    shutil.copytree(ZONES, zones)
    told = ", ".join(f'"127.0.0.1:{port}"' for port in ports.values())
    path = zones / "hierarchy.toml"
    line = f'[defaults]\nnotify = {{ to = [{told}], key = "lab-key." }}\n'
    text = path.read_text().replace("[defaults]\n", line)
    for zone in HELD:
        text = text.replace(f'[zone."{zone}"]\n', f'[zone."{zone}"]\nzonemd = "sha384"\n')
    path.write_text(text.replace('[zone."afnic.fr."]\n', '[zone."afnic.fr."]\ndenial = "nsec3"\n'))
    return zones


def check_zone(fleet: Fleet, tool: Tool, program: str, zone: str) -> Path:
    """Fetch a zone from a secondary, let two verifiers judge it, and return its file."""
    text = fleet.ask(tool, program, "+onesoa", zone, "AXFR")
    assert "Transfer failed" not in text
    file = fleet.folder / f"{program}-{zone}zone"
    file.write_text("".join(f"{one}\n" for one in text.splitlines() if not one.startswith(";")))
    # -ZZ: both the digest of the whole zone (RFC 8976) and every signature are good.
    demands = ("-ZZ",) if zone in HELD else ()
    judged = tool("ldns-verify-zone", *demands, str(file))
    assert judged.returncode == 0, judged.stdout + judged.stderr
    # -z: one key may do the work of both, as in zones with a CSK.
    judged = tool("dnssec-verify", "-q", "-z", "-o", zone, str(file))
    assert judged.returncode == 0, judged.stdout + judged.stderr
    return file


@pytest.mark.parametrize("zone", HELD)
@pytest.mark.parametrize("program", NAMES)
def test_what_a_secondary_holds_is_well_signed(
    fleet: Fleet, tool: Tool, program: str, zone: str
) -> None:
    check_zone(fleet, tool, program, zone)


@pytest.mark.parametrize("program", NAMES)
def test_the_digest_of_a_zone_covers_what_no_signature_does(
    fleet: Fleet, tool: Tool, program: str
) -> None:
    file = check_zone(fleet, tool, program, "fr.")
    text, changed = re.subn(
        r"(?m)^(\S+\s+\d+\s+IN\s+A\s+)127\.\S+$", r"\g<1>192.0.2.66", file.read_text()
    )
    assert changed
    file.write_text(text)
    assert "ZONEMD" in tool("ldns-verify-zone", "-ZZ", str(file)).stderr


@pytest.mark.parametrize("zone", [NSEC_ZONE, NSEC3_ZONE])
def test_an_update_reaches_every_secondary_by_notify_and_ixfr(
    fleet: Fleet, tool: Tool, zone: str
) -> None:
    before = {name: fleet.serial(tool, name, zone) for name in NAMES}
    fleet.update(tool, zone, f'update add told.{zone} 60 TXT "first"')
    fleet.update(tool, zone, f'update add told.{zone} 60 TXT "second"')
    for name in NAMES:
        wait_until(
            lambda name=name: "second" in fleet.ask(tool, name, "+short", f"told.{zone}", "TXT"),  # type: ignore[misc]  # bound now
            f"{name} did not follow: {fleet.logs[name].read_text()[-3000:]}",
        )
        after = fleet.serial(tool, name, zone)
        assert after is not None
        assert after == (before[name] or 0) + 2
        check_zone(fleet, tool, name, zone)
        # They hand out the steps that they were given; none would have any after an AXFR.
        steps = fleet.ask(tool, name, "+onesoa", f"IXFR={before[name]}", zone)
        soas = re.findall(r"\sSOA\s+\S+\s+\S+\s+(\d+)", steps)
        assert soas[:2] == [str(after), str(before[name])], f"{name}: {steps}"


def test_a_new_zone_comes_to_knot_and_bind_by_the_catalog_and_goes_again(
    fleet: Fleet, tool: Tool
) -> None:
    file = fleet.folder / "new.example.zone"
    for last in ("80", "81"):
        file.write_text(NEW_ZONE.format(last=last))
        added = fleet.lab.run("zone", "add", "new.example", str(file))
        assert added.returncode == 0, added.stderr
        for name in ("knot", "bind"):
            wait_until(
                lambda name=name, last=last: (
                    f"192.0.2.{last}"  # type: ignore[misc]  # bound now
                    in fleet.ask(tool, name, "+short", "www.new.example", "A")
                ),
                f"{name} does not serve the new zone: {fleet.logs[name].read_text()[-3000:]}",
            )
            check_zone(fleet, tool, name, "new.example.")
    assert fleet.lab.run("zone", "remove", "new.example").returncode == 0
    for name in ("knot", "bind"):
        wait_until(
            lambda name=name: fleet.serial(tool, name, "new.example.") is None,  # type: ignore[misc]  # bound now
            f"{name} still serves the removed zone: {fleet.logs[name].read_text()[-3000:]}",
        )


def test_transfers_are_for_those_who_hold_the_key(fleet: Fleet, tool: Tool) -> None:
    at = (f"@{fleet.lab.address('example.fr.')}", "-p", str(fleet.lab.port))
    refused = tool("dig", *at, "example.fr", "AXFR")
    assert "Transfer failed" in refused.stdout
    assert "RRSIG" in tool("dig", *at, "-k", fleet.key, "example.fr", "AXFR").stdout


@pytest.mark.parametrize("role", ["secondary", "primary"])
@pytest.mark.parametrize(
    ("program", "check"),
    [("nsd", ("nsd-checkconf",)), ("knot", ("knotc", "-c")), ("bind", ("named-checkconf",))],
)
def test_the_exported_configuration_is_well_formed(
    fleet: Fleet, tool: Tool, role: str, program: str, check: tuple[str, ...]
) -> None:
    path = fleet.folder / "export" / role / program / EXPORTED[program][0]
    assert path.stat().st_mode & 0o077 == 0
    judged = tool(*check, str(path), *(["conf-check"] if program == "knot" else []))
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_the_exported_configuration_of_unbound_is_well_formed(fleet: Fleet, tool: Tool) -> None:
    judged = tool("unbound-checkconf", str(fleet.folder / "export" / "unbound" / "unbound.conf"))
    assert judged.returncode == 0, judged.stdout + judged.stderr
