"""Answers of one nameserver that are ready, in octets, for those who ask what others asked.

First the octets of the query are looked up, as they came; then the question, however it is
written; then it is seen whether an answer can be written without the nameserver. Only then that is
asked. A `NameServer` never changes: another zone, key or fault makes another one, for which answers
stay ready that rest on what is the same (`ready_lives`). Beside that each has its time.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from lab.core.instant import Instant
from lab.nameserver.counters import TALLIES, Tally
from lab.nameserver.generations import Generations
from lab.nameserver.ready_answer import ReadyAnswer, pull_answer
from lab.nameserver.ready_denial import ReadyDenials
from lab.nameserver.ready_lives import Life, Lives
from lab.nameserver.ready_making import Made, Use, make
from lab.nameserver.ready_question import ReadyQuestion, pull_question
from lab.nameserver.ready_records import write_records
from lab.nameserver.server import NameServer
from lab.nameserver.tree import ServedZone

# How many answers are kept for the octets of a query, and how many for a question.
EXACT, ALIKE = 8192, 8192
# Names that do not exist are without end: they have their own place, and crowd out nobody else.
ABSENT = 512

_ID_OCTETS = 2
_ROOT = b"\0"
_RCODE_OCTET, _RCODE_MASK = 3, 0xF

Book: TypeAlias = Callable[[bytes, bytes], Tally]
"""Returns where a query with its answer is counted."""


Sent: TypeAlias = tuple[bytes, Tally]
"""A message without its ID, and where it is counted."""


class Kept(NamedTuple):
    """Hold what is sent to those who send the same octets.

    Attributes:
        sent: what is.
        since: when it was made.
        until: the first moment at which it may be another one.
        life: of what it rests on.
    """

    sent: Sent
    since: Instant
    until: Instant
    life: Life


class _Alike(NamedTuple):
    """Hold what is sent to those who ask the same."""

    answer: ReadyAnswer
    since: Instant
    tally: Tally
    life: Life


class ReadyAnswers:
    """Answer plain questions over UDP for one nameserver."""

    def __init__(self, names: NameServer, book: Book, denials: ReadyDenials | None = None) -> None:
        """Say what *names* says; *denials*, if there are any, know some of it by themselves."""
        self._names, self._book, self._denials = names, book, denials
        self._served = _by_apex(names)
        self._lives = Lives(self._served)
        self._exact = Generations[bytes, Kept](EXACT)
        self._absent = Generations[bytes, Kept](ABSENT)
        self._alike = Generations[tuple[bytes, int, int], _Alike](ALIKE)
        self._tallies: dict[tuple[bytes, int, int], Tally] = {}

    def go_on(self, names: NameServer, denials: ReadyDenials | None = None) -> None:
        """Say from now on what *names* says; what rests on the same stays ready."""
        self._names, self._denials, self._served = names, denials, _by_apex(names)
        self._lives.go_on(self._served)

    def answer(self, wire: bytes, now: Instant) -> Sent | None:
        """Return the answer to *wire*; None: it is to be received in the ordinary way."""
        exact = wire[_ID_OCTETS:]
        kept = self._exact.young.get(exact)
        if kept is not None and kept.since <= now < kept.until and not kept.life.ended:
            return kept.sent
        at_once = None if self._denials is None else self._denials.at_once(wire, now)
        if at_once is not None:
            return at_once
        kept = self._exact.get(exact) or self._absent.get(exact)
        if kept is not None and kept.since <= now < kept.until and not kept.life.ended:
            return kept.sent
        question = pull_question(wire)
        if question is None:
            return None
        return (
            self._known(question, exact, now)
            or self._written(question, wire, now)
            or self._made(question, wire, now)
        )

    def _known(self, question: ReadyQuestion, exact: bytes, now: Instant) -> Sent | None:
        """Return what somebody else was told who asked the same."""
        alike = self._alike.get(question.key)
        if alike is None or alike.life.ended or not alike.since <= now < alike.answer.until:
            return None
        octets = alike.answer.octets(question)
        if len(octets) + _ID_OCTETS > question.room:
            return None
        sent = octets, alike.tally
        self._exact.put(exact, Kept(sent, alike.since, alike.answer.until, alike.life))
        return sent

    def _written(self, question: ReadyQuestion, wire: bytes, now: Instant) -> Sent | None:
        """Return what is known of a name that is missing, or lacks a type."""
        denials = self._denials
        answer = None if denials is None else denials(question, now)
        if denials is None or answer is None:
            return None
        octets = answer.octets(question)
        tally = self._tally(question, wire, wire[:_ID_OCTETS] + octets)
        sent = octets, tally
        if denials.lasts(question):
            life = self._lives.of(self._served.get(self._apex(question)))
            self._exact.put(wire[_ID_OCTETS:], Kept(sent, now, answer.until, life))
        else:
            denials.share(question, wire, tally)
        return sent

    def _tally(self, question: ReadyQuestion, wire: bytes, octets: bytes) -> Tally:
        """Return where an answer of the closest zone is counted: with others of type and code."""
        of_kind = (self._apex(question), question.rdtype, octets[_RCODE_OCTET] & _RCODE_MASK)
        tally = self._tallies.get(of_kind)
        if tally is None:
            tally = self._book(wire, octets)
            if len(self._tallies) < TALLIES:
                self._tallies[of_kind] = tally
        return tally

    def _apex(self, question: ReadyQuestion) -> bytes:
        """Return the apex of ours that the qname is at or below, in wire form."""
        name, served = question.name, self._served
        for offset in question.offsets:
            if name[offset:] in served:
                return name[offset:]
        return _ROOT

    def _made(self, question: ReadyQuestion, wire: bytes, now: Instant) -> Sent | None:
        """Return what the nameserver says, and keep it for those for whom it is right."""
        served = self._served.get(self._apex(question))
        answer = None if served is None else write_records(served, question, now)
        if answer is not None:
            octets = wire[:_ID_OCTETS] + answer.octets(question)
            if len(octets) <= question.room:
                made = Made(octets, served, Use.ALIKE, answer.until, owner=question.name)
                return self._kept(question, wire, made, self._tally(question, wire, octets), now)
        in_full = make(self._names, question, wire, now)
        if in_full is None:
            return None
        return self._kept(question, wire, in_full, self._book(wire, in_full.octets), now)

    def _kept(
        self, question: ReadyQuestion, wire: bytes, made: Made, tally: Tally, now: Instant
    ) -> Sent:
        life = self._lives.of(made.served, made.owner)
        sent = made.octets[_ID_OCTETS:], tally
        shelf = self._absent if made.use is Use.ABSENT else self._exact
        shelf.put(wire[_ID_OCTETS:], Kept(sent, now, made.until, life))
        if made.use is Use.ALIKE:
            answer = pull_answer(question, made.octets, made.until)
            self._alike.put(question.key, _Alike(answer, now, tally, life))
        return sent


def _by_apex(names: NameServer) -> dict[bytes, ServedZone]:
    return {one.apex_octets: one for one in names.zones.values()}
