"""What a zone must prove so that a "no" is believed, and the one shape of all ways to prove it.

Decides: which claims an outcome needs: a name exists, without the type; or no such name exists.
How a claim is proved is the matter of each `Denial`: see its subclasses in `denial_*.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias, assert_never

from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.core.seams import Seam
from lab.nameserver.leaves import Leaf
from lab.nameserver.lookup import (
    Alias,
    Answer,
    LookupOutcome,
    NoData,
    NxDomain,
    Redirect,
    Referral,
    TooLong,
)
from lab.nameserver.zone import Place, Zone

# RFC 4035 section 2.3: at a cut only these are the parent's own, so only they are listed.
_PARENTS_AT_CUT = frozenset({RdataType.NS, RdataType.DS})


@dataclass(frozen=True, slots=True)
class Encloser:
    """Claim that *name* exists, as the closest encloser; only hashed names leave a doubt of it."""

    name: Name


@dataclass(frozen=True, slots=True)
class Present:
    """Claim that *name* exists, and has no other types than those that it has."""

    name: Name


@dataclass(frozen=True, slots=True)
class Absent:
    """Claim that neither *name* nor anything below it exists."""

    name: Name


PROOF: Seam[tuple[RRset, ...]] = Seam("proof")
"""The NSEC or NSEC3 RRsets that go with one response."""

Claim: TypeAlias = Encloser | Present | Absent


def claims(outcome: LookupOutcome) -> tuple[Claim, ...]:
    """Return what has to be proved beside the records of *outcome* itself."""
    match outcome:
        case Answer(place=place, wildcard=wildcard) | Alias(place=place, wildcard=wildcard):
            # RFC 4035 section 3.1.3.3: a wildcard was used, so no closer name may exist.
            return () if wildcard is None else (Absent(next_closer(place)),)
        case Referral(ns=ns, ds=ds):
            # RFC 4035 section 3.1.4: that there is no DS is proved at the cut.
            return (Present(ns.owner),) if ds is None else ()
        case NoData(place=place, wildcard=None):
            return (Present(place.name),)
        case NoData(place=place, wildcard=wildcard):
            # RFC 4035 section 3.1.3.4: the wildcard has no such type, and the qname is denied.
            assert wildcard is not None
            encloser = Encloser(place.closest_encloser)
            return (encloser, Present(wildcard), Absent(next_closer(place)))
        case NxDomain(place=place):
            # RFC 4035 section 3.1.3.2: neither the qname nor the wildcard that could have matched.
            encloser = Encloser(place.closest_encloser)
            wildcard = Name((b"*", *place.closest_encloser.labels))
            return (encloser, Absent(next_closer(place)), Absent(wildcard))
        case Redirect() | TooLong():
            return ()
        case _:
            assert_never(outcome)


def next_closer(place: Place) -> Name:
    """Return the name one label longer than the closest encloser (RFC 5155 section 1.3)."""
    depth = len(place.closest_encloser) + 1
    return Name(place.name.labels[-depth:])


def own_types(zone: Zone, owner: Name) -> frozenset[RdataType]:
    """Return the types at *owner* that *zone* may speak of; none at an empty non-terminal."""
    leaf = zone.leaf(owner)
    return frozenset() if leaf is None else types_of(leaf)


def types_of(leaf: Leaf) -> frozenset[RdataType]:
    """Return the same for what stands at an owner."""
    return leaf.types & _PARENTS_AT_CUT if leaf.is_delegation() else leaf.types


@dataclass(frozen=True)
class Denial(ABC):
    """Say no for one version of a zone, in one of the ways that there are.

    Attributes:
        zone: with its DNSSEC records at the apex and at the cuts.
    """

    zone: Zone

    @abstractmethod
    def prove(self, outcome: LookupOutcome) -> tuple[RRset, ...]:
        """Return the RRsets, each once, that let a validator believe *outcome*."""

    @abstractmethod
    def chain(self) -> Iterator[RRset]:
        """Iterate over the records by which somebody without our keys can deny (a secondary)."""

    def asked(self, outcome: NoData | NxDomain) -> RRset | None:
        """Return the NSEC RRset that the name of *outcome* has; None if there is none."""
        del outcome
        return None

    def signed_as(self, wildcard: Name | None) -> Name | None:
        """Return the owner whose signature shows that an answer was made of *wildcard*."""
        return wildcard

    def no_name(self, ednsflags: int) -> Rcode:
        """Return the RCODE of a name that does not exist, for a query with *ednsflags*."""
        del ednsflags
        return Rcode.NXDOMAIN

    @cached_property
    def ttl(self) -> int:
        """Return the TTL of denial records: that of negative answers (RFC 9077 section 3)."""
        return self.zone.negative_ttl
