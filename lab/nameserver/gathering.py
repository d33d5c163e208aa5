"""The records of a master file while they are read: gathered by name, put in order at the end.

A search tree that grows name by name is searched for each record. Here a dictionary finds the name,
and the tree is laid out when all are there.
"""

from collections.abc import Iterator

from dns.btreezone import Node
from dns.name import Name
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType
from dns.transaction import Transaction

from lab.core.ordered import Order, OrderedName, order_of
from lab.core.rrsets import RRset
from lab.nameserver.leaves import Leaf, LeafTree, tree_of

# What decides about other records, here or below.
_EXCLUSIVE = frozenset({RdataType.CNAME, RdataType.DNAME})


class Gathering(Transaction):
    """Be written to as a transaction of dnspython, and become a zone.

    Attributes:
        apex: of the zone.
    """

    def __init__(self, apex: Name) -> None:
        """Start empty, in the zone *apex*."""
        super().__init__(LeafTree(apex, relativize=False), replacement=True)
        self.apex = apex
        self._leaves: dict[Order, Leaf] = {}
        self._redirected = False

    def tree(self) -> LeafTree:
        """Return the zone of all that was gathered."""
        return tree_of(self.apex, self._leaves)

    def add_plain(self, rrset: RRset, order: Order) -> bool:
        """Add what needs no check, as it is the only one of its type; tell whether it was so.

        Args:
            rrset: of a type that goes with all others but CNAME.
            order: of its owner, an `OrderedName`.
        """
        leaf = self._leaves.get(order)
        if self._redirected:
            return False
        if leaf is None:
            self._leaves[order] = Leaf((rrset,))
            return True
        if leaf.key().labels != rrset.owner.labels:
            # All records of a name have the case of letters of the first one.
            return False
        if any(one.rdtype in _EXCLUSIVE or one.rdtype == rrset.rdtype for one in leaf.rrsets):
            return False
        leaf.rrsets = (*leaf.rrsets, rrset)
        return True

    def _get_rdataset(self, name: Name, rdtype: RdataType, covers: RdataType) -> Rdataset | None:
        leaf = self._leaves.get(order_of(name))
        return None if leaf is None else leaf.get_rdataset(self.manager.get_class(), rdtype, covers)

    def _get_node(self, name: Name) -> Node | None:
        return self._leaves.get(order_of(name))

    def _put_rdataset(self, name: Name, rdataset: Rdataset) -> None:
        self._redirected |= rdataset.rdtype == RdataType.DNAME
        leaf = self._leaves.get(order_of(name))
        present = () if leaf is None else leaf.rrsets
        owner = OrderedName.of(name if leaf is None else leaf.key())
        others = (one for one in present if one.rdtype != rdataset.rdtype)
        self._leaves[owner.order] = Leaf((*others, RRset.from_dns(owner, rdataset)))

    def _iterate_names(self) -> Iterator[Name]:
        return (leaf.key() for leaf in self._leaves.values())

    def _set_origin(self, origin: Name) -> None:
        """Do nothing: the apex is known."""
