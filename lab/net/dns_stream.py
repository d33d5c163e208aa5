"""The DNS messages of one connection, over TCP or TLS (RFC 7766, RFC 7858).

Decides: when a message is taken, when an answer is written, and when a peer is cut off. Queries may
be pipelined; answers are made only as fast as the peer reads them, in turns, so that a transfer
does not keep a short question waiting (RFC 7766 section 6.2.1.1 allows another order).
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeAlias

from twisted.internet.interfaces import IDelayedCall, IPullProducer, IReactorTime
from zope.interface import implementer

from lab.core.frozen import dataclass
from lab.nameserver.exchange import IDLE_S

# RFC 7766 section 6.2.3 asks for "of the order of seconds" before an idle connection is closed. It
# is also the time that a peer may take to read one turn, or to send one message.
TCP_IDLE_S = IDLE_S
# RFC 9210 section 4.2 lets a server limit how long a connection lives. Ours bounds how long a peer
# that reads just fast enough can hold a transfer.
TCP_LIFE_S = 600.0
# Who looks at its clock later than this was busy itself: what the peer sent may not be read yet.
LATE_S = 0.5
# RFC 9210 section 4.2: no more connections than a server can carry. It is what named allows.
TCP_CONNECTIONS = 150
# What a connection may make us hold: queries that wait, their octets, and answers of one turn. The
# latter are few, as everybody else waits for the turns of all who ask at once.
WAITING_QUERIES = 32
WAITING_OCTETS = 65536
TURN_ANSWERS = 2
TURN_OCTETS = 65536

_LENGTH_OCTETS = 2


@dataclass(frozen=True, slots=True)
class Wait:
    """Stand among answers for a time in which nothing is sent: the next is asked for after it.

    Attributes:
        seconds: how long.
    """

    seconds: float


Answers: TypeAlias = Callable[[bytes], Iterable[bytes | Wait]]


class Flow(Protocol):
    """Name what flow control needs of a transport of Twisted."""

    def registerProducer(self, producer: "DnsStream", streaming: bool) -> None:  # noqa: FBT001 Twisted's
        """Ask *producer* for more whenever everything was written."""
        ...

    def unregisterProducer(self) -> None:
        """Ask no longer."""
        ...

    def pauseProducing(self) -> None:
        """Stop reading."""
        ...

    def resumeProducing(self) -> None:
        """Read again."""
        ...

    def abortConnection(self) -> None:
        """Close at once."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """Describe the connection below a stream.

    Attributes:
        write: sends octets of the application.
        finish: closes when everything was sent.
        flow: the transport, for flow control.
    """

    write: Callable[[bytes], None]
    finish: Callable[[], None]
    flow: Flow


class Crowd:
    """Keep count of streams; the one that was silent longest goes first when there are too many."""

    def __init__(self, limit: int = TCP_CONNECTIONS) -> None:
        """Have room for *limit* streams."""
        self._limit = limit
        self._streams: OrderedDict[DnsStream, None] = OrderedDict()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._streams)

    def enter(self, stream: "DnsStream") -> bool:
        """Take a stream in, and return False if there is no room even without the idle ones."""
        if len(self._streams) >= self._limit:
            idlest = next((one for one in self._streams if one.is_idle), None)
            if idlest is None:
                return False
            # RFC 7766 section 6.2.3: short of resources, a server closes idle connections early.
            idlest.cut_off()
        self._streams[stream] = None
        return True

    def heard(self, stream: "DnsStream") -> None:
        """Note that a message came."""
        if stream in self._streams:
            self._streams.move_to_end(stream)

    def leave(self, stream: "DnsStream") -> None:
        """Forget a stream; harmless if it is not there."""
        self._streams.pop(stream, None)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Hold a query whose answers are made one by one, and what it weighs in octets."""

    answers: Iterator[bytes | Wait]
    octets: int


