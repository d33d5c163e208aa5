"""Queries as structured events: counted, as JSON lines, and as dnstap that others can read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import Lab, Tool, start, stop


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory, tool: Tool) -> Path:
    """The folder in which a lab has logged three queries."""
    folder = tmp_path_factory.mktemp("events")
    words = ("--query-log", str(folder / "queries.jsonl"), "--dnstap", str(folder / "queries.tap"))
    lab = start(folder / "state", "--port", "0", "--tls-port", "0", "--dot-port", "0", *words)
    ask(tool, lab, "www.example.fr", "A")
    ask(tool, lab, "nobody.example.fr", "TXT", "+tcp")
    ask(tool, lab, "www.example.org", "A")
    (folder / "stats.json").write_text(lab.run("stats", "--json").stdout)
    (folder / "stats.txt").write_text(lab.run("stats").stdout)
    assert "Traceback" not in stop(lab)
    return folder


def ask(tool: Tool, lab: Lab, *words: str) -> None:
    tool("dig", "-p", str(lab.port), f"@{lab.address('example.fr.')}", "+norec", *words)


def test_each_query_is_a_line_of_json(logs: Path) -> None:
    lines = [json.loads(line) for line in (logs / "queries.jsonl").read_text().splitlines()]
    assert [(one["qname"], one["rcode"], one["transport"]) for one in lines] == [
        ("www.example.fr.", "NOERROR", "UDP"),
        ("nobody.example.fr.", "NXDOMAIN", "TCP"),
        ("www.example.org.", "REFUSED", "UDP"),
    ]
    assert lines[2]["ede"] == [20]


def test_queries_are_counted(logs: Path) -> None:
    stats = json.loads((logs / "stats.json").read_text())
    assert stats["queries"] == 3
    assert stats["zone"] == {"example.fr.": 2, "org.": 1}
    assert stats["rcode"] == {"NOERROR": 1, "NXDOMAIN": 1, "REFUSED": 1}
    assert stats["transport"] == {"UDP": 2, "TCP": 1}
    assert "3 queries" in (logs / "stats.txt").read_text()


def test_dnstap_read_shows_queries_and_answers(logs: Path, tool: Tool) -> None:
    output = tool("dnstap-read", str(logs / "queries.tap"), check=True).stdout
    lines = output.splitlines()
    assert len(lines) == 6
    assert [line.split()[2] for line in lines] == ["AQ", "AR"] * 3
    assert [line.split()[-1] for line in lines[::2]] == [
        "www.example.fr/IN/A",
        "nobody.example.fr/IN/TXT",
        "www.example.org/IN/A",
    ]
    assert " TCP " in lines[2]


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "lab", "up", "--port", "0", "--tls-port", "0"),
            *("--state", str(tmp_path / "state"), "--query-log", str(tmp_path / "none" / "log")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode != 0
    assert "cannot write a log of queries" in done.stderr
    assert "Traceback" not in done.stderr


TOLD_TO_THE_ROOT = {
    (): {("fr.", "A"), ("eu.", "A"), (".", "DNSKEY")},
    ("--no-qname-minimisation",): {
        ("cross.example.fr.", "A"),
        ("www.telecom-sudparis.eu.", "A"),
        (".", "DNSKEY"),
    },
}


def test_the_root_is_told_the_top_label_alone(tmp_path: Path) -> None:
    """RFC 9156; an alias leads from one zone to another."""
    log = tmp_path / "queries.jsonl"
    words = ("--port", "0", "--tls-port", "0", "--dot-port", "0", "--query-log", str(log))
    lab = start(tmp_path / "state", *words)
    root = {one["address"] for one in lab.status["root_servers"]}
    seen = 0
    for options, told in TOLD_TO_THE_ROOT.items():
        lab.run("validate", "cross.example.fr", *options)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        questions = {
            (one["qname"].lower(), one["qtype"]) for one in lines[seen:] if one["server"] in root
        }
        assert questions == told
        seen = len(lines)
    stop(lab)
