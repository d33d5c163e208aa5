"""`lab run --step` at a real terminal: people read, answer, look back, and leave when they like."""

import json
import os
import pty
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.message
import dns.query
import dns.rdatatype
import pytest

from tests.e2e.running import Lab, command

PATIENCE_S = 30.0
GO_ON, ANSWER = "q: quit  > ", "do not know) > "
LESSON = """
title = "A lesson"

[[step]]
do = "validate"
name = "www.example.fr"
type = "A"
expect = "secure"
ask = { question = "What names the KSK?", answer = "the DS", hint = "Look at the parent." }

[[step]]
do = "fault"
fault = "rrsig-expired"
owner = "www.example.fr"
type = "A"

[[step]]
do = "validate"
name = "www.example.fr"
type = "A"
expect = "bogus"
"""


class Person:
    """Sit at a terminal."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._seen = ""

    def types(self, line: str) -> None:
        os.write(self._terminal, f"{line}\n".encode())

    def reads(self, until: str = "") -> str:
        """Return what is shown up to *until*, or to the end."""
        deadline = time.monotonic() + PATIENCE_S
        while not until or until not in self._seen:
            if not select.select([self._terminal], [], [], deadline - time.monotonic())[0]:
                pytest.fail(f"waited in vain for {until!r} after {self._seen!r}")
            try:
                chunk = os.read(self._terminal, 65536)
            except OSError:
                # How Linux says that nobody holds the other side any more.
                chunk = b""
            if not chunk:
                until = self._seen
                break
            self._seen += chunk.decode()
        shown, _, self._seen = self._seen.partition(until)
        return shown + until


@contextmanager
def sitting_at(*arguments: str) -> Iterator[Person]:
    process, terminal = pty.fork()
    if process == 0:
        environment = {**os.environ, "TERM": "dumb", "COLUMNS": "120"}
        command_line = [sys.executable, "-m", "lab", *arguments]
        os.execve(sys.executable, command_line, environment)  # noqa: S606 no shell is wanted
    try:
        yield Person(terminal)
    finally:
        # Whoever closes a terminal ends what runs there.
        os.close(terminal)
        os.waitpid(process, 0)


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    file = tmp_path / "lesson.toml"
    file.write_text(LESSON)
    return file


@pytest.fixture(params=["running lab", "own lab"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "own lab":
        return tmp_path / "state"
    lab: Lab = request.getfixturevalue("lab")
    return lab.state


def expired(state: Path) -> bool:
    """Tell whether the signature that a server gives now has expired."""
    status = json.loads((state / "run.json").read_text())
    (zone,) = (one for one in status["zones"] if one["name"] == "example.fr.")
    query = dns.message.make_query("www.example.fr.", "A", want_dnssec=True)
    where = zone["nameservers"][0]["address"]
    answer = dns.query.udp(query, where, timeout=PATIENCE_S, port=status["port"]).answer
    (rrsig,) = (one[0] for one in answer if one.rdtype == dns.rdatatype.RRSIG)
    return bool(rrsig.expiration < time.time())  # noqa: TID251 the real time


def test_people_go_through_a_lesson_and_leave_it_as_it_was(
    lesson: Path, state: Path, tmp_path: Path
) -> None:
    cast = tmp_path / "lesson.cast"
    with sitting_at(
        "run", str(lesson), "--step", "--state", str(state), "--record", str(cast)
    ) as person:
        assert "What names the KSK?" in person.reads(ANSWER)
        person.types("the root")
        assert "Not so. Look at the parent." in person.reads(ANSWER)
        person.types("The DS.")
        assert "Right: the DS" in person.reads(GO_ON)
        person.types("")
        assert "Step 2 of 3: fault rrsig-expired" in person.reads(GO_ON)
        assert not expired(state)
        person.types("?")
        assert ";; ANSWER\r\nwww.example.fr. " in person.reads(GO_ON)
        person.types("")
        person.reads(GO_ON)
        # The servers go on to answer while the prompt waits, with the fault.
        assert expired(state)
        person.types("b")
        assert "Step 2 of 3" in person.reads(GO_ON)
        person.types("q")
        assert "Stopped; zones, faults and clock are as they were." in person.reads()
    header, *pieces = (json.loads(line) for line in cast.read_text().splitlines())
    assert header["version"] == 2
    assert [one[0] for one in pieces] == sorted(one[0] for one in pieces)
    assert "The DS.\r\n" in "".join(one[2] for one in pieces)


def test_who_closes_the_terminal_leaves_the_running_lab_as_it_was(lesson: Path, lab: Lab) -> None:
    with sitting_at("run", str(lesson), "--step", "--state", str(lab.state)) as person:
        person.reads(ANSWER)
        person.types("")
        for _ in range(2):
            person.reads(GO_ON)
            person.types("")
        person.reads(GO_ON)
        assert expired(lab.state)
    assert not expired(lab.state)


def test_without_a_terminal_nobody_is_waited_for(lesson: Path) -> None:
    done = command("run", str(lesson), "--step")
    assert done.returncode == 3
    assert done.stderr == (
        "lab: --step waits for Enter, but standard input is no terminal; --speed needs none\n"
    )
