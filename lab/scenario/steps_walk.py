"""Steps of somebody who wants all names of a zone, and asks its nameservers as anybody may.

NSEC gives them away, one after the other; NSEC3 gives hashes, against which words can be tried.
"""

from typing import TypeAlias, TypeVar

import dns.name
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3

from lab.core.checks import Report, check
from lab.core.dialogue import Dialogue
from lab.core.frozen import dataclass
from lab.core.rrsets import SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec.nsec import types
from lab.dnssec.nsec3 import covers, from_label, parameters
from lab.scenario.action import Action, Observation, Play, Result, Validate
from lab.scenario.rules import FOUND
from lab.scenario.step import Step, judged, step
from lab.validator.proof import DENIAL_TYPES
from lab.validator.resolve import Validation

_Told = TypeVar("_Told")
_Asking: TypeAlias = Dialogue[Action, Result, _Told]

_NOTHING = "nothing"
# RFC 4470 section 4, RFC 9824 section 3.1: what an NSEC record lists at a name that is not there.
_OF_NO_NAME = DENIAL_TYPES | {RdataType.NXNAME}
_QUESTIONS = 64
"""So often a walker asks before he gives up."""
_GUESSES = 5_000
"""So many names he makes up, of which he asks for those whose hashes are of use."""


@step("walk-zone")
@dataclass(frozen=True, slots=True, kw_only=True)
class WalkZoneStep(Step):
    """List the names of a zone by its NSEC records: each points to the next (RFC 4470).

    Attributes:
        zone: its apex.
        finds: the names that must be found, from the apex, which is "@", on; in canonical order.
    """

    zone: Name
    finds: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return it as `walk through example.fr.`."""
        return f"walk through {self.zone}"

    def play(self) -> Play:
        """Ask until the chain is closed, or leads to a name that does not exist."""
        found: list[Name] = []
        position = self.zone
        while position not in found and len(found) < _QUESTIONS:
            nsec = yield from _nsec_at(position, self.zone)
            if nsec is None or types(nsec) <= _OF_NO_NAME:
                break
            found.append(position)
            # The server repeats the case of letters that the resolver drew by chance.
            position = nsec.next.canonicalize()
        end = "the chain is closed" if found and position == found[0] else f"lost at {position}"
        names = tuple(str(one.relativize(self.zone)) for one in found)
        return _found(self.title, self.finds, names, Report(end))


@step("crack-nsec3")
@dataclass(frozen=True, slots=True, kw_only=True)
class CrackNsec3Step(Step):
    """Collect the hashes of a zone with NSEC3, and try words against them (RFC 5155).

    The hashes come by questions for names that do not exist; the words cost no question at all.

    Attributes:
        zone: its apex.
        words: that are hashed, as names below the apex.
        finds: those among them that must be found.
        hashes: how many names the zone has, as far as NSEC3 tells.
    """

    zone: Name
    words: tuple[str, ...]
    finds: tuple[str, ...]
    hashes: int | None = None

    @property
    def title(self) -> str:
        """Return it as `crack the hashes of example.fr.`."""
        return f"crack the hashes of {self.zone}"

    def play(self) -> Play:
        """Ask until no gap is left, then hash the words."""
        chain: dict[bytes, NSEC3] = {}
        asked = 0
        for guess in (
            Name((b"guess-%d" % number, *self.zone.labels)) for number in range(_GUESSES)
        ):
            if asked == _QUESTIONS or _is_closed(chain):
                break
            if _tells_nothing_new(chain, guess):
                continue
            asked += 1
            chain |= yield from _nsec3_about(guess, self.zone)
        words = tuple(one for one in self.words if _digest(chain, _below(one, self.zone)) in chain)
        seen = f"{len(chain)} hashes by {asked} questions"
        counted = check(
            FOUND,
            self.hashes in {None, len(chain)},
            str(self.zone),
            expected="any number" if self.hashes is None else self.hashes,
            seen=seen,
        )
        return _found(self.title, self.finds, words, Report(seen, checks=(counted,)))


def _found(
    title: str, expected: tuple[str, ...], found: tuple[str, ...], how: Report
) -> Observation:
    wanted, seen = (" ".join(one) or _NOTHING for one in (expected, found))
    alike = check(FOUND, found == expected, title, expected=wanted, seen=seen)
    return judged(title, wanted, seen, (alike, *how.checks), how)


def _nsec_at(name: Name, zone: Name) -> _Asking[NSEC | None]:
    """Return what *zone* says at *name*; None if it says nothing there.

    RFC 4035 section 2.3: at a cut both zones have an NSEC. At the apex the parent may give its own,
    so a type is denied that nobody has; at cuts below, the next possible name behind the cut.
    """
    behind = Name((name.labels[0] + b"\0", *name.labels[1:]))
    instead = (name, RdataType.NULL) if name == zone else (behind, RdataType.A)
    for qname, rdtype in ((name, RdataType.NSEC), instead):
        for one in (yield from _asked(qname, rdtype)):
            rdata = one.rrset.rdatas[0]
            if isinstance(rdata, NSEC) and one.rrset.owner == name and _signs(zone, one):
                return rdata
    return None


def _signs(zone: Name, signed: SignedRRset) -> bool:
    return any(one.signer == zone for one in signed.rrsigs)


def _nsec3_about(name: Name, zone: Name) -> _Asking[dict[bytes, NSEC3]]:
    """Return the NSEC3 records of *zone* that come with an answer about *name*, by their hashes."""
    found = {}
    for one in (yield from _asked(name, RdataType.A)):
        rdata, digest = one.rrset.rdatas[0], from_label(one.rrset.owner.labels[0])
        if isinstance(rdata, NSEC3) and digest is not None and _signs(zone, one):
            found[digest] = rdata
    return found


def _asked(qname: Name, rdtype: RdataType) -> _Asking[tuple[SignedRRset, ...]]:
    """Return all RRsets that come with the answer, whatever they are worth."""
    result = yield Validate(qname, rdtype)
    assert isinstance(result, Validation), "Validate results in a Validation"
    resolution = result.resolution.require(*SecurityStatus)
    return (*resolution.rrsets, *resolution.authority)


def _is_closed(chain: dict[bytes, NSEC3]) -> bool:
    return bool(chain) and all(one.next in chain for one in chain.values())


def _tells_nothing_new(chain: dict[bytes, NSEC3], name: Name) -> bool:
    digest = _digest(chain, name)
    return digest is not None and any(
        covers(start, one.next, digest) for start, one in chain.items()
    )


def _digest(chain: dict[bytes, NSEC3], name: Name) -> bytes | None:
    """Return the hash of *name* as this chain hashes; None as long as nothing is known of it."""
    # RFC 5155 section 7.2: all records of a zone that can be used have the same parameters.
    return next((parameters(one).hash(name) for one in chain.values()), None)


def _below(word: str, zone: Name) -> Name:
    return dns.name.from_text(word, zone)
