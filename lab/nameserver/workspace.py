"""A zone while it is updated: the rules of RFC 2136 section 3.4.2, record by record.

Each owner that is touched is copied once; what comes out is a `Difference`, so the work grows with
the update and not with the zone. What the RFC ignores in silence is ignored in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType, is_singleton
from dns.rdtypes.ANY.SOA import SOA
from dns.serial import Serial

from lab.core.rrsets import RRset
from lab.nameserver.difference import Difference
from lab.nameserver.zone import Zone

# Type, class, TTL and length of a record (RFC 1035 section 3.2.1).
_RECORD_HEAD = 10
_KEPT_AT_APEX = frozenset({RdataType.SOA, RdataType.NS})


@dataclass(slots=True)
class _Records:
    """Hold one RRset that grows and shrinks; a dictionary finds a record among many at once."""

    ttl: int
    rdatas: dict[Rdata, None]


_Node = dict[RdataType, RRset | _Records]
"""What stands at one owner: RRsets of the zone, until one of them is changed."""


class Workspace:
    """Change the records of one zone, one after the other."""

    def __init__(self, zone: Zone) -> None:
        """Start from *zone*, which stays as it is."""
        self._zone = zone
        self._touched: dict[Name, _Node] = {}

    def _at(self, owner: Name) -> _Node:
        if owner not in self._touched:
            self._touched[owner] = {one.rdtype: one for one in self._zone.rrsets(owner)}
        return self._touched[owner]

    def add(self, owner: Name, ttl: int, rdata: Rdata) -> None:
        """Add one record, or give the present one another TTL (section 3.4.2.2)."""
        node, rdtype = self._at(owner), RdataType.make(rdata.rdtype)
        if self._is_ignored(owner, node, rdata):
            return
        records = _opened(node, rdtype) or _Records(ttl, {})
        node[rdtype] = records
        if is_singleton(rdtype):
            records.rdatas.clear()
        # RFC 2181 section 5.2: the TTLs of one RRset are the same.
        records.ttl = ttl
        records.rdatas[rdata] = None

    def _is_ignored(self, owner: Name, node: _Node, rdata: Rdata) -> bool:
        # Section 3.4.2.2: a CNAME does not drive out other records, nor they a CNAME.
        if rdata.rdtype == RdataType.CNAME:
            return any(rdtype != RdataType.CNAME for rdtype in node)
        if RdataType.CNAME in node:
            return True
        if isinstance(rdata, SOA):
            return owner != self._zone.apex or not self._is_newer(node, rdata)
        return False

    def _is_newer(self, node: _Node, soa: SOA) -> bool:
        (present,) = node[RdataType.SOA].rdatas
        return isinstance(present, SOA) and bool(Serial(soa.serial) > Serial(present.serial))

    def delete_rrset(self, owner: Name, rdtype: RdataType) -> None:
        """Delete an RRset; SOA and NS of the zone itself stay (section 3.4.2.3)."""
        if owner == self._zone.apex and rdtype in _KEPT_AT_APEX:
            return
        self._at(owner).pop(rdtype, None)

    def delete_name(self, owner: Name) -> None:
        """Delete every RRset of an owner; SOA and NS of the zone itself stay."""
        for rdtype in tuple(self._at(owner)):
            self.delete_rrset(owner, rdtype)

    def delete_record(self, owner: Name, rdata: Rdata) -> None:
        """Delete one record; not the SOA, nor the last NS of the zone (section 3.4.2.4)."""
        node, rdtype = self._at(owner), RdataType.make(rdata.rdtype)
        records = _opened(node, rdtype)
        if records is None or rdata not in records.rdatas or rdtype == RdataType.SOA:
            return
        if len(records.rdatas) > 1:
            del records.rdatas[rdata]
        elif not (owner == self._zone.apex and rdtype in _KEPT_AT_APEX):
            del node[rdtype]

    @property
    def change(self) -> Difference:
        """Return what the zone has become: which records went, and which came."""
        removed: list[RRset] = []
        added: list[RRset] = []
        for owner in sorted(self._touched):
            now = self._touched[owner]
            before: _Node = {one.rdtype: one for one in self._zone.rrsets(owner)}
            removed += _only_in_first(owner, before, now)
            added += _only_in_first(owner, now, before)
        return Difference(tuple(removed), tuple(added))

    def octets(self, owner: Name, rdtype: RdataType) -> int:
        """Return how large an RRset has become on the wire, at most."""
        records = self._at(owner).get(rdtype)
        head = len(owner.to_wire() or b"") + _RECORD_HEAD
        return sum(head + len(one.to_wire() or b"") for one in records.rdatas) if records else 0


def _opened(node: _Node, rdtype: RdataType) -> _Records | None:
    """Return the records of one type, to be changed in place; None if there are none."""
    records = node.get(rdtype)
    if isinstance(records, RRset):
        records = node[rdtype] = _Records(records.ttl, dict.fromkeys(records.rdatas))
    return records


def _only_in_first(owner: Name, first: _Node, second: _Node) -> Iterator[RRset]:
    for rdtype in sorted(first):
        records, other = first[rdtype], second.get(rdtype)
        if records is other:
            continue
        same = frozenset(other.rdatas) if other is not None and other.ttl == records.ttl else ()
        gone = tuple(one for one in records.rdatas if one not in same)
        if gone:
            yield RRset(owner, rdtype, records.ttl, gone)
