"""Signed zones, written out, in front of the zone checkers of other projects."""

from pathlib import Path

import pytest

from tests.e2e.running import Lab, Tool


@pytest.fixture(scope="module")
def exported(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    done = lab.run("export", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def signed_zones(lab: Lab) -> list[str]:
    """Return those that other programs have the algorithms for."""
    signed = [zone for zone in lab.status["zones"] if zone["signed"]]
    return [zone["name"] for zone in signed if not zone["algorithm"]["experimental"]]


def file_of(exported: Path, zone: str) -> str:
    return str(exported / f"{zone.rstrip('.') or 'root'}.zone")


def test_ldns_verify_zone_accepts_every_zone(tool: Tool, lab: Lab, exported: Path) -> None:
    for zone in signed_zones(lab):
        done = tool("ldns-verify-zone", file_of(exported, zone))
        assert done.returncode == 0, f"{zone}: {done.stdout}{done.stderr}"


def test_dnssec_verify_accepts_every_zone(tool: Tool, lab: Lab, exported: Path) -> None:
    for zone in signed_zones(lab):
        # -z: a zone with one key for everything (CSK) has no ZSK.
        csk = ["-z"] if lab.zone(zone)["keys"][0]["role"] == "csk" else []
        done = tool("dnssec-verify", *csk, "-o", zone, file_of(exported, zone))
        assert done.returncode == 0, f"{zone}: {done.stdout}{done.stderr}"


def test_ldns_verify_zone_finds_the_digest_of_the_root(tool: Tool, exported: Path) -> None:
    # -ZZ: there must be a ZONEMD record that fits, in a zone that is signed.
    done = tool("ldns-verify-zone", "-ZZ", file_of(exported, "."))
    assert done.returncode == 0, done.stdout + done.stderr


def test_dnssec_verify_refuses_a_changed_zone(tool: Tool, exported: Path, tmp_path: Path) -> None:
    text = Path(file_of(exported, "example.fr.")).read_text()
    changed = tmp_path / "example.fr.zone"
    changed.write_text(text.replace("192.0.2.80", "192.0.2.81"))
    assert tool("dnssec-verify", "-o", "example.fr.", str(changed)).returncode != 0
