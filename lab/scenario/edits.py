"""Actions on what a play stands on: the world as a value, its clock and its chance."""

from collections.abc import Callable
from typing import TypeAlias

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.faults.fault import NamedFault
from lab.world.build import World
from lab.world.wishes import ZoneWish


@dataclass(frozen=True, slots=True)
class Edit:
    """Change the world by a pure function; no result.

    Attributes:
        edit: returns another world; raises LabError to refuse.
    """

    edit: Callable[[World], World]


@dataclass(frozen=True, slots=True)
class SetFault:
    """Let a fault act from now on; no result.

    Attributes:
        fault: acts at its own seams.
        server: name or address of the one nameserver where it acts; empty: at all of them.
    """

    fault: NamedFault
    server: str = ""


@dataclass(frozen=True, slots=True)
class ClearFaults:
    """Let faults act no more; no result.

    Attributes:
        which: the kind that is cleared; empty: every one.
    """

    which: str = ""


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """Make a new key and certificate for an identity and lay it ready; no result.

    Attributes:
        identity: operator and role, e.g. "tsp.ns".
        names: dNSNames that the certificate bears besides those of the one in use.
    """

    identity: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrepareZone:
    """Make a zone that the story wants, or change one; no result.

    Attributes:
        wish: what it shall be like.
    """

    wish: ZoneWish


@dataclass(frozen=True, slots=True)
class SetMoment:
    """Move the clock of the lab to a moment; no result.

    Attributes:
        moment: from which it goes on.
    """

    moment: Instant


@dataclass(frozen=True, slots=True)
class SeedChance:
    """Let the keys and certificates that the story makes follow from a seed; no result.

    Attributes:
        seed: any text.
    """

    seed: str


WorldAction: TypeAlias = Edit | NewCertificate | PrepareZone | SetMoment | SeedChance

FaultAction: TypeAlias = SetFault | ClearFaults
