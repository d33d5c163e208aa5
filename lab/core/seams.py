"""The places where a fault may act: honest code asks `hooks.at(SEAM, value)` and goes on.

A fault changes the *input* of honest code, so that what comes out is well formed and wrong in one
way only. Without faults every seam is the identity.
"""

from typing import Any, Generic, Protocol, TypeVar

from dns.name import Name

from lab.core.frozen import dataclass
from lab.core.instant import Instant

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seam(Generic[T]):
    """Name a place and the type of value that passes there.

    Attributes:
        name: as in the documentation, e.g. "signed-rrset".
    """

    name: str


class Fault(Protocol):
    """Change values that pass a seam."""

    @property
    def seams(self) -> tuple[Seam[Any], ...]:
        """Return the places where the fault acts."""
        ...

    def acts_in(self, apex: Name) -> bool:
        """Tell whether it may change something of the zone *apex*."""
        ...

    def apply(self, value: Any, now: Instant) -> Any:  # noqa: ANN401 the type is the seam's
        """Return the value to go on with."""
        ...


@dataclass(frozen=True, slots=True)
class Hooks:
    """Hold the faults that act now, in the order in which they were set.

    Attributes:
        faults: each acts at its own seams.
    """

    faults: tuple[Fault, ...] = ()

    def at(self, seam: Seam[T], value: T, now: Instant) -> T:
        """Return *value* as the faults of *seam* leave it."""
        for fault in self.faults:
            if seam in fault.seams:
                value = fault.apply(value, now)
        return value

    def act_at(self, seam: Seam[Any]) -> bool:
        """Tell whether there is a fault at *seam*."""
        return any(seam in fault.seams for fault in self.faults)

    def plus(self, fault: Fault) -> "Hooks":
        """Return hooks with one fault more."""
        return Hooks((*self.faults, fault))

    def within(self, apex: Name) -> "Hooks":
        """Return those that may change something of the zone *apex*."""
        return Hooks(tuple(one for one in self.faults if one.acts_in(apex)))
