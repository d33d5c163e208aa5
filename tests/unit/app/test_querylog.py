"""Where queries are written."""

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lab.app.querylog import LINES_A_SECOND, EventFile, LogFiles, OnQuery, QueryLog, logging_to
from lab.core.errors import InputError
from lab.nameserver.event import QueryEvent
from lab.present.dnstap import start_frame, stop_frame
from tests.fakes import PEER, query

SILENT = QueryEvent(1.0, "127.53.0.1", 53, PEER, b"abc", None, 0, 0)
ASKED = QueryEvent(1.0, "127.53.0.1", 53, PEER, query("example.").to_wire(), None, 0, 0)


@dataclass
class Lab:
    on_query: list[OnQuery] = field(default_factory=list)

    def tell(self, event: QueryEvent) -> None:
        for one in self.on_query:
            one(event)


def test_a_flood_is_counted() -> None:
    lines: list[str] = []
    now = [100.0]
    log = QueryLog(lines.append, lambda: now[0])
    for _ in range(LINES_A_SECOND + 7):
        log(SILENT)
    assert len(lines) == LINES_A_SECOND
    now[0] += 1
    log(SILENT)
    assert lines[LINES_A_SECOND:] == ["… and 7 more queries", "127.53.0.1  3 octets of UDP ignored"]


def test_each_query_is_one_line_of_json(tmp_path: Path) -> None:
    lab, file = Lab(), tmp_path / "queries.jsonl"
    for event in (SILENT, ASKED):
        with logging_to(LogFiles(json_lines=file), lab):
            lab.tell(event)
        lab.on_query.clear()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [one.get("qname") for one in lines] == [None, "example."]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_dnstap_file_has_a_beginning_and_an_end(tmp_path: Path) -> None:
    lab, file = Lab(), tmp_path / "queries.tap"
    for _ in range(2):
        with logging_to(LogFiles(dnstap=file, identity="lab"), lab):
            lab.tell(ASKED)
        lab.on_query.clear()
    octets = file.read_bytes()
    assert octets.startswith(start_frame())
    assert octets.endswith(stop_frame())
    assert octets.count(start_frame()) == 1
    assert ASKED.query in octets


def test_no_file_was_asked_for_and_none_is_written() -> None:
    lab = Lab()
    with logging_to(LogFiles(), lab):
        assert lab.on_query == []


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none" / "queries.jsonl"
    with pytest.raises(InputError, match=r"queries\.jsonl"), logging_to(LogFiles(file), Lab()):
        raise AssertionError


def test_a_full_disk_ends_the_log_and_nothing_else() -> None:
    full = EventFile(Path("/dev/full"), lambda _event: b"x", (b"", b""))
    full(ASKED)
    full(ASKED)
    full.close()
