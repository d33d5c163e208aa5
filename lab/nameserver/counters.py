"""Count queries by zone, RCODE, type and transport; whatever is asked, memory stays bounded."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.nameserver.event import QueryEvent

LABELS = 64
OTHER = "other"
_NONE = "none"

ZoneOf = Callable[[Name], Name | None]


@dataclass(slots=True)
class Counters:
    """Be told of each query, and say how many there were.

    Attributes:
        zone_of: returns the apex of the zone of ours that a name lies in; None: of none.
        since: real time at which counting began, seconds.
        totals: queries, answers, octets.
        by: dimension to what it takes, e.g. "rcode" to {"NOERROR": 12}.
    """

    zone_of: ZoneOf
    since: float
    totals: Counter[str] = field(default_factory=Counter)
    by: dict[str, Counter[str]] = field(default_factory=dict)

    def __call__(self, event: QueryEvent) -> None:
        """Count one query."""
        self.totals["queries"] += 1
        self.totals["octets_in"] += len(event.query)
        self.totals["octets_out"] += event.octets
        self.totals["messages_out"] += event.messages
        self.totals["silent"] += event.answer is None
        qname, qtype, rcode = event.qname, event.qtype, event.rcode
        apex = None if qname is None else self.zone_of(qname)
        self._count("zone", _NONE if apex is None else str(apex))
        self._count("qtype", _NONE if qtype is None else RdataType.to_text(qtype))
        self._count("rcode", _NONE if rcode is None else Rcode.to_text(rcode))
        self._count("transport", event.transport.value)

    def _count(self, dimension: str, label: str) -> None:
        counted = self.by.setdefault(dimension, Counter())
        # Strangers choose types: more than LABELS of them are counted together.
        counted[label if label in counted or len(counted) < LABELS else OTHER] += 1

    def snapshot(self) -> dict[str, Any]:
        """Return the counts as JSON, the greatest first."""
        names = ("queries", "silent", "messages_out", "octets_in", "octets_out")
        return {
            "since": int(self.since),
            **{name: self.totals[name] for name in names},
            **{dimension: dict(counted.most_common()) for dimension, counted in self.by.items()},
        }
