"""On which port DNS over TLS is opened."""

import errno

import pytest
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from lab.app.dot import open_dot
from lab.core.question import Server
from lab.nameserver.query import Peer
from lab.net.dns_server import Responder
from lab.net.ports import BindError, PortSet
from lab.world.dot import DotServer
from tests.fakes import name
from tests.unit.net.sockets import FakeReactor
from tests.unit.tls.pair import SERVER

SERVERS = tuple(
    DotServer("op", Server(name(f"ns{number}.op."), f"127.53.0.{number}"), SERVER, 853)
    for number in (1, 2)
)


def responder(address: str) -> Responder:
    def respond(wire: bytes, peer: Peer) -> tuple[bytes, ...]:
        del wire, peer
        return (address.encode(),)

    return respond


def opened(reactor: FakeReactor, wanted: int | None) -> int:
    waiting: Deferred[tuple[PortSet, int]] = Deferred.fromCoroutine(
        open_dot(reactor.reactor, SERVERS, responder, wanted)
    )
    results: list[tuple[PortSet, int]] = []
    waiting.addCallback(results.append)
    failures: list[Failure] = []
    waiting.addErrback(failures.append)
    for failure in failures:
        failure.raiseException()
    return results[0][1]


def still_open(reactor: FakeReactor) -> list[tuple[str, int]]:
    return [(port.interface, port.number) for port, _ in reactor.tcp if port.open]


CHOICES: dict[tuple[int | None, str], int] = {
    (None, "nothing is taken"): 853,
    (None, "853 is forbidden"): 8853,
    (None, "853 is taken"): 8853,
    (9000, "nothing is taken"): 9000,
}
TAKEN = {
    "nothing is taken": {},
    "853 is forbidden": {("TCP", "127.53.0.1", 853): errno.EACCES},
    "853 is taken": {("TCP", "127.53.0.2", 853): errno.EADDRINUSE},
}


@pytest.mark.parametrize(("wanted", "case"), CHOICES)
def test_one_port_is_opened_at_every_address(wanted: int | None, case: str) -> None:
    reactor = FakeReactor()
    reactor.taken = TAKEN[case]
    number = opened(reactor, wanted)
    assert number == CHOICES[wanted, case]
    assert still_open(reactor) == [("127.53.0.1", number), ("127.53.0.2", number)]


def test_if_both_usual_ports_are_taken_any_other_will_do() -> None:
    reactor = FakeReactor()
    reactor.taken = {("TCP", "127.53.0.1", port): errno.EADDRINUSE for port in (853, 8853)}
    assert opened(reactor, None) > 8853


def test_a_port_that_was_asked_for_is_not_replaced() -> None:
    reactor = FakeReactor()
    reactor.taken = {("TCP", "127.53.0.2", 9000): errno.EADDRINUSE}
    with pytest.raises(BindError):
        opened(reactor, 9000)
    assert still_open(reactor) == []


def test_an_address_that_is_missing_is_reported() -> None:
    reactor = FakeReactor()
    reactor.taken = {("TCP", "127.53.0.1", 853): errno.EADDRNOTAVAIL}
    with pytest.raises(BindError):
        opened(reactor, None)
