"""The library for other programs over real sockets: a resolver to ask, and servers that forge."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.rrset
import pytest
from dns.rdatatype import RdataType

from lab import resolve
from lab.core.errors import TransportError
from lab.core.question import Carrier, Question, Server
from lab.net.entropy import SystemEntropy
from lab.net.plain_client import PlainClient
from tests.e2e.running import Lab, Resolver, free_port
from tests.fakes import name

PATIENCE_S = 5.0


@pytest.mark.parametrize(
    ("qname", "status"),
    [
        ("www.example.fr", "secure"),
        ("nowhere.example.fr", "secure"),
        ("www.unsigned.example.fr", "insecure"),
    ],
)
def test_the_library_asks_a_resolver_and_judges_itself(
    lab_53: Lab, unbound: Resolver, qname: str, status: str
) -> None:
    anchor = Path(lab_53.status["trust_anchor"]["ds"])
    answer = resolve(qname, anchor=anchor, forward=unbound.address, port=unbound.port)
    assert answer.status.value == status


class Server53:
    """Answer one query over UDP, and one over TCP, as a test likes."""

    def __init__(self, *, forge: bool, change_case: bool) -> None:
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port = self.udp.getsockname()[1]
        self.tcp = socket.create_server(("127.0.0.1", self.port))
        self.forge, self.change_case = forge, change_case

    def over_udp(self) -> None:
        query, peer = self.udp.recvfrom(4096)
        answer = respond(query, "192.0.2.1")
        if self.forge:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.sendto(respond(query, "192.0.2.66"), peer)
            self.udp.sendto(bytes([query[0] ^ 1]) + respond(query, "192.0.2.66")[1:], peer)
        if self.change_case:
            answer = answer[:12] + answer[12:25].lower() + answer[25:]
        self.udp.sendto(answer, peer)

    def over_tcp(self) -> None:
        self.tcp.settimeout(PATIENCE_S)
        try:
            connection, _ = self.tcp.accept()
        except OSError:  # nobody came before the test was over
            return
        with connection, connection.makefile("rb") as stream:
            query = stream.read(int.from_bytes(stream.read(2), "big"))
            answer = respond(query, "192.0.2.2")
            connection.sendall(len(answer).to_bytes(2, "big") + answer)


def respond(query: bytes, address: str) -> bytes:
    response = dns.message.make_response(dns.message.from_wire(query))
    response.flags |= dns.flags.AA
    response.answer = [dns.rrset.from_text(response.question[0].name, 60, "IN", "A", address)]
    return response.to_wire()


@contextmanager
def serving(*, forge: bool = False, change_case: bool = False) -> Iterator[Server53]:
    server = Server53(forge=forge, change_case=change_case)
    threads = [threading.Thread(target=server.over_udp, daemon=True)]
    threads += [threading.Thread(target=server.over_tcp, daemon=True)]
    with server.udp, server.tcp:
        for one in threads:
            one.start()
        yield server


def ask(port: int) -> tuple[Carrier | None, str]:
    question = Question(name("www.example."), RdataType.A, Server(name("ns."), "127.0.0.1"))
    response = PlainClient(port, SystemEntropy(), timeout_s=PATIENCE_S).ask(question)
    return response.carrier, response.message.answer[0].to_text()


def test_forged_datagrams_do_not_disturb_the_blocking_client() -> None:
    with serving(forge=True) as server:
        assert ask(server.port) == (Carrier.UDP, "www.example. 60 IN A 192.0.2.1")


def test_an_answer_in_another_case_sends_the_blocking_client_to_tcp() -> None:
    with serving(change_case=True) as server:
        carrier, record = ask(server.port)
    assert carrier is Carrier.TCP
    assert record.endswith("192.0.2.2")


def test_where_nobody_listens_the_blocking_client_says_so() -> None:
    with pytest.raises(TransportError, match=r"no answer over UDP from ns\. \(127\.0\.0\.1\)"):
        ask(free_port())
