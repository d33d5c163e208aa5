"""A port that reads in batches, over a socket that is a list."""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from twisted.internet.protocol import DatagramProtocol
from twisted.logger import capturedLogs

from lab.net.reactor import Reactor
from lab.net.udp_batch import BATCH, BatchPort, Quick, listen_in_batches
from tests.unit.net.sockets import FakeReactor

ASKER = ("127.0.0.1", 4711)
REACTOR = cast("Reactor", FakeReactor())


@dataclass
class Socket:
    """Have datagrams or errors to be read, and remember what was sent."""

    waiting: list[bytes | int]
    full: bool = False
    sent: list[tuple[bytes, tuple[str, int]]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def recvfrom(self, _limit: int) -> tuple[bytes, tuple[Any, ...]]:
        self.calls.append("receive")
        one = self.waiting.pop(0) if self.waiting else errno.EAGAIN
        if isinstance(one, int):
            raise OSError(one, "as it may be")
        return one, (*ASKER, 0, 0)

    def sendto(self, datagram: bytes, sender: tuple[Any, ...]) -> None:
        self.calls.append("send")
        if self.full:
            raise BlockingIOError(errno.EAGAIN, "full")
        self.sent.append((datagram, sender[:2]))


@dataclass
class Listener(DatagramProtocol):
    """Remember what came the ordinary way."""

    heard: list[tuple[bytes, tuple[str, int]]] = field(default_factory=list)
    trouble: Exception | None = None

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:  # noqa: N802
        self.heard.append((datagram, addr))
        if self.trouble is not None:
            raise self.trouble


def echo(datagram: bytes, _sender: tuple[str, int]) -> bytes | None:
    """Answer with the same, with silence to "hush", and with nothing at once to "ask"."""
    return {b"hush": b"", b"ask": None}.get(datagram, datagram)


def reading(
    socket: Socket, turn: Callable[[], Quick] = lambda: echo, listener: Listener | None = None
) -> Listener:
    """Let a port be woken up once, and return who hears what had no answer."""
    listener = listener or Listener()
    port = BatchPort(("127.0.0.1", 0), listener, 512, REACTOR, turn)
    port.socket = socket  # type: ignore[assignment]  # a stand-in
    port.doRead()
    return listener


def test_what_has_an_answer_is_answered_at_once() -> None:
    socket = Socket([b"one", b"hush", b"two"])
    assert reading(socket).heard == []
    assert socket.sent == [(b"one", ASKER), (b"two", ASKER)]


def test_what_has_none_goes_the_ordinary_way_and_the_next_turn_begins() -> None:
    turns: list[int] = []

    def turn() -> Quick:
        turns.append(1)
        return echo

    socket = Socket([b"one", b"ask", b"two"])
    assert reading(socket, turn).heard == [(b"ask", ASKER)]
    assert len(socket.sent) == len(turns) == 2


def test_who_asks_alone_does_not_wait_for_others_and_others_are_answered_together() -> None:
    socket = Socket([b"one", b"two", b"three"])
    reading(socket)
    first, together = ["receive", "send"], ["receive"] * 3 + ["send"] * 2
    assert socket.calls == first + together


def test_answers_do_not_wait_for_what_goes_the_ordinary_way() -> None:
    socket = Socket([b"one", b"two", b"ask"])
    sent_before = []

    class Watching(Listener):
        def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002, N802
            sent_before.extend(socket.sent)

    reading(socket, listener=Watching())
    assert sent_before == [(b"one", ASKER), (b"two", ASKER)]


def test_others_have_their_turn_after_a_batch() -> None:
    socket = Socket([b"one"] * (BATCH + 5))
    reading(socket)
    assert (len(socket.sent), len(socket.waiting)) == (BATCH, 5)


def test_an_asker_that_has_gone_does_not_keep_others_waiting() -> None:
    socket = Socket([errno.ECONNREFUSED, errno.EINTR, b"one"])
    reading(socket)
    assert socket.sent == [(b"one", ASKER)]


def test_a_full_queue_loses_answers() -> None:
    reading(Socket([b"one", b"two"], full=True))


def test_what_nobody_expects_is_trouble() -> None:
    with pytest.raises(OSError, match="as it may be"):
        reading(Socket([errno.EBADF]))


def test_a_defect_stops_no_port() -> None:
    socket = Socket([b"ask", b"one"])
    with capturedLogs() as told:
        reading(socket, listener=Listener(trouble=RuntimeError("a defect")))
    assert socket.sent == [(b"one", ASKER)]
    assert [one["log_failure"].getErrorMessage() for one in told] == ["a defect"]


def test_a_reactor_of_another_kind_listens_as_it_can() -> None:
    opened = listen_in_batches(
        BatchPort, REACTOR, ("127.0.0.1", 5300), Listener(), 512, lambda: echo
    )
    assert not isinstance(opened, BatchPort)
