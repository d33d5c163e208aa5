"""The registry of faults: a dataclass that changes what passes a seam, or several.

Fields are parameters, the docstring is the manual. A fault alters the *input* of honest code, or
the finished RRset as a hostile middle would: the answer is well formed, and wrong in one way.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar, TypeVar

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.registry import Registry
from lab.core.rrsets import RRset
from lab.core.seams import Seam


class NamedFault(ABC):
    """Change the values that pass a seam; `fault` fills in both class attributes.

    Attributes:
        kind: the name by which scenarios set it.
        seams: where it acts; most faults have one.
    """

    __slots__ = ()

    kind: ClassVar[str]
    seams: ClassVar[tuple[Seam[Any], ...]]

    def acts_in(self, apex: Name) -> bool:
        """Tell whether it may change something of the zone *apex*; here: of any."""
        del apex
        return True

    @abstractmethod
    def apply(self, value: Any, now: Instant) -> Any:  # noqa: ANN401 the type is the seam's
        """Return the value to go on with."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """Describe one kind of fault.

    Attributes:
        name: as scenarios write it.
        seams: where it acts.
        cls: the dataclass; its fields are the parameters.
    """

    name: str
    seams: tuple[Seam[Any], ...]
    cls: type[NamedFault]


class Which(Enum):
    """Name records among several of one kind."""

    EVERY = "every"
    FIRST = "first"


FAULTS: Registry[str, FaultKind] = Registry("fault")

FaultT = TypeVar("FaultT", bound=NamedFault)


def fault(
    name: str, *, seam: Seam[Any], also: Seam[Any] | None = None
) -> Callable[[type[FaultT]], type[FaultT]]:
    """Enter the decorated dataclass into FAULTS as *name*, to act at *seam*, and *also* there."""
    seams = (seam,) if also is None else (seam, also)

    def enter(cls: type[FaultT]) -> type[FaultT]:
        cls.kind = name
        cls.seams = seams
        FAULTS.add(name, FaultKind(name, seams, cls))
        return cls

    return enter


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRRset(NamedFault):
    """Limit a fault to some RRsets: of one owner, of one type, or of one zone.

    Attributes:
        owner: owner name of the RRset; without it every owner in `zone`.
        type: its type, e.g. "TLSA"; without it every type.
        zone: apex of the zone whose answers are wrong; without it every zone that has `owner`.
    """

    owner: Name | None = None
    type: RdataType | None = None
    zone: Name | None = None

    def __post_init__(self) -> None:
        """Refuse to break everything."""
        if self.owner is None and self.zone is None:
            raise InputError(f"the fault {self.kind!r} needs the parameter 'owner' or 'zone'")

    def acts_in(self, apex: Name) -> bool:
        """Tell whether *apex* is the zone, or may hold the owner."""
        if self.zone is not None:
            return bool(apex == self.zone)
        return self.owner is not None and self.owner.is_subdomain(apex)

    def concerns(self, rrset: RRset) -> bool:
        """Tell whether *rrset* is one of them; DNS names compare without case (RFC 4343)."""
        return self.owner in {None, rrset.owner} and self.type in {None, rrset.rdtype}

    def __str__(self) -> str:
        """Return it as `rrsig-expired on www.example.fr. A`, or `… on all NSEC in example.fr.`."""
        rdtype = "" if self.type is None else f" {RdataType.to_text(self.type)}"
        where = "" if self.zone is None else f" in {self.zone}"
        return f"{self.kind} on {self.owner or 'all'}{rdtype}{where}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDelegation(NamedFault):
    """Limit a fault to the DS RRset that a parent publishes for one child.

    Attributes:
        child: apex of the child zone.
    """

    child: Name

    def acts_in(self, apex: Name) -> bool:
        """Tell whether *apex* may be the parent."""
        return apex != self.child and self.child.is_subdomain(apex)

    def concerns(self, rrset: RRset) -> bool:
        """Tell whether *rrset* is the DS RRset of the child."""
        return rrset.owner == self.child and rrset.rdtype == RdataType.DS

    def __str__(self) -> str:
        """Return it as `ds-mismatch on example.fr.`."""
        return f"{self.kind} on {self.child}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnOwner(NamedFault):
    """Limit a fault to one owner name.

    Attributes:
        owner: the name.
    """

    owner: Name

    def acts_in(self, apex: Name) -> bool:
        """Tell whether *apex* may hold the owner."""
        return self.owner.is_subdomain(apex)

    def __str__(self) -> str:
        """Return it as `nsec-short on example.fr.`."""
        return f"{self.kind} on {self.owner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnZone(NamedFault):
    """Limit a fault to one zone.

    Attributes:
        zone: its apex.
    """

    zone: Name

    def acts_in(self, apex: Name) -> bool:
        """Tell whether *apex* is the zone."""
        return bool(apex == self.zone)

    def __str__(self) -> str:
        """Return it as `denial-missing in example.fr.`."""
        return f"{self.kind} in {self.zone}"
