"""Random questions about a lab: names at, beside, above and below what its zones hold.

The same seed and the same zones make the same questions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import dns.name
import dns.zone
from dns.name import Name
from dns.rdatatype import RdataType

from tests.e2e.running import Lab

Question: TypeAlias = tuple[Name, RdataType]

# TYPE65534 is for private use: nobody knows what it means. 128 to 255 are no types of data.
TYPES = tuple(
    RdataType.make(one)
    for one in (
        *("A", "AAAA", "NS", "SOA", "MX", "TXT", "DS", "DNSKEY", "NSEC", "NSEC3PARAM", "TLSA"),
        *("NAPTR", "SRV", "CNAME", "DNAME", "CDS", "HTTPS", "SVCB", "PTR", "CAA", "TYPE65534"),
        *("ANY", "RRSIG"),
    )
)
ZONES = Path(__file__).parents[2] / "zones"
SPECIMENS = dns.name.from_text("faults.fr.")
MOST_LABEL, MOST_NAME = 63, 255
LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Grounds:
    """Hold what questions are made from: the names of all zones, with their types.

    Attributes:
        types: of each owner name.
        zones: what the lab says about each, by apex.
    """

    types: dict[Name, frozenset[RdataType]]
    zones: dict[Name, dict[str, Any]]

    @property
    def apexes(self) -> tuple[Name, ...]:
        return tuple(self.zones)

    def zone_of(self, name: Name) -> dict[str, Any]:
        """Return the deepest zone at or above *name*."""
        while name not in self.zones:
            name = name.parent()
        return self.zones[name]

    def with_type(self, rdtype: RdataType) -> list[Name]:
        """Return the owners of *rdtype*."""
        return [one for one, types in self.types.items() if rdtype in types]


def read_grounds(lab: Lab, folder: Path = ZONES) -> Grounds:
    """Return what the zones of *lab* hold, as it stands in the master files of *folder*.

    Those of faults.toml are left out: what they hold is not what is served; and those that have no
    master file.
    """
    written = (zone for zone in lab.status["zones"] if not zone["file"].endswith(".toml"))
    every = {dns.name.from_text(zone["name"]): zone for zone in written}
    zones = {apex: zone for apex, zone in every.items() if not apex.is_subdomain(SPECIMENS)}
    types: dict[Name, frozenset[RdataType]] = {}
    for apex in sorted(zones):
        file = str(folder / zones[apex]["file"])
        zone = dns.zone.from_file(file, origin=apex, relativize=False, check_origin=False)
        for owner, node in sorted(zone.nodes.items()):
            found = frozenset(RdataType.make(one.rdtype) for one in node.rdatasets)
            types[owner] = types.get(owner, frozenset()) | found
    return Grounds(types, zones)


def questions(grounds: Grounds, seed: int, number: int) -> Iterator[Question]:
    """Iterate over *number* questions."""
    random = Random(seed)
    shapes = tuple(SHAPES.values())
    for _ in range(number):
        name = random.choice(shapes)(grounds, random)
        if random.random() < 0.3:
            name = _mixed(name, random)
        present = sorted(grounds.types.get(name, ()))
        yield name, random.choice(present if present and random.random() < 0.4 else TYPES)


def _owner(grounds: Grounds, random: Random) -> Name:
    return random.choice(list(grounds.types))


def _apex(grounds: Grounds, random: Random) -> Name:
    return random.choice(grounds.apexes)


def _ancestor(grounds: Grounds, random: Random) -> Name:
    """Return an empty non-terminal, or another name above an owner."""
    name = _owner(grounds, random)
    return Name(name.labels[random.randrange(len(name)) :])


def _below(grounds: Grounds, random: Random) -> Name:
    return _under(_ancestor(grounds, random), random, random.randint(1, 3))


def _expanded(grounds: Grounds, random: Random) -> Name:
    """Return a name that a wildcard may stand for, or the wildcard itself."""
    wild = [one for one in grounds.types if one.is_wild()]
    if not wild:
        return _below(grounds, random)
    wildcard = random.choice(wild)
    return random.choice([wildcard, _under(wildcard.parent(), random, random.randint(1, 3))])


def _at_cut(grounds: Grounds, random: Random) -> Name:
    """Return a zone cut, what is above it or what is below it."""
    cut = random.choice(grounds.with_type(RdataType.NS))
    above = cut if cut == dns.name.root else cut.parent()
    return random.choice([cut, above, _under(cut, random, random.randint(1, 2))])


def _by_dname(grounds: Grounds, random: Random) -> Name:
    dnames = grounds.with_type(RdataType.DNAME)
    if not dnames:
        return _below(grounds, random)
    dname = random.choice(dnames)
    if random.random() < 0.3:
        return _long(_under(dname, random, 1), random)
    inside = [one for one in grounds.types if one.is_subdomain(dname.parent()) and one != dname]
    leaf = random.choice(inside).labels[:1] if inside else (b"x",)
    return random.choice([dname, _joined(leaf, dname), _under(dname, random, random.randint(1, 2))])


def _neighbour(grounds: Grounds, random: Random) -> Name:
    """Return a name right beside an owner in canonical order, where gaps begin and end."""
    name = _owner(grounds, random)
    if len(name) == 1:
        return _under(name, random, 1)
    label = name.labels[0]
    near = [label + b"\0", label[:-1], label[:-1] + bytes([(label[-1] - 1) % 256]), b"\0" + label]
    chosen = [one for one in near if 0 < len(one) <= MOST_LABEL] or [b"\0"]
    return random.choice(
        [_joined((random.choice(chosen),), name.parent()), _joined((b"\0",), name)]
    )


def _odd(grounds: Grounds, random: Random) -> Name:
    """Return a name with octets that are no letters (RFC 2181 section 11)."""
    label = bytes(random.randrange(256) for _ in range(random.randint(1, 12)))
    return _joined((label,), _ancestor(grounds, random))


def _longest(grounds: Grounds, random: Random) -> Name:
    return _long(_ancestor(grounds, random), random)


def _outside(_grounds: Grounds, random: Random) -> Name:
    return _under(dns.name.root, random, random.randint(1, 3))


SHAPES: dict[str, Callable[[Grounds, Random], Name]] = {
    "owner": _owner,
    "owner, again": _owner,
    "apex": _apex,
    "ancestor": _ancestor,
    "below": _below,
    "expanded": _expanded,
    "at a cut": _at_cut,
    "by a DNAME": _by_dname,
    "neighbour": _neighbour,
    "odd octets": _odd,
    "long": _longest,
    "outside": _outside,
}


def _under(name: Name, random: Random, depth: int) -> Name:
    for _ in range(depth):
        name = _joined((_label(random, random.randint(1, 9)),), name)
    return name


def _long(name: Name, random: Random) -> Name:
    """Return *name* with labels before it, up to at most the octets that a name may have."""
    room = MOST_NAME - len(name.to_wire() or b"") - random.randint(0, 3)
    while room > 1:
        size = min(room - 1, MOST_LABEL)
        name = _joined((_label(random, size),), name)
        room -= size + 1
    return name


def _label(random: Random, size: int) -> bytes:
    return bytes(random.choices(LETTERS, k=size))


def _joined(labels: tuple[bytes, ...], name: Name) -> Name:
    """Return *labels* before *name*; *name* alone if that is too long."""
    try:
        return Name((*labels, *name.labels))
    except dns.name.NameTooLong:
        return name


def _mixed(name: Name, random: Random) -> Name:
    return Name(
        tuple(random.choice([label.upper(), label.title(), label]) for label in name.labels)
    )


def text_of(question: Question) -> str:
    """Return *question* as `www.example.fr. A`."""
    return f"{question[0]} {RdataType.to_text(question[1])}"
