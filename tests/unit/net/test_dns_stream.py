"""One connection: what is taken, what is written and when, and who is cut off."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from twisted.internet.task import Clock

from lab.net.dns_stream import (
    TCP_IDLE_S,
    TCP_LIFE_S,
    TURN_ANSWERS,
    TURN_OCTETS,
    WAITING_OCTETS,
    WAITING_QUERIES,
    Crowd,
    DnsStream,
    Line,
    Wait,
)
from tests.unit.net.flow import Wire, framed

BIG = bytes(50_000)
SLOW_S = 3 * TCP_IDLE_S


@dataclass
class Host:
    """Serve a few kinds of message: silence, one answer, a transfer without end.

    Attributes:
        clock: what the streams wait by.
        crowd: of its connections.
        asked: every message, when its first answer was made.
        made: how many messages of transfers were made.
    """

    clock: Clock = field(default_factory=Clock)
    crowd: Crowd = field(default_factory=Crowd)
    asked: list[bytes] = field(default_factory=list)
    made: int = 0

    def answers(self, message: bytes) -> Iterable[bytes | Wait]:
        self.asked.append(message)
        if message.startswith(b"slow"):
            return (Wait(SLOW_S),) if message == b"slow silence" else (Wait(SLOW_S), b"at last")
        if message == b"transfer":
            return self._transfer()
        return () if message == b"silence" else (b"re: " + message,)

    def _transfer(self) -> Iterator[bytes]:
        while True:
            self.made += 1
            yield BIG

    def open(self) -> tuple[DnsStream, Wire]:
        wire = Wire()
        line = Line(wire.write, wire.loseConnection, wire)
        return DnsStream(self.clock, self.crowd, line, self.answers), wire


def test_pipelined_messages_are_all_answered() -> None:
    stream, wire = Host().open()
    stream.received(framed(b"1", b"2", b"3"))
    wire.drain()
    assert wire.written == framed(b"re: 1", b"re: 2", b"re: 3")
    assert wire.reading


def test_messages_may_come_in_pieces() -> None:
    stream, wire = Host().open()
    octets = framed(b"one", b"", b"two")
    for at in range(len(octets)):
        stream.received(octets[at : at + 1])
    wire.drain()
    assert wire.written == framed(b"re: one", b"re: ", b"re: two")


def test_silence_answers_what_came_before_and_closes() -> None:
    stream, wire = Host().open()
    stream.received(framed(b"1", b"silence", b"3"))
    wire.drain()
    stream.received(framed(b"4"))
    assert wire.written == framed(b"re: 1", b"re: 3")
    assert wire.disconnecting


def test_an_answer_that_has_to_wait_lets_others_go_first() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(b"slow", b"quick"))
    wire.drain()
    host.clock.pump([1.0] * (int(SLOW_S) - 1))
    assert wire.written == framed(b"re: quick")
    assert not stream.is_idle
    host.clock.advance(1)
    wire.drain()
    assert wire.written == framed(b"re: quick", b"at last")
    assert stream.is_idle


def test_a_peer_that_was_kept_waiting_is_idle_again_afterwards() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(b"slow"))
    host.clock.pump([1.0] * int(SLOW_S))
    wire.drain()
    assert not wire.disconnecting
    host.clock.advance(TCP_IDLE_S)
    assert wire.disconnecting


def test_a_half_closed_connection_stays_until_the_slow_answer() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(b"slow"))
    stream.ended()
    wire.drain()
    assert not wire.disconnecting
    host.clock.pump([1.0] * int(SLOW_S))
    wire.drain()
    assert wire.written == framed(b"at last")
    assert wire.disconnecting


def test_silence_after_a_wait_is_silence() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(b"slow silence"))
    host.clock.pump([1.0] * int(SLOW_S))
    wire.drain()
    assert wire.written == b""
    assert wire.disconnecting


def test_a_connection_that_is_lost_waits_for_nothing() -> None:
    host = Host()
    stream, _ = host.open()
    stream.received(framed(b"slow", b"slow"))
    stream.lost()
    assert host.clock.getDelayedCalls() == []


def test_queries_that_wait_are_bounded_too() -> None:
    stream, wire = Host().open()
    stream.received(framed(*[b"slow"] * WAITING_QUERIES))
    assert not wire.reading


def test_answers_are_made_as_fast_as_the_peer_reads() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(b"transfer"))
    of_one_turn = -(-TURN_OCTETS // len(BIG))
    assert host.made == of_one_turn
    wire.read_once()
    assert host.made == 2 * of_one_turn


def test_a_turn_has_few_answers() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(*[b"x"] * (TURN_ANSWERS + 1)))
    assert len(host.asked) < TURN_ANSWERS + 1
    wire.drain()
    assert len(host.asked) == TURN_ANSWERS + 1


def test_a_short_question_does_not_wait_for_a_transfer() -> None:
    stream, wire = Host().open()
    stream.received(framed(b"transfer"))
    stream.received(framed(b"short"))
    wire.read_once()
    assert framed(b"re: short") in wire.written


def test_a_peer_that_only_asks_is_not_read_any_longer() -> None:
    stream, wire = Host().open()
    stream.received(framed(b"transfer"))
    stream.received(framed(*[b"x"] * (WAITING_QUERIES - 2)))
    assert wire.reading
    stream.received(framed(*[b"x"] * 5))
    assert not wire.reading
    for _ in range(WAITING_QUERIES):
        wire.read_once()
    assert wire.reading


def test_long_questions_fill_the_room_sooner() -> None:
    stream, wire = Host().open()
    stream.received(framed(b"transfer"))
    stream.received(framed(bytes(WAITING_OCTETS - 8)))
    assert not wire.reading


def test_an_idle_connection_is_cut_off() -> None:
    host = Host()
    stream, wire = host.open()
    host.clock.advance(TCP_IDLE_S - 1)
    stream.received(framed(b"1"))
    wire.drain()
    host.clock.advance(TCP_IDLE_S - 1)
    assert not wire.disconnected
    host.clock.advance(1)
    assert wire.disconnected


def test_nobody_is_cut_off_by_a_server_that_was_busy_itself() -> None:
    host = Host()
    stream, wire = host.open()
    # All that time nothing could be read; timers come before sockets when it is over.
    host.clock.advance(2 * TCP_IDLE_S)
    assert not wire.disconnected
    stream.received(framed(b"1"))
    wire.drain()
    assert wire.written == framed(b"re: 1")
    host.clock.advance(TCP_IDLE_S)
    assert wire.disconnected


def test_half_a_message_does_not_keep_a_connection_open() -> None:
    for beginning in (b"\x01", b"\x01\x00"):
        host = Host()
        stream, wire = host.open()
        stream.received(beginning)
        for _ in range(int(TCP_IDLE_S)):
            stream.received(b"\x00")
            host.clock.advance(1)
        assert wire.disconnected


def test_who_does_not_read_is_cut_off() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(b"transfer"))
    for _ in range(int(TCP_IDLE_S)):
        # Asking more is no sign of reading.
        stream.received(framed(b"x"))
        host.clock.advance(1)
    assert wire.disconnected
    assert host.clock.getDelayedCalls() == []


def test_who_reads_slowly_is_cut_off_in_the_end() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(b"transfer"))
    for _ in range(int(TCP_LIFE_S)):
        assert not wire.disconnected
        wire.read_once()
        wire.forget()
        host.clock.advance(1)
    assert wire.disconnected


def test_an_old_connection_ends_in_a_pause() -> None:
    host = Host()
    stream, wire = host.open()
    for _ in range(int(TCP_LIFE_S)):
        stream.received(framed(b"x"))
        wire.drain()
        host.clock.advance(1)
    assert wire.disconnecting
    assert not wire.disconnected


def test_what_was_asked_before_the_peer_fell_silent_is_answered() -> None:
    stream, wire = Host().open()
    stream.received(framed(*[b"x"] * 20))
    stream.ended()
    assert not wire.disconnecting
    wire.drain()
    assert wire.written == framed(*[b"re: x"] * 20)
    assert wire.disconnecting


def test_a_peer_that_asks_nothing_and_ends_is_left() -> None:
    stream, wire = Host().open()
    stream.ended()
    assert wire.disconnecting


def test_a_lost_connection_leaves_nothing_behind() -> None:
    host = Host()
    stream, wire = host.open()
    stream.received(framed(b"transfer"))
    stream.stopProducing()
    stream.lost()
    made = host.made
    stream.received(framed(b"x"))
    stream.resumeProducing()
    stream.ended()
    assert host.made == made
    assert len(host.crowd) == 0
    assert host.clock.getDelayedCalls() == []
    assert not wire.disconnecting


def test_the_longest_silent_connection_makes_room() -> None:
    host = Host(crowd=Crowd(3))
    (one, first), (_, second), (_, third) = (host.open() for _ in range(3))
    one.received(framed(b"x"))
    first.drain()
    _, fourth = host.open()
    assert [wire.disconnected for wire in (first, second, third, fourth)] == [
        False,
        True,
        False,
        False,
    ]


def test_a_newcomer_is_turned_away_if_all_are_busy() -> None:
    host = Host(crowd=Crowd(2))
    busy = [host.open() for _ in range(2)]
    for stream, _ in busy:
        stream.received(framed(b"transfer"))
    _, newcomer = host.open()
    assert newcomer.disconnected
    assert not any(wire.disconnected for _, wire in busy)
    assert len(host.crowd) == 2
