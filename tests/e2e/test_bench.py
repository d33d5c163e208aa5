"""The benchmarks run and print their figures; what these are is nobody's concern here."""

import json
import subprocess
import sys

from tests.bench.inside import TITLES
from tests.e2e.running import find

CONTENDERS = {
    "DANE on both sides",
    "same engine, everybody let in",
    "Python's ssl, PKIX on both sides",
    "same servers, everybody let in",
    "asyncio's ssl, PKIX on both sides",
    "flat",
    "tree, two octets a label",
    "tree, a digit a label",
    "one zone, flat",
    "one zone, a tree",
    "a tree of zones",
    "asked by a call",
    "asked over UDP",
}


def bench(*options: str) -> str:
    command = [sys.executable, "-m", "tests.bench", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_it_prints_a_table_with_a_line_for_each_contender() -> None:
    page = bench("--only", "inside", "--rounds", "1", "--count", "1")
    assert "- libssl: OpenSSL" in page
    headings = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert headings == ["Goals", *(one[0].upper() + one[1:] for one in TITLES)]
    _, *tables = page.split("\n## ")[1:]
    lines = [line.split(" | ") for table in tables for line in table.splitlines()[4:]]
    assert {line[0].removeprefix("| ") for line in lines if len(line) > 1} == CONTENDERS


def test_it_asks_servers_and_prints_json_for_programs() -> None:
    find("nsd"), find("ldns-signzone"), find("dnsperf")
    said = json.loads(
        bench("--json", "--quick", "--only", "servers", "--peers", "NSD", "--seconds", "0.1")
    )
    assert {"machine", "python", "libssl", "nsd"} <= set(said["machine"])
    (nsd,) = said["figures"].values()
    assert (nsd["RRSIGs"], nsd["RRSIGs nx"], nsd["wrong"], nsd["lost"]) == (2, 3, 0, 0)
    assert all(nsd[f"{kind} us"] > 0 for kind in ("hot", "mix", "nx"))
