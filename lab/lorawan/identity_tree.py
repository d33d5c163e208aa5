"""A tree of names for devices, cut into zones by the first digits of their DevEUIs.

As in ENUM (RFC 6116 section 3.2) and in `ip6.arpa` each digit is a label, the last one first: all
devices whose DevEUIs begin alike stand below one name. There the tree can be cut: what is below is
a zone of its own, with keys of its own, that somebody else may have (RFC 1034 section 4.2).
"""

from collections.abc import Iterable
from itertools import pairwise

from dns.name import Name

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.lorawan.identifiers import Eui64, join_eui_name

_DIGITS = 2 * Eui64.SIZE


@dataclass(frozen=True, slots=True)
class IdentityTree:
    """Say where the names of devices are, and where the zone cuts.

    Attributes:
        below: apex of the zone at the top of the tree.
        cut: after so many digits there is a zone cut; in ascending order, none for a single zone.
    """

    below: Name
    cut: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse cuts that are none.

        Raises:
            InputError: there is no such place, or not in that order.
        """
        places = (0, *self.cut, _DIGITS)
        if any(one >= other for one, other in pairwise(places)):
            wanted = f"expected ascending numbers of digits from 1 to {_DIGITS - 1}"
            raise InputError(f"{wanted}, not {list(self.cut)}", "cut")

    def owner(self, dev_eui: Eui64) -> Name:
        """Return the name of a device."""
        return join_eui_name(dev_eui, self.below)

    def zones_above(self, dev_eui: Eui64) -> tuple[Name, ...]:
        """Return the apexes from the top to the zone that holds a device."""
        labels = self.owner(dev_eui).labels
        return (self.below, *(Name(labels[_DIGITS - digits :]) for digits in self.cut))

    def apexes(self, dev_euis: Iterable[Eui64]) -> tuple[Name, ...]:
        """Return the apexes of all zones that hold *dev_euis*, parents before their children."""
        found = {apex for one in dev_euis for apex in self.zones_above(one)}
        return tuple(sorted({self.below, *found}))
