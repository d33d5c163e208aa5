"""What one version of a zone has that another has not (the unit of IXFR and of the journal).

Versions that came from each other share most of their tree: shared parts are recognised by
identity and skipped, so the work grows with the change and not with the zone.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias, cast

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.SOA import SOA

from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.nameserver.leaves import Leaf
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
        tuple(chain.from_iterable(_only_in_first(old, new) for old, new in pairs)),
        tuple(chain.from_iterable(_only_in_first(new, old) for old, new in pairs)),
    )


def changed_owners(older: Zone, newer: Zone) -> Iterator[Name]:
    """Iterate over the owners, in order, that have other records or came below or above a cut."""
    if older.version is not newer.version:
        for old, new in _changed_nodes(older, newer):
            leaf = new if old is None else old
            assert leaf is not None
            yield leaf.key()


def _only_in_first(first: Leaf | None, second: Leaf | None) -> Iterator[RRset]:
    """Iterate over what *first* has and *second* has not, in order of type."""
    present = () if first is None else first.rrsets
    for rrset in sorted(present, key=lambda one: one.rdtype):
        other = None if second is None else second.get(rrset.rdtype)
        rdatas = _records_not_in(rrset, other)
        if rdatas:
            yield replace(rrset, rdatas=rdatas)


def _records_not_in(rrset: RRset, other: RRset | None) -> tuple[Rdata, ...]:
    if rrset is other:
        return ()
    if other is None or other.ttl != rrset.ttl:
        return rrset.rdatas
    there = set(other.rdatas)
    return tuple(rdata for rdata in rrset.rdatas if rdata not in there)


# A node of dnspython's B-tree, or one of its elements: a leaf.
_Item: TypeAlias = Any
_Pair: TypeAlias = tuple[Leaf | None, Leaf | None]


def _changed_nodes(older: Zone, newer: Zone) -> Iterator[_Pair]:
    """Iterate in order over the names whose records are not the same."""
    return _changed_below(_root(older), _root(newer))


def _root(zone: Zone) -> _Item:
    return zone.version.nodes.root  # type: ignore[attr-defined]  # a B-tree, whatever its declared type says


def _changed_below(old: _Item, new: _Item) -> Iterator[_Pair]:
    """Compare two subtrees of one range of names: part by part, if they have the same parts."""
    if len(old.elts) != len(new.elts) or len(old.children) != len(new.children):
        yield from _merged(old, new)
        return
    elements = [at for at, one in enumerate(old.elts) if one is not new.elts[at]]
    if any(old.elts[at].key() != new.elts[at].key() for at in elements):
        yield from _merged(old, new)
        return
    children = [at for at, one in enumerate(old.children) if one is not new.children[at]]
    # A child stands before the element of its number.
    for at, is_element in sorted(
        [(at, False) for at in children] + [(at, True) for at in elements]
    ):
        if is_element:
            yield old.elts[at], new.elts[at]
        else:
            yield from _changed_below(old.children[at], new.children[at])


def _merged(older: _Item, newer: _Item) -> Iterator[_Pair]:
    """Merge both subtrees in order."""
    old, new = _Frontier(older), _Frontier(newer)
    while old.items or new.items:
        if not _aligned(old, new):
            continue
        first, second = old.key, new.key
        if second is None or (first is not None and first < second):
            yield old.take(), None
        elif first is None or second < first:
            yield None, new.take()
        else:
            before, after = old.take(), new.take()
            if before is not after:
                yield before, after


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
    """

    def __init__(self, subtree: _Item) -> None:
        self.items: list[_Item] = [subtree]

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

    def take(self) -> Leaf:
        """Take what stands at the next name."""
        return cast("Leaf", self.items.pop())
