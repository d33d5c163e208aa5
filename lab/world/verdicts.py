"""Read `verdicts.toml`: what other validators say of the specimens where ours says otherwise."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from lab.core.errors import ZoneError
from lab.core.frozen import dataclass
from lab.core.located import LocatedToml
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.world.config import located, refuse_unknown_keys
from lab.world.specimens import Expectation, Specimen, SpecimenTree

_TABLE = "differs"
_KEYS = ("who", "says", "of", "why")


class Who(Enum):
    """Name other people's validators as the file does."""

    UNBOUND = "unbound"
    DELV = "delv"
    KRESD = "kresd"
    PDNS = "pdns"


@dataclass(frozen=True, slots=True)
class Difference:
    """Say what somebody else says of some specimens.

    Attributes:
        who: says it.
        says: verdict and Extended DNS Errors; delv tells a verdict only.
        names: of the specimens.
        why: the text that decides, with its section.
    """

    who: Who
    says: Expectation
    names: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Hold all that others say otherwise.

    Attributes:
        differences: in the order of the file.
    """

    differences: tuple[Difference, ...] = ()

    def of(self, who: Who, specimen: Specimen) -> Expectation:
        """Return what *who* says of *specimen*: the same as ours, unless it is listed."""
        own = (one for one in self.differences if one.who is who)
        listed = next((one for one in own if specimen.name in one.names), None)
        return specimen.expected if listed is None else listed.says


def read_verdicts(text: str, file: str, tree: SpecimenTree) -> Verdicts:
    """Return what the text of a `verdicts.toml` says of the specimens of *tree*.

    Raises:
        ZoneError: names file, line and what was expected.
    """
    document = located(text, file)
    refuse_unknown_keys(document, (), (_TABLE,))
    known = {one.name: one for one in tree.specimens}
    entries = document.data.get(_TABLE, [])
    differences = tuple(
        _difference(document, place, entry, known) for place, entry in enumerate(entries)
    )
    seen: set[tuple[Who, str]] = set()
    for place, one in enumerate(differences):
        for name in one.names:
            if (one.who, name) in seen:
                raise ZoneError(f"{name} is listed twice for {one.who.value}", _at(document, place))
            seen.add((one.who, name))
    return Verdicts(differences)


def _at(document: LocatedToml, place: int) -> str:
    return document.where(_TABLE, place)


def _difference(
    document: LocatedToml, place: int, entry: Mapping[str, Any], known: Mapping[str, Specimen]
) -> Difference:
    where = _at(document, place)
    if set(entry) != set(_KEYS):
        raise ZoneError(f"expected the keys {', '.join(_KEYS)} in [[{_TABLE}]]", where)
    status, *codes = str(entry["says"]).split(", ")
    try:
        who = Who(entry["who"])
        says = Expectation(SecurityStatus(status), tuple(Ede(int(one)) for one in codes))
    except ValueError as error:
        raise ZoneError(str(error), where) from error
    for name in entry["of"]:
        if name not in known:
            raise ZoneError(f"there is no specimen {name!r}", where)
        if str(known[name].expected) == str(says):
            raise ZoneError(f"of {name} ours says the same", where)
    return Difference(who, says, tuple(entry["of"]), str(entry["why"]))
