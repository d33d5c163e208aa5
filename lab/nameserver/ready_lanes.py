"""Questions that differ in nothing but ID and first label, answered by what they have in common.

Names that somebody makes up come by the thousand below one name that exists, and all else in their
octets is the same: they share a lane. The first one is read in full. Of each other one only the
label is, and the gap that it lies in tells the rest (`ready_gaps`).
"""

from collections.abc import Container
from typing import NamedTuple

from lab.core.instant import Instant
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.nameserver.counters import Tally
from lab.nameserver.ready_gaps import Gaps, Known
from lab.nameserver.ready_question import (
    HEADER_OCTETS,
    LABEL_LIMIT,
    NAME_LIMIT,
    QUESTION_TAIL,
    Manner,
    ReadyQuestion,
    manner,
)

# How many there are is the choice of those who ask.
CAPACITY = 1024

_ID_OCTETS = 2
_DO_SHIFT = 15


class Lane(NamedTuple):
    """Hold what questions have in common.

    Attributes:
        gaps: what is known of the children of the one name that all of theirs are below.
        hashing: how a name is hashed to find its gap; None: it is found by its label.
        manner: of the questions.
        labels: of their names, the root left out.
        room: how many octets their answers may have.
        longest: how many octets their first label may have.
        behind: octets of a query behind its qname.
        tally: where they are counted: all have one RCODE, as none of the names exists.
    """

    gaps: Gaps
    hashing: Nsec3Parameters | None
    manner: Manner
    labels: int
    room: int
    longest: int
    behind: int
    tally: Tally


class Lanes:
    """Keep the lanes of one nameserver."""

    def __init__(self, existing: Container[bytes]) -> None:
        """Start with none; names in lower case that are *existing* never get into one."""
        self._existing = existing
        self._lanes: dict[bytes, Lane] = {}

    def open(self, wire: bytes, question: ReadyQuestion, above: Known, tally: Tally) -> None:
        """Let others follow *wire*, which asks *question* about a child of the name *above*."""
        dnssec = question.edns_flags >> _DO_SHIFT
        gaps = above.gaps.get(above.kind(question, dnssec))
        if gaps is None or gaps.find(above.key(question.name, dnssec)) is None:
            return
        if len(self._lanes) >= CAPACITY:
            self._lanes.clear()
        name = question.name
        self._lanes[_common(wire)] = Lane(
            gaps,
            above.hashing if dnssec else None,
            manner(question),
            len(question.offsets),
            question.room,
            min(LABEL_LIMIT, NAME_LIMIT - len(name) + name[0]),
            len(wire) - HEADER_OCTETS - len(name),
            tally,
        )

    def answer(self, wire: bytes, now: Instant) -> tuple[bytes, Tally] | None:
        """Return what is sent for *wire* but for its ID, and where that is counted.

        None: it has to be read in full, whatever it is.
        """
        lane = self._lanes.get(_common(wire))
        if lane is None:
            return None
        gaps, hashing, how, labels, room, longest, behind, tally = lane
        end, length = len(wire) - behind, wire[HEADER_OCTETS]
        name = wire[HEADER_OCTETS:end].lower()
        if not 0 < length <= longest or name in self._existing:
            return None
        denied = gaps.find(hashing.hash_octets(name) if hashing else name[1 : 1 + length])
        if denied is None or not denied.since <= now < denied.until:
            return None
        octets = denied.octets(name, labels, wire[HEADER_OCTETS : end + QUESTION_TAIL], how, now)
        return (octets, tally) if octets and len(octets) + _ID_OCTETS <= room else None


def _common(wire: bytes) -> bytes:
    """Return what *wire* has in common with others of its lane: all but ID and first label."""
    behind = HEADER_OCTETS + 1 + wire[HEADER_OCTETS] if len(wire) > HEADER_OCTETS else 0
    return wire[_ID_OCTETS:HEADER_OCTETS] + wire[behind:]
