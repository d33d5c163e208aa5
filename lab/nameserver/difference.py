"""What one version of a zone has that another has not (the unit of IXFR and of the journal).

Versions that came from each other share most of their tree: shared parts are recognised by
identity and skipped, so the work grows with the change and not with the zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeAlias, cast

from dns.btreezone import Node
from dns.name import Name
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.SOA import SOA

from lab.core.rrsets import RRset
from lab.nameserver.zone import Zone


@dataclass(frozen=True, slots=True)
class Difference:
    """Say which records went and which came; a TTL that changed is a record that did both.

    Attributes:
        removed: what only the older version has, in canonical order of owners.
        added: what only the newer version has, in the same order.
    """

    removed: tuple[RRset, ...] = ()
    added: tuple[RRset, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.removed or self.added)

    def applied_to(self, zone: Zone) -> Zone:
        """Return *zone* after the same change; what it does not have is not missed.

        Raises:
            ZoneError: a CNAME would stand beside other records.
        """
        return zone.with_changes(self.removed, self.added)

    def apart_from_serial(self) -> "Difference":
        """Return the difference without SOA records that differ in nothing but the serial."""
        old = [one for one in self.removed if one.rdtype == RdataType.SOA]
        new = [one for one in self.added if one.rdtype == RdataType.SOA]
        if not old or not new or _levelled(old[0]) != _levelled(new[0]):
            return self
        return Difference(_without_soa(self.removed), _without_soa(self.added))


def _levelled(soa: RRset) -> RRset:
    return replace(soa, rdatas=(cast("SOA", soa.rdatas[0]).replace(serial=0),))


def _without_soa(rrsets: tuple[RRset, ...]) -> tuple[RRset, ...]:
    return tuple(one for one in rrsets if one.rdtype != RdataType.SOA)


def difference(older: Zone, newer: Zone) -> Difference:
    """Return what changed from *older* to *newer*, two versions of one zone."""
    if older.version is newer.version:
        return Difference()
    pairs = list(_changed_nodes(older, newer))
    return Difference(
        tuple(chain.from_iterable(_only_in_first(name, old, new) for name, old, new in pairs)),
        tuple(chain.from_iterable(_only_in_first(name, new, old) for name, old, new in pairs)),
    )


def _only_in_first(name: Name, first: Node | None, second: Node | None) -> Iterator[RRset]:
    """Iterate over what *first* has and *second* has not, in order of type."""
    for rdataset in sorted(first or (), key=lambda one: one.rdtype):
        other = second.get_rdataset(rdataset.rdclass, rdataset.rdtype) if second else None
        rdatas = _records_not_in(rdataset, other)
        if rdatas:
            yield RRset(name, rdataset.rdtype, rdataset.ttl, rdatas)


def _records_not_in(rdataset: Rdataset, other: Rdataset | None) -> tuple[Any, ...]:
    if other is None or other.ttl != rdataset.ttl:
        return tuple(rdataset)
    return tuple(rdata for rdata in rdataset if rdata not in other)


# A node of dnspython's B-tree, or one of its elements: the name and the records there.
_Item: TypeAlias = Any


def _changed_nodes(older: Zone, newer: Zone) -> Iterator[tuple[Name, Node | None, Node | None]]:
    """Merge both trees in order, and iterate over the names whose records are not the same."""
    old, new = _Frontier(older), _Frontier(newer)
    while old.items or new.items:
        if not _aligned(old, new):
            continue
        first, second = old.key, new.key
        if second is None or (first is not None and first < second):
            yield old.take(), old.node, None
        elif first is None or second < first:
            yield new.take(), None, new.node
        else:
            name = old.take()
            new.take()
            if old.node is not new.node:
                yield name, old.node, new.node


def _aligned(old: "_Frontier", new: "_Frontier") -> bool:
    """Skip what both share or open one subtree, until both begin with a name (or are at the end).

    Of two different subtrees the higher one is opened: what is below may be shared.
    """
    if old.items and new.items and old.items[-1] is new.items[-1]:
        old.items.pop()
        new.items.pop()
        return False
    higher = max((old, new), key=lambda one: one.height)
    if higher.height == 0:
        return True
    higher.open()
    return False


class _Frontier:
    """Walk through one tree in order, without opening more of it than was asked for.

    Attributes:
        items: what is still to come, the next one last.
        node: the records of the name that was taken last.
    """

    def __init__(self, zone: Zone) -> None:
        self.items: list[_Item] = [zone.version.nodes.root]  # type: ignore[attr-defined]  # a B-tree, whatever its declared type says
        self.node: Node | None = None

    @property
    def height(self) -> int:
        """Return how many levels the next item has; 0 for a single name, or at the end."""
        if not self.items or not hasattr(self.items[-1], "elts"):
            return 0
        subtree, levels = self.items[-1], 1
        while not subtree.is_leaf:
            subtree, levels = subtree.children[0], levels + 1
        return levels

    @property
    def key(self) -> Name | None:
        """Return the next name; None at the end."""
        return cast("Name", self.items[-1].key()) if self.items else None

    def open(self) -> None:
        """Put the parts of the next subtree in its place."""
        subtree = self.items.pop()
        parts = list(subtree.elts)
        for at, child in enumerate(subtree.children):
            parts.insert(2 * at, child)
        self.items.extend(reversed(parts))

    def take(self) -> Name:
        """Take the next name, and let `node` be what stands there."""
        element = self.items.pop()
        self.node = element.value()
        return cast("Name", element.key())