@implementer(IPullProducer)
class DnsStream:
    """Answer the messages of one connection."""

    def __init__(self, reactor: IReactorTime, crowd: Crowd, line: Line, answers: Answers) -> None:
        """Answer each message that comes over *line* with what *answers* returns for it.

        Nothing at all for a message closes the connection, as TCP knows no silence.
        """
        self._crowd, self._line, self._answers = crowd, line, answers
        self._unread = bytearray()
        self._reactor = reactor
        self._waiting: deque[_Waiting] = deque()
        # What has to wait a while lets the others of its connection go first.
        self._aside: dict[IDelayedCall, _Waiting] = {}
        self._pulled, self._paused, self._gone = False, False, False
        self._ending, self._deaf = False, False
        self._patience: IDelayedCall = reactor.callLater(TCP_IDLE_S, self._lose_patience)
        self._life: IDelayedCall = reactor.callLater(TCP_LIFE_S, self._grow_old)
        if not crowd.enter(self):
            self.cut_off()

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is to be answered."""
        return not self._waiting and not self._aside

    def received(self, data: bytes) -> None:
        """Take octets; a message may come in pieces, or several at once."""
        if not self._gone and not self._deaf:
            self._unread += data
            self._take()

    def ended(self) -> None:
        """Note that the peer sends no more: what it asked is answered, then we close, too."""
        self._ending = True
        if not self._pulled and not self._aside and not self._gone:
            self._line.finish()

    def lost(self) -> None:
        """Let go of everything: the connection is no more."""
        self._gone = True
        self._crowd.leave(self)
        self._waiting.clear()
        self._unread.clear()
        for timer in (self._patience, self._life, *self._aside):
            if timer.active():
                timer.cancel()
        self._aside.clear()

    def cut_off(self) -> None:
        """Close at once."""
        self.lost()
        self._line.flow.abortConnection()

    def resumeProducing(self) -> None:
        """Write one turn of answers: everything before it has gone out to the peer."""
        if self._gone:
            return
        self._patience.reset(TCP_IDLE_S)
        self._write_turn()
        if self._gone:
            return
        self._take()
        if not self._waiting:
            self._pulled = False
            self._line.flow.unregisterProducer()
            if self._ending and not self._aside:
                self._line.finish()

    def stopProducing(self) -> None:
        """Let go: the transport is closing."""
        self.lost()

    def _write_turn(self) -> None:
        octets = answers = 0
        while self._waiting and octets < TURN_OCTETS and answers < TURN_ANSWERS:
            waiting = self._waiting.popleft()
            answer = next(waiting.answers, None)
            if answer is None:
                continue
            if isinstance(answer, Wait):
                self._set_aside(waiting, answer.seconds)
                continue
            # Whoever has more to say waits for its next turn behind the others.
            self._waiting.append(waiting)
            self._line.write(len(answer).to_bytes(_LENGTH_OCTETS, "big") + answer)
            octets, answers = octets + len(answer), answers + 1

    def _set_aside(self, waiting: _Waiting, seconds: float) -> None:
        def go_on() -> None:
            self._waiting.append(self._aside.pop(call))
            self._take()

        call = self._reactor.callLater(seconds, go_on)
        self._aside[call] = waiting

    def _take(self) -> None:
        """Take whole messages while there is room, and read on only if there is room for more."""
        while self._has_room and (message := self._next_message()) is not None:
            self._crowd.heard(self)
            self._waiting.append(_Waiting(self._answered(message), len(message)))
        if self._paused is self._has_room:
            self._paused = not self._paused
            flow = self._line.flow
            (flow.pauseProducing if self._paused else flow.resumeProducing)()
        if self._waiting and not self._pulled:
            self._pulled = True
            self._patience.reset(TCP_IDLE_S)
            self._line.flow.registerProducer(self, False)  # noqa: FBT003 Twisted's signature

    @property
    def _has_room(self) -> bool:
        held = (*self._waiting, *self._aside.values())
        octets = sum(one.octets for one in held)
        return len(held) < WAITING_QUERIES and octets < WAITING_OCTETS

    def _next_message(self) -> bytes | None:
        if len(self._unread) < _LENGTH_OCTETS:
            return None
        end = _LENGTH_OCTETS + int.from_bytes(self._unread[:_LENGTH_OCTETS], "big")
        if len(self._unread) < end:
            return None
        message = bytes(self._unread[_LENGTH_OCTETS:end])
        del self._unread[:end]
        return message

    def _answered(self, message: bytes) -> Iterator[bytes | Wait]:
        """Make the answers to *message*, each when it is wanted."""
        is_silent = True
        for answer in self._answers(message):
            is_silent = is_silent and isinstance(answer, Wait)
            yield answer
        if is_silent:
            # Nothing can be said to this peer, so nothing more is to be expected of it.
            self._ending = self._deaf = True
            self._unread.clear()

    def _lose_patience(self) -> None:
        late = self._reactor.seconds() - self._patience.getTime()
        if late > LATE_S or (self._aside and not self._pulled):
            # It is the peer that waits for us, or may be.
            self._patience = self._reactor.callLater(TCP_IDLE_S, self._lose_patience)
        else:
            self.cut_off()

    def _grow_old(self) -> None:
        if self.is_idle:
            self.lost()
            self._line.finish()
        else:
            self.cut_off()
