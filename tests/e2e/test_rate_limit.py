"""Rate limits and cookies on a running lab: a flood gets a few answers, a cookie gets all."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import pytest
from dns.edns import CookieOption, OptionType

from tests.e2e.running import Lab, Tool, start, stop

RATE = 10
FLOOD = 200


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab that limits its answers."""
    folder: Path = tmp_path_factory.mktemp("rrl")
    ports = ("--port", "0", "--tls-port", "0", "--dot-port", "0")
    lab = start(folder / "state", *ports, "--rrl", str(RATE))
    yield lab
    assert "Traceback" not in stop(lab)


def flood(lab: Lab, *options: dns.edns.Option) -> list[dns.message.Message]:
    asked = dns.message.make_query("www.example.fr.", "A", use_edns=0, options=list(options))
    answers: list[dns.message.Message] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect((lab.address("example.fr."), lab.port))
        asker.settimeout(0.5)
        for _ in range(FLOOD):
            asker.send(asked.to_wire())
        with suppress(TimeoutError):
            while len(answers) < FLOOD:
                answers += [dns.message.from_wire(asker.recv(4096))]
    return answers


def test_a_flood_is_answered_a_few_times(limited: Lab) -> None:
    answers = flood(limited)
    whole = [one for one in answers if one.answer]
    short = [one for one in answers if one.flags & dns.flags.TC]
    # The flood may last longer than one second.
    assert 0 < len(whole) < FLOOD / 2
    assert 0 < len(short) < FLOOD * 3 / 4
    stats = json.loads(limited.run("stats", "--json").stdout)
    assert stats["rate_limited"]["drop"] > 0


def test_who_shows_a_cookie_is_answered_always(limited: Lab) -> None:
    with socket.create_connection((limited.address("example.fr."), limited.port)) as stream:
        asked = dns.message.make_query("www.example.fr.", "A", use_edns=0)
        asked.use_edns(0, options=[CookieOption(b"client!!", b"")])
        wire = asked.to_wire()
        stream.sendall(len(wire).to_bytes(2, "big") + wire)
        answer = dns.message.from_wire(stream.recv(4096)[2:])
    (cookie,) = [one for one in answer.options if one.otype == OptionType.COOKIE]
    assert isinstance(cookie, CookieOption)
    answers = flood(limited, cookie)
    assert len(answers) > FLOOD * 3 / 4
    assert all(one.answer for one in answers)


def test_where_cookies_are_required_dig_fetches_one_and_asks_again(
    tmp_path: Path, tool: Tool
) -> None:
    ports = ("--port", "0", "--tls-port", "0", "--dot-port", "0")
    lab = start(tmp_path / "state", *ports, "--cookies", "required")
    where = ("-p", str(lab.port), f"@{lab.address('example.fr.')}", "+norec", "www.example.fr")
    assert "status: BADCOOKIE" in tool("dig", *where, "+nobadcookie").stdout
    assert "status: NOERROR" in tool("dig", *where, "+badcookie").stdout
    assert "status: NOERROR" in tool("dig", *where, "+nocookie").stdout
    assert "Traceback" not in stop(lab)
