"""Count queries by zone, RCODE, type and transport; whatever is asked, memory stays bounded."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.nameserver.event import QueryEvent

LABELS = 64
TALLIES = 4096
OTHER = "other"
_NONE = "none"
_DIMENSIONS = ("zone", "qtype", "rcode", "transport")

ZoneOf = Callable[[Name], Name | None]
Labels: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Count the queries that are alike in everything that is counted.

    Attributes:
        queries: how many there were.
        octets_in: of them.
        messages_out: of their answers.
        octets_out: of those.
        silent: how many had none.
    """

    queries: int = 0
    octets_in: int = 0
    messages_out: int = 0
    octets_out: int = 0
    silent: int = 0

    def answered(self, octets_in: int, octets_out: int) -> None:
        """Count one query with one message as its answer."""
        self.queries += 1
        self.octets_in += octets_in
        self.messages_out += 1
        self.octets_out += octets_out


@dataclass(slots=True)
class Counters:
    """Be told of each query, and say how many there were.

    Attributes:
        zone_of: returns the apex of the zone of ours that a name lies in; None: of none.
        since: real time at which counting began, seconds.
        tallies: counts by zone, type, RCODE and transport.
    """

    zone_of: ZoneOf
    since: float
    tallies: dict[Labels, Tally] = field(default_factory=dict)
    _met: tuple[set[str], ...] = field(default_factory=lambda: tuple(set() for _ in _DIMENSIONS))

    def __call__(self, event: QueryEvent) -> None:
        """Count one query."""
        tally = self.tally(event)
        tally.queries += 1
        tally.octets_in += len(event.query)
        tally.messages_out += event.messages
        tally.octets_out += event.octets
        tally.silent += event.answer is None

    def tally(self, event: QueryEvent) -> Tally:
        """Return where queries like that of *event* are counted."""
        labels = self._labels(event)
        tally = self.tallies.get(labels)
        if tally is None:
            if len(self.tallies) >= TALLIES:
                labels = (OTHER,) * len(_DIMENSIONS)
            tally = self.tallies.setdefault(labels, Tally())
        return tally

    def _labels(self, event: QueryEvent) -> Labels:
        qname, qtype, rcode = event.qname, event.qtype, event.rcode
        apex = None if qname is None else self.zone_of(qname)
        labels = (
            _NONE if apex is None else str(apex),
            _NONE if qtype is None else RdataType.to_text(qtype),
            _NONE if rcode is None else Rcode.to_text(rcode),
            event.transport.value,
        )
        return tuple(map(_bounded, self._met, labels))

    def taken(self) -> list[object]:
        """Return what was counted, as JSON values for `put`, and begin anew."""
        rows: list[object] = []
        for labels, tally in self.tallies.items():
            counts = [getattr(tally, one.name) for one in fields(tally)]
            if any(counts):
                rows.append([labels, counts])
            for one in fields(tally):
                setattr(tally, one.name, 0)
        return rows

    def put(self, rows: list[Any]) -> None:
        """Add what another process has taken."""
        for labels, counts in rows:
            tally = self.tallies.setdefault(tuple(labels), Tally())
            for one, count in zip(fields(tally), counts, strict=True):
                setattr(tally, one.name, getattr(tally, one.name) + count)

    def snapshot(self) -> dict[str, Any]:
        """Return the counts as JSON, the greatest first."""
        by = {dimension: Counter[str]() for dimension in _DIMENSIONS}
        for labels, tally in self.tallies.items():
            for dimension, label in zip(_DIMENSIONS, labels, strict=True):
                by[dimension][label] += tally.queries
        names = ("queries", "silent", "messages_out", "octets_in", "octets_out")
        return {
            "since": int(self.since),
            **{name: sum(getattr(one, name) for one in self.tallies.values()) for name in names},
            **{
                dimension: {label: count for label, count in counted.most_common() if count}
                for dimension, counted in by.items()
            },
        }


def _bounded(met: set[str], label: str) -> str:
    """Return *label*, if there is room for it in *met*; strangers choose types without end."""
    if label not in met:
        if len(met) >= LABELS:
            return OTHER
        met.add(label)
    return label
