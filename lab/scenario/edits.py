"""Two actions about the world as a value: change it by a function, and prepare a certificate."""

from collections.abc import Callable
from dataclasses import dataclass

from lab.world.build import World


@dataclass(frozen=True, slots=True)
class Edit:
    """Change the world by a pure function; no result.

    Attributes:
        edit: returns another world; raises LabError to refuse.
    """

    edit: Callable[[World], World]


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """Make a new key and certificate for an identity and lay it ready; no result.

    Attributes:
        identity: operator and role, e.g. "tsp.ns".
        names: dNSNames that the certificate bears besides those of the one in use.
    """

    identity: str
    names: tuple[str, ...] = ()
