"""Names that remember their place in canonical order (RFC 4034 section 6.1).

dnspython compares names label by label, in Python, at each step of a search. These compare as
tuples do: a tree of names is searched ten times as fast.
"""

from collections.abc import Callable
from typing import TypeAlias

from dns.name import Name

Order: TypeAlias = tuple[bytes, ...]
"""The labels of an absolute name in small letters, the root first: sorts as RFC 4034 has it."""


def order_of(name: Name) -> Order:
    """Return where *name*, which is absolute, stands in canonical order."""
    return (
        name.order if isinstance(name, OrderedName) else tuple(map(bytes.lower, name.labels[::-1]))
    )


class OrderedName(Name):
    """Be an absolute name that is compared quickly, also with names of dnspython.

    Attributes:
        order: what it is compared by.
    """

    __slots__ = ("order",)
    order: Order

    def __init__(self, labels: tuple[bytes, ...]) -> None:
        """Make a name of *labels*, the last of which is empty."""
        super().__init__(labels)
        object.__setattr__(self, "order", tuple(map(bytes.lower, labels[::-1])))

    @classmethod
    def known(cls, labels: tuple[bytes, ...], order: Order) -> "OrderedName":
        """Return the name of *labels*, which are good and whose order is known."""
        name = object.__new__(cls)
        # dnspython's names refuse to be changed, and this one is being made.
        object.__setattr__(name, "labels", labels)
        object.__setattr__(name, "order", order)
        return name

    @classmethod
    def of(cls, name: Name) -> "OrderedName":
        """Return *name* as one that is compared quickly."""
        return name if isinstance(name, OrderedName) else cls.known(name.labels, order_of(name))

    def __reduce__(self) -> tuple[Callable[..., "OrderedName"], tuple[tuple[bytes, ...]]]:
        """Let other processes have it, too."""
        return OrderedName, (self.labels,)

    __hash__ = Name.__hash__

    def __eq__(self, other: object) -> bool:
        """Tell whether both are the same name, whatever their case."""
        return isinstance(other, Name) and self.order == order_of(other)

    def __ne__(self, other: object) -> bool:
        """Tell whether they are not."""
        return not self == other

    def __lt__(self, other: object) -> bool:
        """Tell whether it stands before *other*."""
        return self.order < order_of(other) if isinstance(other, Name) else NotImplemented

    def __le__(self, other: object) -> bool:
        """Tell whether it does not stand after *other*."""
        return self.order <= order_of(other) if isinstance(other, Name) else NotImplemented

    def __gt__(self, other: object) -> bool:
        """Tell whether it stands after *other*."""
        return self.order > order_of(other) if isinstance(other, Name) else NotImplemented

    def __ge__(self, other: object) -> bool:
        """Tell whether it does not stand before *other*."""
        return self.order >= order_of(other) if isinstance(other, Name) else NotImplemented
