"""The benchmarks run and print their figures; what these are is nobody's concern here."""

import json
import subprocess
import sys

NAMINGS = ["flat", "tree, two octets a label", "tree, a digit a label"]
TABLES = (
    (
        "mutual TLS 1.3 handshakes in memory, P-256",
        [
            "DANE on both sides",
            "same engine, everybody let in",
            "Python's ssl, PKIX on both sides",
        ],
    ),
    (
        "the same over sockets: connect, one octet, goodbye",
        [
            "DANE on both sides",
            "same servers, everybody let in",
            "asyncio's ssl, PKIX on both sides",
        ],
    ),
    ("identities of devices that are there", NAMINGS),
    ("identities of devices that are not", NAMINGS),
    (
        "a device changes its key by UPDATE, and is asked for",
        ["one zone, flat", "one zone, a tree", "a tree of zones"],
    ),
    (
        "a test's own tree: from fixture to first validated answer",
        ["asked by a call", "asked over UDP"],
    ),
)
TINY = ("--rounds", "1", "--count", "1")


def bench(*options: str) -> str:
    command = [sys.executable, "-m", "tests.bench", *TINY, *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_it_prints_a_table_with_a_line_for_each_contender() -> None:
    machine, *tables = bench().split("\n\n")
    assert "libssl: OpenSSL" in machine
    for text, expected in zip(tables, TABLES, strict=True):
        title, head, *lines = text.splitlines()
        assert head.split() == ["per", "second", "CPU", "us", "ratio"]
        assert (title, [line[:34].rstrip() for line in lines]) == expected


def test_it_prints_json_for_programs() -> None:
    said = json.loads(bench("--json"))
    assert {"machine", "python", "libssl"} <= set(said["machine"])
    for figures in said["benchmarks"].values():
        assert figures[0]["ratio"] == 1
        assert all(one["per_second"] > 0 and one["cpu_us"] > 0 for one in figures)
