"""Edit one version of a zone, owner by owner: what is not touched is shared with that version.

dnspython's tree is copied on write, and dnspython keeps cuts and glue; its transactions look at
each record several times and are left out. Decides: may these records stand at one owner, and
below the ones above it? It is seen when all is done, as the order of changes plays no part.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from dns.btree import BTreeDict
from dns.btreezone import ImmutableVersion, NodeFlags, WritableVersion
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import ZoneError
from lab.core.frozen import dataclass
from lab.core.ordered import Order, OrderedName, order_of
from lab.core.rrsets import RRset
from lab.nameserver.leaves import Leaf, LeafTree, LeafVersion, commit

Records = dict[RdataType, RRset]
"""What stands at one owner, by type."""


@dataclass(frozen=True, slots=True)
class _Touched:
    """Hold what one owner has, and what it is to have."""

    owner: OrderedName
    before: Leaf | None
    records: Records

    def grows(self) -> bool:
        """Tell whether there are types that were not there."""
        return self.before is None or not self.records.keys() <= self.before.types


class Edit:
    """Hold what is to stand at the owners that are touched."""

    def __init__(self, apex: Name, version: ImmutableVersion) -> None:
        """Start from *version*, which stays as it is."""
        self._apex, self._version = apex, version
        self._touched: dict[Order, _Touched] = {}

    def at(self, owner: Name) -> Records:
        """Return what stands at *owner*, to be changed in place."""
        return self._at(owner).records

    def _at(self, owner: Name) -> _Touched:
        order = order_of(owner)
        touched = self._touched.get(order)
        if touched is None:
            leaf = _leaf(self._version, OrderedName.known(owner.labels, order))
            # All records of a name have the case of letters of the first one.
            name = OrderedName.of(owner if leaf is None else leaf.key())
            records = {} if leaf is None else {one.rdtype: one for one in leaf.rrsets}
            touched = self._touched[order] = _Touched(name, leaf, records)
        return touched

    def put(self, rrset: RRset) -> None:
        """Let *rrset* stand in the place of what its owner and type had."""
        touched = self._at(rrset.owner)
        touched.records[rrset.rdtype] = replace(rrset, owner=touched.owner)

    def done(self) -> ImmutableVersion:
        """Return the version that has come of it.

        Raises:
            ZoneError: records stand where they may not.
        """
        tree = LeafTree(self._apex, relativize=False)
        commit(tree, self._version)
        work = WritableVersion(tree)
        for touched in self._touched.values():
            _set(work, touched)
        version = LeafVersion(work)
        for touched in self._touched.values():
            if touched.grows():
                _check_company(version, self._apex, touched.owner)
        return version


def _set(work: WritableVersion, touched: _Touched) -> None:
    """Let all records of *touched* stand at its owner, and no others."""
    owner, rrsets = touched.owner, tuple(touched.records.values())
    # What is noted as changed stood below cuts that have come or gone.
    before = work.nodes.get(owner) if work.changed else touched.before
    if not rrsets:
        work.delete_node(owner)
        return
    if before is None:
        flags = NodeFlags.GLUE if work.delegations.is_glue(owner) else NodeFlags(0)
    else:
        flags = before.flags
    leaf = Leaf(rrsets, flags)
    work.nodes.insert_element(leaf)  # type: ignore[arg-type]  # all that the tree asks of an element
    had_ns = touched.before is not None and RdataType.NS in touched.before.types
    if had_ns != (RdataType.NS in touched.records):
        work._update_delegation(owner, leaf)  # noqa: SLF001 as when dnspython puts records


def _check_company(version: ImmutableVersion, apex: Name, owner: OrderedName) -> None:
    leaf = _leaf(version, owner)
    types = frozenset[RdataType]() if leaf is None else leaf.types
    # RFC 1034 section 3.6.2.
    if RdataType.CNAME in types and len(types) > 1:
        raise ZoneError(f"{owner} has a CNAME and other records; only one of them may stay")
    # RFC 6672 section 2.3: a subtree is delegated or redirected, not both.
    if {RdataType.DNAME, RdataType.NS} <= types and owner != apex:
        raise ZoneError(f"{owner} has NS and DNAME; only one of them may stay")
    # RFC 6672 section 2.4: nothing stands below a DNAME.
    for above in _between(owner, apex):
        higher = _leaf(version, above)
        if higher is not None and higher.get(RdataType.DNAME) is not None:
            raise ZoneError(f"{owner} is below the DNAME at {above}")
    if RdataType.DNAME in types:
        below = _following(version, owner)
        if below is not None and below.is_subdomain(owner):
            raise ZoneError(f"{below} is below the DNAME at {owner}")


def _leaf(version: ImmutableVersion, owner: OrderedName) -> Leaf | None:
    return cast("Leaf | None", version.nodes.get(owner))


def _between(owner: OrderedName, apex: Name) -> Iterator[OrderedName]:
    """Iterate over the names above *owner*, up to *apex*."""
    for number in range(1, len(owner) - len(apex) + 1):
        yield OrderedName.known(owner.labels[number:], owner.order[: len(owner) - number])


def _following(version: ImmutableVersion, owner: OrderedName) -> Name | None:
    cursor = cast("BTreeDict[Name, Leaf]", version.nodes).cursor()
    cursor.seek(owner, before=False)
    element = cursor.next()
    return None if element is None else element.key()
