"""A secondary is told again and again, until it has heard (RFC 1996 section 3.6)."""

import dns.message
import pytest
from dns.message import Message
from dns.opcode import NOTIFY
from twisted.internet.defer import Deferred

from lab.nameserver.access import Target
from lab.net.notify import FIRST_WAIT_S, TRIES, notify
from tests.fakes import query
from tests.unit.net.sockets import FakeReactor

TARGET = Target("127.0.0.1", 5301)
ADDRESS = ("127.0.0.1", 5301)


def notification() -> Message:
    message = query("example.", "SOA", edns=None)
    message.set_opcode(NOTIFY)
    return dns.message.from_wire(message.to_wire())


class Scene:
    """One NOTIFY on its way."""

    def __init__(self) -> None:
        self.reactor = FakeReactor()
        self.message = notification()
        self.outcomes: list[object] = []
        coroutine = notify(self.reactor.reactor, "127.53.0.54", TARGET, self.message)
        self.telling = Deferred.fromCoroutine(coroutine)
        self.telling.addBoth(self.outcomes.append)
        self.port, self.protocol = self.reactor.udp[0]
        self.sent = self.reactor.datagrams()

    def answer(self, message: Message, address: tuple[str, int] = ADDRESS) -> None:
        self.protocol.datagramReceived(dns.message.make_response(message).to_wire(), address)


def test_it_is_sent_from_the_address_of_the_primary_and_ends_with_the_answer() -> None:
    scene = Scene()
    assert scene.port.interface == "127.53.0.54"
    assert scene.sent == [(scene.message.to_wire(), ADDRESS)]
    scene.answer(scene.message)
    assert scene.outcomes == [True]
    assert not scene.port.open
    assert scene.reactor.getDelayedCalls() == []


def test_who_does_not_answer_is_told_with_longer_and_longer_pauses_and_then_given_up() -> None:
    scene = Scene()
    for number in range(TRIES - 1):
        assert len(scene.sent) == number + 1
        scene.protocol.connectionRefused()
        scene.reactor.advance(FIRST_WAIT_S * 2**number)
    assert len(scene.sent) == TRIES
    scene.reactor.advance(FIRST_WAIT_S * 2**TRIES)
    assert scene.outcomes == [False]
    assert not scene.port.open


@pytest.mark.parametrize("wire", [b"", b"\x00" * 12])
def test_what_is_no_answer_does_not_end_it(wire: bytes) -> None:
    scene = Scene()
    scene.protocol.datagramReceived(wire, ADDRESS)
    other = notification()
    other.id = (scene.message.id + 1) % 65536
    scene.answer(other)
    scene.answer(scene.message, ("127.0.0.2", 5301))
    assert scene.outcomes == []
    scene.telling.cancel()
    assert len(scene.outcomes) == 1
    assert not scene.port.open
