"""One version of a zone: what a master file says, as a value that never changes.

dnspython's B-tree zone keeps the names in canonical order and knows cuts and glue; this module adds
what an authoritative server asks of it. Editing returns another zone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast

from dns.btree import BTreeDict
from dns.btreezone import ImmutableVersion
from dns.btreezone import Zone as BTreeZone
from dns.name import Name
from dns.rdatatype import RdataType, is_singleton
from dns.rdtypes.ANY.SOA import SOA
from dns.serial import Serial

from lab.core.frozen import dataclass
from lab.core.ordered import OrderedName, order_of
from lab.core.rrsets import RRset
from lab.nameserver.editing import Edit
from lab.nameserver.leaves import Leaf
from lab.nameserver.masterfile import parse_piece, parse_whole
from lab.nameserver.search import behind_all_of, cut_above, find, in_common, neighbours


@dataclass(frozen=True, slots=True)
class Place:
    """Say where a name falls in a zone (RFC 1034 section 4.3.2, step 3).

    Attributes:
        name: the name that was looked for.
        cut: the delegation point at or above *name*, below the apex; None if there is none.
        exists: records or an empty non-terminal stand at *name*.
        before: the greatest authoritative owner that is not after *name*.
        closest_encloser: the longest existing ancestor, or *name* itself (RFC 4592 section 3.3.1).
    """

    name: Name
    cut: Name | None
    exists: bool
    before: Name
    closest_encloser: Name


@dataclass(frozen=True, slots=True)
class Zone:
    """Hold the authoritative data, cuts and glue of one zone.

    Attributes:
        apex: absolute.
        version: dnspython's immutable tree of it, with absolute names.
    """

    apex: Name
    version: ImmutableVersion

    @property
    def soa(self) -> RRset:
        """Return the SOA RRset; every loaded zone has one."""
        rrset = self.rrset(self.apex, RdataType.SOA)
        assert rrset is not None
        return rrset

    @property
    def serial(self) -> int:
        """Return the serial number of this version, 0 to 2**32 - 1 (RFC 1035 section 3.3.13)."""
        return cast("SOA", self.soa.rdatas[0]).serial

    @property
    def negative_ttl(self) -> int:
        """Return the TTL of a "no": min(SOA TTL, SOA MINIMUM), seconds (RFC 2308 section 5)."""
        return min(self.soa.ttl, cast("SOA", self.soa.rdatas[0]).minimum)

    def rrset(self, owner: Name, rdtype: RdataType) -> RRset | None:
        """Return the RRset of *owner*, glue included; None if there is none."""
        leaf = self.leaf(owner)
        return None if leaf is None else leaf.get(rdtype)

    def rrsets(self, owner: Name) -> tuple[RRset, ...]:
        """Return every RRset of *owner*, in order of type."""
        leaf = self.leaf(owner)
        return () if leaf is None else leaf.ordered

    def types(self, owner: Name) -> frozenset[RdataType]:
        """Return the types of the RRsets of *owner*; none where none are."""
        leaf = self.leaf(owner)
        return frozenset() if leaf is None else leaf.types

    def leaf(self, owner: Name) -> Leaf | None:
        """Return what stands at *owner*, glue included; None if nothing does."""
        return find(self.version, order_of(owner))

    def owners(self) -> Iterator[Name]:
        """Iterate over the authoritative owners and the cuts in canonical order, without glue."""
        return (owner for owner, node in self.walk() if not node.is_glue())

    def walk(self) -> Iterator[tuple[Name, Leaf]]:
        """Iterate over all owners in canonical order, glue included, each with its records."""
        # This costs far less than items() of the tree, which look each name up.
        cursor = cast("BTreeDict[Name, Leaf]", self.version.nodes).cursor()
        while (leaf := cursor.next()) is not None:
            yield leaf.key(), leaf.value()

    @property
    def is_hashed(self) -> bool:
        """Tell whether the zone denies by NSEC3 (RFC 5155 section 4)."""
        return self.rrset(self.apex, RdataType.NSEC3PARAM) is not None

    def is_cut(self, owner: Name) -> bool:
        """Tell whether *owner* is a delegation point."""
        leaf = self.leaf(owner)
        return leaf is not None and leaf.is_delegation()

    def place(self, name: Name) -> Place:
        """Find out where *name*, which is at or below the apex, falls."""
        order = order_of(name)
        before, behind = neighbours(self.version, order)
        assert before is not None
        if before.is_glue():
            # RFC 4035 section 2.3: nothing below a cut has a place in the chain.
            before = cut_above(self.version, before)
        left = order_of(before.key())
        is_below = before.is_delegation() and order[: len(left)] == left
        shared = in_common(order, left)
        if behind is not None and not is_below:
            shared = max(shared, in_common(order, order_of(behind.key())))
        return Place(
            name=name,
            cut=before.key() if is_below else None,
            exists=shared == len(order),
            before=before.key(),
            closest_encloser=name if shared == len(order) else Name(name.labels[-shared:]),
        )

    def next_owner(self, owner: Name) -> Name:
        """Return the authoritative owner after *owner*; the last one is followed by the apex."""
        order = order_of(owner)
        _, following = neighbours(self.version, order)
        if following is not None and following.is_glue():
            cut = order_of(cut_above(self.version, following).key())
            before, following = neighbours(self.version, behind_all_of(cut))
            if before is not None and order_of(before.key()) == behind_all_of(cut):
                following = before
        return self.apex if following is None else following.key()

    def owner_before(self, owner: Name) -> Name | None:
        """Return the authoritative owner before *owner*; None before the apex."""
        cursor = cast("BTreeDict[Name, Leaf]", self.version.nodes).cursor()
        cursor.seek(OrderedName.of(owner))
        while (leaf := cursor.prev()) is not None:
            if not leaf.value().is_glue():
                return leaf.key()
        return None

    def with_rrsets(self, rrsets: Iterable[RRset]) -> "Zone":
        """Return the zone with each of *rrsets* in the place of what its owner and type had.

        Raises:
            ZoneError: a CNAME would stand beside other records.
        """
        edit = Edit(self.apex, self.version)
        for one in rrsets:
            edit.put(one)
        return Zone(self.apex, edit.done())

    def with_records(self, text: str, where: str, ttl: int | None = None) -> "Zone":
        """Return the zone with the records of a piece of master file added.

        Args:
            text: the piece.
            where: its name, for errors.
            ttl: of records that give none; None: each must, or `$TTL` for it.

        Raises:
            ZoneError: *text* is no such piece, or does not go with what is there.
        """
        piece = parse_piece(text, self.apex, where, ttl)
        read = (RRset.from_dns(name, rdataset) for name, rdataset in piece.iterate_rdatasets())
        return self.with_rrsets([self._joined(rrset) for rrset in read])

    def _joined(self, more: RRset) -> RRset:
        present = self.rrset(more.owner, more.rdtype)
        rdatas = (*(present.rdatas if present else ()), *more.rdatas)
        return RRset(more.owner, more.rdtype, more.ttl, tuple(dict.fromkeys(rdatas)))

    def without(self, owner: Name, rdtype: RdataType) -> "Zone":
        """Return the zone without the RRset of *owner* and *rdtype*."""
        edit = Edit(self.apex, self.version)
        edit.at(owner).pop(rdtype, None)
        return Zone(self.apex, edit.done())

    def with_serial(self, serial: int) -> "Zone":
        """Return the zone with another serial number in its SOA record."""
        return self.with_rrsets([self.soa_with(serial)])

    def soa_with(self, serial: int) -> RRset:
        """Return the SOA RRset with another serial number."""
        soa = cast("SOA", self.soa.rdatas[0]).replace(serial=serial)
        return RRset(self.apex, RdataType.SOA, self.soa.ttl, (soa,))

    def with_changes(self, removed: Iterable[RRset], added: Iterable[RRset]) -> "Zone":
        """Return the zone without the records of *removed*, then with those of *added*.

        Records that are not there are not missed; TTLs of *removed* play no part. An added record
        gives its TTL to its whole RRset (RFC 2181 section 5.2), and takes the place of another one
        where a type stands alone.

        Raises:
            ZoneError: a CNAME would stand beside other records.
        """
        edit = Edit(self.apex, self.version)
        for one in removed:
            present = edit.at(one.owner).pop(one.rdtype, None)
            gone = set(one.rdatas)
            left = tuple(rdata for rdata in present.rdatas if rdata not in gone) if present else ()
            if present and left:
                edit.put(replace(present, rdatas=left))
        for one in added:
            present = None if is_singleton(one.rdtype) else edit.at(one.owner).get(one.rdtype)
            rdatas = dict.fromkeys((*(present.rdatas if present else ()), *one.rdatas))
            edit.put(replace(one, rdatas=tuple(rdatas)))
        return Zone(self.apex, edit.done())


def following(serial: int) -> int:
    """Return the serial after *serial* (RFC 1982 section 3.1); 0 is left out."""
    # RFC 2136 section 3.6 passes over 0, which some take for "no serial".
    return (Serial(serial) + 1).value or 1


def _freeze(apex: Name, tree: BTreeZone) -> Zone:
    with tree.reader() as transaction:
        return Zone(apex, cast("ImmutableVersion", transaction.version))


def load(text: str, apex: Name, where: str) -> Zone:
    """Return the zone that a master file (RFC 1035 section 5) describes.

    Raises:
        ZoneError: names *where* and the line, and what was expected there.
    """
    return _freeze(apex, parse_whole(text, apex, where))
