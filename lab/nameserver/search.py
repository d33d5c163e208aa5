"""Find a name among those of a zone: the neighbours that it has in canonical order.

dnspython's tree compares names in Python, at each step of each search; here the steps within a
node are a bisection that compares tuples.
"""

from bisect import bisect_right
from typing import Any

from dns.btreezone import ImmutableVersion

from lab.core.ordered import Order, order_of
from lab.nameserver.leaves import Leaf


def neighbours(version: ImmutableVersion, order: Order) -> tuple[Leaf | None, Leaf | None]:
    """Return what stands at or before *order*, and behind it; glue counts, too."""
    nodes: Any = version.nodes
    node, left, right = nodes.root, None, None
    while True:
        elements = node.elts
        at = bisect_right(elements, order, key=_order)
        if at:
            left = elements[at - 1]
        if at < len(elements):
            right = elements[at]
        if node.is_leaf:
            return left, right
        node = node.children[at]


def find(version: ImmutableVersion, order: Order) -> Leaf | None:
    """Return what stands at *order*, glue or not; None if nothing does."""
    leaf, _ = neighbours(version, order)
    return leaf if leaf is not None and _order(leaf) == order else None


def cut_above(version: ImmutableVersion, glue: Leaf) -> Leaf:
    """Return the delegation that *glue* stands below."""
    order = _order(glue)
    above = (find(version, order[:depth]) for depth in range(len(order)))
    return next(one for one in above if one is not None and one.is_delegation())


def behind_all_of(order: Order) -> Order:
    """Return where the first name can stand that is behind *order* and not below it."""
    return (*order[:-1], order[-1] + b"\0")


def in_common(order: Order, other: Order) -> int:
    """Return how many labels two names share, the root included."""
    count = 0
    for one, another in zip(order, other, strict=False):
        if one != another:
            break
        count += 1
    return count


def _order(leaf: Leaf) -> Order:
    return order_of(leaf.rrsets[0].owner)
