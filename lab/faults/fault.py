"""The registry of faults: a dataclass that changes what passes one seam.

Fields are parameters, the docstring is the manual. A fault alters the *input* of honest code, or
the finished RRset as a hostile middle would: the answer is well formed, and wrong in one way.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.core.registry import Registry
from lab.core.rrsets import RRset
from lab.core.seams import Seam


class NamedFault(ABC):
    """Change the values that pass one seam; `fault` fills in both class attributes.

    Attributes:
        kind: the name by which scenarios set it.
        seam: where it acts.
    """

    __slots__ = ()

    kind: ClassVar[str]
    seam: ClassVar[Seam[Any]]

    @abstractmethod
    def apply(self, value: Any, now: Instant) -> Any:  # noqa: ANN401 the type is the seam's
        """Return the value to go on with."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """Describe one kind of fault.

    Attributes:
        name: as scenarios write it.
        seam: where it acts.
        cls: the dataclass; its fields are the parameters.
    """

    name: str
    seam: Seam[Any]
    cls: type[NamedFault]


FAULTS: Registry[str, FaultKind] = Registry("fault")

FaultT = TypeVar("FaultT", bound=NamedFault)


def fault(name: str, *, seam: Seam[Any]) -> Callable[[type[FaultT]], type[FaultT]]:
    """Enter the decorated dataclass into FAULTS as *name*, to act at *seam*."""

    def enter(cls: type[FaultT]) -> type[FaultT]:
        cls.kind = name
        cls.seam = seam
        FAULTS.add(name, FaultKind(name, seam, cls))
        return cls

    return enter


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRRset(NamedFault):
    """Limit a fault to one RRset; its parameters come first in every such fault.

    Attributes:
        owner: owner name of the RRset.
        type: its type, e.g. "TLSA".
    """

    owner: Name
    type: RdataType

    def concerns(self, rrset: RRset) -> bool:
        """Tell whether *rrset* is the one; DNS names compare without case (RFC 4343)."""
        return rrset.owner == self.owner and rrset.rdtype == self.type

    def __str__(self) -> str:
        """Return it as `rrsig-expired on www.example.fr. A`."""
        return f"{self.kind} on {self.owner} {RdataType.to_text(self.type)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDelegation(NamedFault):
    """Limit a fault to the DS RRset that a parent publishes for one child.

    Attributes:
        child: apex of the child zone.
    """

    child: Name

    def concerns(self, rrset: RRset) -> bool:
        """Tell whether *rrset* is the DS RRset of the child."""
        return rrset.owner == self.child and rrset.rdtype == RdataType.DS

    def __str__(self) -> str:
        """Return it as `ds-mismatch on example.fr.`."""
        return f"{self.kind} on {self.child}"
