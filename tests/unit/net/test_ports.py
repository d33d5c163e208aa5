from collections.abc import Coroutine
from errno import EACCES, EADDRINUSE, EADDRNOTAVAIL, ENOBUFS, EPERM
from typing import Any, TypeVar

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError

from lab.net.dns_server import listen
from lab.net.ports import FREE_PORT_TRIES, BindError, PortSet, on_one_port
from tests.unit.net.sockets import FakeReactor

T = TypeVar("T")
ADDRESSES = ("127.0.0.1", "127.0.0.2")


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine that need not wait returns."""
    got: list[T] = []
    failed: list[BaseException] = []
    running = Deferred.fromCoroutine(coroutine)
    running.addCallbacks(got.append, lambda failure: failed.append(failure.value))
    if failed:
        raise failed[0]
    return got[0]


def open_all(reactor: FakeReactor, port: int) -> tuple[PortSet, int]:
    """Open UDP and TCP on both addresses; they come from an iterator, as from a caller."""

    def one(ports: PortSet, address: str, number: int) -> int:
        return listen(reactor.reactor, ports, address, number, lambda wire, peer: (wire,))

    return finished(on_one_port(iter(ADDRESSES), port, one))


def opened(reactor: FakeReactor) -> list[tuple[str, int]]:
    every = [*(port for port, _ in reactor.udp), *(port for port, _ in reactor.tcp)]
    return [(port.interface, port.number) for port in every if port.open]


def test_one_number_is_opened_on_every_address_for_udp_and_tcp() -> None:
    reactor = FakeReactor()
    _, number = open_all(reactor, 5300)
    assert number == 5300
    assert sorted(opened(reactor)) == sorted([(one, 5300) for one in ADDRESSES] * 2)


def test_a_free_number_is_looked_for_until_it_is_free_everywhere() -> None:
    reactor = FakeReactor()
    reactor.taken = {
        ("UDP", "127.0.0.2", 40001): EADDRINUSE,
        ("TCP", "127.0.0.1", 40002): EADDRINUSE,
    }
    _, number = open_all(reactor, 0)
    assert number == 40003
    assert sorted(opened(reactor)) == sorted([(one, 40003) for one in ADDRESSES] * 2)


def test_after_some_tries_it_is_given_up() -> None:
    reactor = FakeReactor()
    reactor.taken = {("TCP", "127.0.0.1", 40001 + n): EADDRINUSE for n in range(FREE_PORT_TRIES)}
    with pytest.raises(BindError):
        open_all(reactor, 0)
    assert opened(reactor) == []


def test_a_number_that_was_asked_for_is_tried_once_and_nothing_stays_open() -> None:
    reactor = FakeReactor()
    reactor.taken = {("TCP", "127.0.0.2", 5300): EADDRINUSE}
    with pytest.raises(BindError):
        open_all(reactor, 5300)
    assert opened(reactor) == []


def test_a_port_that_is_forbidden_is_not_tried_again() -> None:
    reactor = FakeReactor()
    reactor.taken = {("UDP", "127.0.0.1", 40001): EACCES}
    with pytest.raises(BindError) as caught:
        open_all(reactor, 0)
    assert caught.value.forbidden


def test_a_closed_set_is_empty() -> None:
    reactor = FakeReactor()
    ports, _ = open_all(reactor, 5300)
    finished(ports.close())
    finished(ports.close())
    assert opened(reactor) == []


REASONS = {
    EACCES: (True, False, "needs root"),
    EPERM: (True, False, "needs root"),
    EADDRINUSE: (False, True, "another program has it"),
    EADDRNOTAVAIL: (False, False, "does not have that address"),
    ENOBUFS: (False, False, "no space"),
}


@pytest.mark.parametrize("number", REASONS)
def test_an_error_says_what_can_be_done(number: int) -> None:
    forbidden, taken, words = REASONS[number]
    error = BindError("127.0.0.1", 53, CannotListenError("", 53, OSError(number, "no space")))
    assert (error.forbidden, error.taken) == (forbidden, taken)
    assert str(error).startswith("cannot listen on 127.0.0.1 port 53: ")
    assert words in str(error)


def test_an_error_without_a_number_is_told_as_it_is() -> None:
    error = CannotListenError("", 53, OSError("strange"))
    assert "strange" in str(BindError("127.0.0.1", 53, error))
