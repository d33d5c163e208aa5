"""What is known of one existing name: the gaps among its children, and the types that it lacks.

A gap has one answer for every name in it (see `ready_denial`). It is found by bisection: among the
labels of the children, whose order as octets is the canonical one (RFC 4034 section 6.1), or among
the hashes where those deny (RFC 5155 section 3.1.7).
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TypeAlias

from lab.core.instant import Instant
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.nameserver.ready_answer import ReadyAnswer, plain_opt
from lab.nameserver.ready_body import Body
from lab.nameserver.ready_compact import CompactDenied
from lab.nameserver.ready_question import (
    HEADER_OCTETS,
    QUESTION_TAIL,
    Manner,
    ReadyQuestion,
    manner,
)
from lab.nameserver.tree import ServedZone


class Denied:
    """Hold the answer to all questions about one gap, or about the types that one name lacks.

    Attributes:
        since: when it was right for the first time.
        until: the first moment at which it may be another one.
    """

    __slots__ = ("_answer", "_body", "_head", "_shape", "since", "until")

    def __init__(self, body: Body, since: Instant, until: Instant) -> None:
        """Say what *body* says, from *since* until another answer takes its place."""
        self._body, self.since, self.until = body, since, until
        self._shape: tuple[int, Manner] | None = None
        self._answer, self._head = ReadyAnswer(0, (0, 0, 0), b"", until), b""

    def answer(self, question: ReadyQuestion, _now: Instant) -> ReadyAnswer | None:
        """Return the answer to *question*; None if it does not fit."""
        self._fit(len(question.asked), manner(question))
        size = HEADER_OCTETS + len(question.asked) + len(self._answer.body)
        return self._answer if size <= question.room else None

    def octets(self, _name: bytes, _labels: int, asked: bytes, how: Manner, _now: Instant) -> bytes:
        """Return the message for the question *asked* in some manner, without its ID."""
        self._fit(len(asked), how)
        return self._head + asked + self._answer.body

    def _fit(self, length: int, how: Manner) -> None:
        """Be ready for questions of one length and manner; mostly these are those of before."""
        shape = length, how
        if shape == self._shape:
            return
        wants_recursion, has_edns, edns_flags = how
        answers, authorities, others = self._body.counts
        opt = plain_opt(edns_flags) if has_edns else b""
        body = self._body.behind(length - QUESTION_TAIL) + opt
        counts = (answers, authorities, others + has_edns)
        self._shape = shape
        self._answer = ReadyAnswer(self._body.flags, counts, body, self.until)
        self._head = self._answer.head(wants_recursion)


Told: TypeAlias = Denied | CompactDenied


class Gaps:
    """Keep gaps of one kind, none of which overlap."""

    __slots__ = ("_denied", "_highs", "_lows")

    def __init__(self) -> None:
        """Start with none."""
        self._lows: list[bytes] = []
        self._highs: list[bytes] = []
        self._denied: list[Told] = []

    def find(self, key: bytes) -> Told | None:
        """Return the answer for the gap strictly inside of which *key* lies, if it is known."""
        at = bisect_right(self._lows, key) - 1
        if at < 0 or not self._lows[at] < key < self._highs[at]:
            return None
        return self._denied[at]

    def put(self, low: bytes, high: bytes, denied: Told) -> None:
        """Keep the answer for the gap between *low* and *high*, in place of an older one."""
        at = bisect_right(self._lows, low)
        if at and self._lows[at - 1] == low:
            self._highs[at - 1], self._denied[at - 1] = high, denied
            return
        self._lows.insert(at, low)
        self._highs.insert(at, high)
        self._denied.insert(at, denied)


@dataclass(slots=True)
class Known:
    """Hold what is known of one existing name.

    Attributes:
        served: the zone that it belongs to.
        hashing: how the zone hashes its names for those who want DNSSEC; None: it does not.
        by_type: a wildcard answers below it, so types differ.
        gaps: by DO bit, and by type where types differ.
        lacking: by DO bit: the types that it has, and the answer for every other one.
    """

    served: ServedZone
    hashing: Nsec3Parameters | None = None
    by_type: bool = False
    gaps: dict[int, Gaps] = field(default_factory=dict)
    lacking: dict[int, tuple[frozenset[int], Told]] = field(default_factory=dict)

    def kind(self, question: ReadyQuestion, dnssec: int) -> int:
        """Return which gaps are those of *question*; *dnssec* is its DO bit."""
        return question.rdtype << 1 | dnssec if self.by_type else dnssec

    def denied(
        self, question: ReadyQuestion, dnssec: int, closer: int, encloser: int
    ) -> Told | None:
        """Return the answer to a question, if it is known.

        Args:
            question: for a name below this one.
            dnssec: its DO bit.
            closer: where in the qname the next closer name begins.
            encloser: where this one begins.
        """
        gaps = self.gaps.get(self.kind(question, dnssec))
        if gaps is None:
            return None
        if dnssec and self.hashing is not None:
            return gaps.find(self.hashing.hash_octets(question.name[closer:]))
        return gaps.find(question.name[closer + 1 : encloser])

    def key(self, closer: bytes, dnssec: int) -> bytes:
        """Return by what *closer*, a name one label longer, is ordered."""
        if dnssec and self.hashing is not None:
            return self.hashing.hash_octets(closer)
        return closer[1 : 1 + closer[0]]
