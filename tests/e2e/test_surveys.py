"""DNSViz and Zonemaster survey the lab as they survey the Internet."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import Lab, find

# The pygraphviz of Debian has lost a module that its DNSViz asks for the version.
SHIM = """\
import sys, types
release = types.ModuleType("pygraphviz.release")
release.version = "1.7"
sys.modules["pygraphviz.release"] = release
"""
# DNSViz has never heard of ML-DSA; it says so, and calls the zone insecure.
KNOWN_TO_DNSVIZ = {("mldsa44.lessons.fr.", "ALGORITHM_NOT_SUPPORTED")}

# One of each kind: root, top level domain, NSEC, NSEC3, compact, another algorithm, no keys.
SURVEYED = (
    ".",
    "fr.",
    "example.fr.",
    "nsec3.lessons.fr.",
    "opt-out.lessons.fr.",
    "compact.lessons.fr.",
    "org.",
    "unsigned.example.fr.",
)
MODULES = ("Basic", "DNSSEC", "Nameserver", "Zone", "Consistency", "Delegation")
# What no zone of a lab can mend, and why it is no error of the server.
ALLOWED = {
    (".", "DNSKEY_BUT_NOT_DS"): "the root has no parent; its DS is the trust anchor",
    **{
        ("opt-out.lessons.fr.", code): (
            "its standby key has a DS and signs nothing yet (RFC 6781 section 4.1.2, Double-DS)"
        )
        for code in (
            "DS02_NO_MATCHING_DNSKEY_RRSIG",
            "DS16_DNSKEY_NOT_SIGNED_BY_CDS",
            "DS17_DNSKEY_NOT_SIGNED_BY_CDNSKEY",
        )
    },
}


class DnsViz:
    """Ask the lab from the root down, and tell what was found wrong."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        (folder / "sitecustomize.py").write_text(SHIM)
        self._lab, self._folder = lab, folder

    def findings(self, level: str, *zones: str) -> set[tuple[str, str]]:
        """Return zone and code of every finding of *level* or above."""
        root = ",".join(
            f"{one['name'].rstrip('.')}={one['address']}"
            for one in self._lab.status["root_servers"]
        )
        probed = str(self._folder / "probe.json")
        self._run("probe", "-A", "-4", "-a", ".", "-x", f".+:{root}", "-o", probed, *zones)
        anchor = self._lab.status["trust_anchor"]["dnskey"]
        said = self._run("grok", "-P", "-t", anchor, "-l", level, "-r", probed)
        document = json.loads(said) if said.strip() else {}
        return {(zone, code) for zone, found in document.items() for code in _codes(found)}

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [find("dnsviz"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
            env={**os.environ, "PYTHONPATH": str(self._folder)},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def _codes(found: Any) -> set[str]:  # noqa: ANN401 JSON of another program
    """Return the codes of all errors and warnings at any depth."""
    codes: set[str] = set()
    if isinstance(found, list):
        return codes.union(*map(_codes, found))
    if isinstance(found, dict):
        for key, value in found.items():
            if key in {"errors", "warnings"}:
                codes |= {one["code"] for one in value}
            else:
                codes |= _codes(value)
    return codes


@pytest.fixture
def dnsviz(lab_53: Lab, tmp_path: Path) -> DnsViz:
    return DnsViz(lab_53, tmp_path)


def test_dnsviz_finds_nothing_wrong_in_any_zone(lab_53: Lab, dnsviz: DnsViz) -> None:
    zones = [zone["name"] for zone in lab_53.status["zones"]]
    assert dnsviz.findings("warning", *zones) <= KNOWN_TO_DNSVIZ


def test_dnsviz_would_have_found_a_wrong_ds(lab_53: Lab, dnsviz: DnsViz) -> None:
    assert lab_53.run("fault", "ds-mismatch", "child=afnic.fr.").returncode == 0
    try:
        assert dnsviz.findings("error", "afnic.fr.")
    finally:
        lab_53.run("fault", "--clear")


@pytest.mark.parametrize("zone", SURVEYED)
def test_zonemaster_finds_nothing_wrong(zone: str, lab_53: Lab) -> None:
    hints = lab_53.status["root_hints"]
    tests = [part for module in MODULES for part in ("--test", module)]
    found = []
    done = subprocess.run(
        [
            find("zonemaster-cli"),
            *("--hints", hints, "--no-ipv6", "--raw", "--level", "WARNING"),
            *tests,
            zone if zone == "." else zone.rstrip("."),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        words = line.split()
        if len(words) > 2 and words[1] in {"WARNING", "ERROR", "CRITICAL"}:
            found.append((zone, words[2]))
    assert set(found) <= set(ALLOWED), done.stdout
