"""The benchmarks run and print their figures; what these are is nobody's concern here."""

import json
import subprocess
import sys

TINY = ("--rounds", "1", "--count", "1")


def bench(*options: str) -> str:
    command = [sys.executable, "-m", "tests.bench", *TINY, *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_it_prints_a_table_with_a_line_for_each_contender() -> None:
    said = bench()
    assert "libssl: OpenSSL" in said
    title, head, *lines = said.rpartition("\n\n")[2].splitlines()
    assert title.startswith("mutual TLS 1.3 handshakes")
    assert head.split() == ["per", "second", "CPU", "us", "ratio"]
    assert [line[:34].rstrip() for line in lines] == [
        "DANE on both sides",
        "same engine, everybody let in",
        "Python's ssl, PKIX on both sides",
    ]


def test_it_prints_json_for_programs() -> None:
    said = json.loads(bench("--json"))
    assert {"machine", "python", "libssl"} <= set(said["machine"])
    for figures in said["benchmarks"].values():
        assert figures[0]["ratio"] == 1
        assert all(one["per_second"] > 0 and one["cpu_us"] > 0 for one in figures)
