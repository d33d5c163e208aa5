"""The tree of a zone's names: dnspython's, with leaves that are small and quickly compared.

Editing is dnspython's: it copies what it writes to, and knows cuts and glue. This module decides
how the records of one name are held, and lays out a whole tree at once.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from dns.btree import BTreeDict
from dns.btreezone import ImmutableVersion, Node, NodeFlags, WritableVersion
from dns.btreezone import Zone as BTreeZone
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdataset import Rdataset, from_rdata_list
from dns.rdatatype import RdataType
from dns.zone import Version

from lab.core.ordered import Order, OrderedName
from lab.core.rrsets import RRset

# As numbers: of two flags Python makes a third one each time.
_GLUE, _DELEGATION = int(NodeFlags.GLUE), int(NodeFlags.DELEGATION)


class Leaf(Node):
    """Hold the records of one name as the lab has them; dnspython copies it before it writes.

    It is a node of dnspython's zone and the element of its tree at once: with a million names each
    object counts.

    Attributes:
        rrsets: at least one, all of the same owner.
    """

    __slots__ = ("rrsets",)

    def __init__(self, rrsets: tuple[RRset, ...], flags: NodeFlags = NodeFlags(0)) -> None:  # noqa: B008 it is a number
        """Hold *rrsets*."""
        self.rrsets, self.flags, self.id = rrsets, flags, 0

    def key(self) -> Name:
        """Return the name, as the tree asks for it."""
        return self.rrsets[0].owner

    def value(self) -> Node:
        """Return the node, as the tree asks for it."""
        return self

    def is_immutable(self) -> bool:
        """Say that it need not be copied to be looked at."""
        return True

    def is_glue(self) -> bool:
        """Tell whether it stands below a cut."""
        return int.__and__(self.flags, _GLUE) != 0

    def is_delegation(self) -> bool:
        """Tell whether it is a cut."""
        return int.__and__(self.flags, _DELEGATION) != 0

    def get(self, rdtype: RdataType) -> RRset | None:
        """Return the records of this type; None if there are none."""
        for one in self.rrsets:
            if one.rdtype == rdtype:
                return one
        return None

    @property
    def types(self) -> frozenset[RdataType]:
        """Return the types of the records."""
        return frozenset([one.rdtype for one in self.rrsets])

    @property
    def ordered(self) -> tuple[RRset, ...]:
        """Return the records in order of type."""
        return tuple(sorted(self.rrsets, key=lambda one: one.rdtype))

    def get_rdataset(
        self,
        rdclass: RdataClass,  # noqa: ARG002 there is one in a zone
        rdtype: RdataType,
        covers: RdataType = RdataType.NONE,  # noqa: ARG002 no zone file holds signatures
        create: bool = False,  # noqa: ARG002, FBT001, FBT002 as in dnspython
    ) -> Rdataset | None:
        """Return the records of one type as dnspython has them."""
        rrset = self.get(rdtype)
        return None if rrset is None else from_rdata_list(rrset.ttl, rrset.rdatas)

    @property
    def rdatasets(self) -> list[Rdataset]:  # type: ignore[override]  # there it is an attribute
        """Return the records as dnspython has them."""
        return [from_rdata_list(one.ttl, one.rdatas) for one in self.rrsets]


class LeafVersion(ImmutableVersion):
    """Be a version of a zone, all of whose nodes are leaves."""

    def __init__(self, version: Version) -> None:
        """Take over *version*, which is not written to any more."""
        assert isinstance(version, WritableVersion)
        for name in version.changed:
            node = version.nodes.get(name)
            if node is not None:
                version.nodes.insert_element(_leaf(OrderedName.of(name), node))  # type: ignore[arg-type]  # all that the tree asks of an element
        version.changed.clear()
        super().__init__(version)


def _leaf(owner: OrderedName, node: Node) -> Leaf:
    return Leaf(tuple(RRset.from_dns(owner, one) for one in node.rdatasets), node.flags)


class LeafTree(BTreeZone):
    """Be a zone of dnspython that makes such versions."""

    immutable_version_factory = LeafVersion


def tree_of(apex: Name, leaves: Mapping[Order, Leaf]) -> LeafTree:
    """Return the zone *apex* that consists of *leaves*, whatever their order."""
    tree = LeafTree(apex, relativize=False)
    version = WritableVersion(tree, replacement=True)
    version.origin = apex
    ordered = sorted(leaves)
    cuts = list(_flag(apex, leaves, ordered))
    fill(version.nodes, [leaves[order] for order in ordered])
    for cut in cuts:
        version.delegations.add(cut)
    commit(tree, LeafVersion(version))
    return tree


def commit(tree: BTreeZone, version: ImmutableVersion) -> None:
    """Let *version* be the one that *tree* has."""
    # dnspython copies on write, but only from a version that it has committed itself.
    tree._commit_version_unlocked(None, version, version.origin)  # noqa: SLF001 as said above


def _flag(apex: Name, leaves: Mapping[Order, Leaf], ordered: Iterable[Order]) -> Iterable[Name]:
    """Note at each leaf whether it is apex, cut or glue, and iterate over the cuts."""
    above: Order | None = None
    for order in ordered:
        leaf = leaves[order]
        if above is not None and order[: len(above)] == above:
            leaf.flags = NodeFlags.GLUE
        elif len(order) == len(apex):
            leaf.flags = NodeFlags.ORIGIN
        elif leaf.get(RdataType.NS) is not None:
            leaf.flags, above = NodeFlags.DELEGATION, order
            yield leaf.key()


def fill(nodes: "BTreeDict[Any, Any]", elements: list[Any]) -> None:
    """Put *elements*, which are in order, into the empty tree *nodes*, level by level."""
    kind, size = type(nodes.root), len(elements)
    below: list[Any] = []
    while True:
        # Between two nodes of a level stands an element of the level above.
        count = -(-(len(elements) + 1) // (2 * nodes.t))
        ends = [(len(elements) + 1) * one // count for one in range(count + 1)]
        level, risen = [], []
        for begin, end in pairwise(ends):
            node = kind(nodes.t, nodes.creator, is_leaf=not below)
            node.elts, node.children = elements[begin : end - 1], below[begin:end]
            level.append(node)
            risen += elements[end - 1 : end]
        if count == 1:
            nodes.root, nodes.size = level[0], size
            return
        elements, below = risen, level
