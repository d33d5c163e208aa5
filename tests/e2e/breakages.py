"""Each fault of the lab with something to break, and what to ask then."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from random import Random
from typing import Any

import dns.name
from dns.rdatatype import RdataType

from lab.app.asking import ask
from lab.app.state import StateFolder
from lab.faults.certificates import OnIdentity
from lab.faults.clocks import ClockWrong
from lab.faults.cuts import GlueWrong
from lab.faults.fault import FAULTS, FaultKind
from lab.faults.servers import OverTcp, ServerMtu, ServerSilent, ServerSlow
from tests.e2e.questions import Question
from tests.e2e.running import Lab

# What the parameters without a default may be. Zones, with a name in each that has an address.
ZONES = {
    "example.fr.": "www.example.fr.",
    "nsec3.lessons.fr.": "www.nsec3.lessons.fr.",
    "compact.lessons.fr.": "www.compact.lessons.fr.",
    "telecom-sudparis.eu.": "www.telecom-sudparis.eu.",
}
# Faults that need a certain type at their owner, or a zone that denies in a certain way.
SPECIAL: dict[str, dict[str, str]] = {
    "tlsa-stale": {"owner": "_ns-client.ns.afnic.fr.", "zone": "afnic.fr."},
    "tlsa-missing": {"owner": "_ns-client.ns.afnic.fr.", "zone": "afnic.fr."},
    "tlsa-unusable": {"owner": "_ns-client.ns.afnic.fr.", "zone": "afnic.fr."},
    "tlsa-leftover": {"owner": "_ns-client.ns.afnic.fr.", "zone": "afnic.fr."},
    "nsec-short": {"owner": "www.example.fr.", "zone": "example.fr."},
    "nsec3-short": {"zone": "nsec3.lessons.fr."},
    "nsec3-wrong-owner": {"zone": "nsec3.lessons.fr."},
    "nsec3-wrong-salt": {"zone": "nsec3.lessons.fr."},
    "nsec3-false-opt-out": {"zone": "nsec3.lessons.fr."},
    "nsec3-unknown-flags": {"zone": "nsec3.lessons.fr."},
    "nsec3-unknown-hash": {"zone": "nsec3.lessons.fr."},
    "nsec3-wrong-iterations": {"zone": "nsec3.lessons.fr."},
}


@dataclass(frozen=True)
class Breakage:
    """Hold one fault with its parameters, and questions near it."""

    fault: str
    parameters: dict[str, Any]
    zone: str

    @property
    def questions(self) -> list[Question]:
        owner = self.parameters.get("owner", ZONES.get(self.zone, self.zone))
        rdtype = self.parameters.get("type", "A")
        below = ("nowhere", "any.wild")
        asked = [(owner, rdtype), (owner, "TXT"), (self.zone, "DS")]
        asked += [(f"{one}.{self.zone}", "TXT") for one in below]
        return [(dns.name.from_text(name), RdataType.from_text(one)) for name, one in asked]

    def __str__(self) -> str:
        return " ".join([self.fault, *(f"{key}={value}" for key, value in self.parameters.items())])


def breakages(seed: int, only: str = "all") -> Iterator[Breakage]:
    """Iterate over all faults that change an answer of the DNS, or the *only* one."""
    random = Random(seed)
    for kind in (FAULTS[name] for name in FAULTS if only in {"all", name}):
        # Glue is the least of what a resolver knows of an address (RFC 2181 section 5.4.1): others
        # find the right one elsewhere. How long they ask for less is a matter of patience.
        if issubclass(kind.cls, OnIdentity | ClockWrong | GlueWrong | ServerMtu):
            continue
        zone = random.choice(list(ZONES))
        special = SPECIAL.get(kind.name, {"owner": ZONES[zone], "zone": zone})
        breakage = Breakage(kind.name, _parameters(kind, special, random), special["zone"])
        # Silence has no verdict, and takes a minute to be sure of; waiting takes time as well.
        if only != "all" or not issubclass(kind.cls, ServerSilent | ServerSlow):
            yield breakage


def _parameters(kind: FaultKind, special: dict[str, str], random: Random) -> dict[str, Any]:
    values = {
        **special,
        "type": "A",
        "child": special["zone"],
        "signer": "fr.",
        "becomes": "192.0.2.66",
        "address": "127.53.0.99",
    }
    given = fields(kind.cls)  # type: ignore[arg-type]  # each is a dataclass
    needed = {one.name for one in given if one.default is MISSING}
    assert needed <= set(values), f"{kind.name}: say in breakages.py what each parameter may be"
    if {"type", "zone"} <= {one.name for one in given}:
        # It acts on one RRset, or on all of a zone that it fits.
        needed |= random.choice([{"owner", "type"}, {"zone"}])
        needed |= {"type"} if "becomes" in needed else set()
    chosen = {one: values[one] for one in sorted(needed)}
    # Who hears nothing waits, and says nothing of interest.
    return chosen | {
        one.name: random.choice([each for each in one.type if each is not OverTcp.SILENT]).value
        for one in given
        if isinstance(one.type, type) and issubclass(one.type, Enum) and one.type is not RdataType
    }


@contextmanager
def broken(lab: Lab, breakage: Breakage) -> Iterator[None]:
    """Let *breakage* act in the running *lab*."""
    state = StateFolder(lab.state)
    list(ask(state, {"do": "fault", "fault": breakage.fault, **breakage.parameters}))
    try:
        yield
    finally:
        list(ask(state, {"do": "fault"}))
