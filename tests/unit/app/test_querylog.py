import dns.message
import pytest

from lab.app.querylog import LINES_A_SECOND, QueryLog, describe
from lab.nameserver.query import push_refusal
from lab.nameserver.server import NameServer
from tests.fakes import NOW, PEER, TCP_PEER, query, served

SERVER = NameServer(
    served({"example.": "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 127.0.0.1\n"})
)
UPDATE = b"\x00\x01\x28\x00\x00\x01" + bytes(6) + b"\x01a\x00\x00\x01\x00\x01"


def ask(qname: str, edns: int = 0) -> tuple[bytes, bytes | None]:
    wire = query(qname, edns=edns).to_wire()
    return wire, SERVER.respond(wire, PEER, NOW)


CASES = {
    "an answer": (ask("ns.example."), "ns.example. A  NOERROR"),
    "a denial": (ask("x.example."), "x.example. A  NXDOMAIN"),
    "a refusal": (ask("x.test."), "x.test. A  REFUSED"),
    "another EDNS": (ask("ns.example.", edns=1), "ns.example. A  BADVERS"),
    "no query": ((bytes(12), push_refusal(bytes(12))), "a malformed query  FORMERR"),
    "UPDATE": ((UPDATE, push_refusal(UPDATE)), "a malformed query  NOTIMP"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_query_is_one_line(case: str) -> None:
    (wire, answer), words = CASES[case]
    assert answer is not None
    line = describe("127.53.0.1", PEER, wire, answer)
    assert line == f"127.53.0.1  {words}  {len(answer)} octets UDP"


def test_silence_is_said() -> None:
    assert describe("127.53.0.1", TCP_PEER, b"abc", None) == "127.53.0.1  3 octets of TCP ignored"


def test_names_cannot_change_the_terminal() -> None:
    wire, answer = ask("x.example.")
    asked = dns.message.from_wire(wire).question[0].name.to_wire()
    assert asked is not None
    assert "\x1b" not in describe("a", PEER, wire.replace(b"\x01x", b"\x01\x1b"), answer)


def test_a_flood_is_counted() -> None:
    lines: list[str] = []
    now = [100.0]
    log = QueryLog(lines.append, lambda: now[0])
    for _ in range(LINES_A_SECOND + 7):
        log("127.53.0.1", PEER, b"abc", None)
    assert len(lines) == LINES_A_SECOND
    now[0] += 1
    log("127.53.0.1", PEER, b"abc", None)
    assert lines[LINES_A_SECOND:] == ["… and 7 more queries", "127.53.0.1  3 octets of UDP ignored"]
