"""Deny by NSEC3: as NSEC, with hashed owners (RFC 5155 section 7.2), and its white lies.

The chain of one version of a zone is computed when the first "no" needs it and kept with it. White
lies (RFC 7129 appendix B) need no chain: the gap is made around the hash in question.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import field
from functools import cached_property

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.dnssec.nsec3 import Nsec3Parameters, make_nsec3, to_label
from lab.nameserver.denial import Absent, Claim, Denial, claims, own_types
from lab.nameserver.lookup import LookupOutcome

_HASH_BITS = 160
_HASH_SIZE = _HASH_BITS // 8
BEHIND_HASHES = b"\xff" * (_HASH_SIZE + 1)


@dataclass(frozen=True)
class Nsec3Denial(Denial):
    """Show the hashes of the neighbours of what does not exist.

    Attributes:
        hashing: iterations and salt.
        opt_out: insecure delegations are left out of the chain (RFC 5155 section 6).
    """

    hashing: Nsec3Parameters = field(default_factory=Nsec3Parameters)
    opt_out: bool = False

    def prove(self, outcome: LookupOutcome) -> tuple[RRset, ...]:
        """Return the NSEC3 RRsets that match and cover the names of all claims."""
        proofs = (rrset for claim in claims(outcome) for rrset in self._proof(claim))
        return tuple(dict.fromkeys(proofs))

    def _proof(self, claim: Claim) -> tuple[RRset, ...]:
        if isinstance(claim, Absent):
            return (self._cover(claim.name),)
        if claim.name in self._left_out:
            # RFC 5155 section 7.2.7: the closest provable encloser, and a gap with Opt-Out.
            return (self._match(claim.name.parent()), self._cover(claim.name))
        return (self._match(claim.name),)

    def _match(self, name: Name) -> RRset:
        """Return the NSEC3 RRset of *name*, which exists and has one."""
        return self._record(self.hashing.hash(name), name)

    def _cover(self, name: Name) -> RRset:
        """Return the NSEC3 RRset in whose gap *name* lies, which has none."""
        place = bisect_left(self._hashes, self.hashing.hash(name))
        digest = self._hashes[place - 1]
        return self._record(digest, self._names[digest])

    def gap(self, digest: bytes) -> tuple[bytes, bytes]:
        """Return the hashes before and after *digest*, which is none of the chain.

        Where there is none, an end of the number line takes its place: the gap from the last hash
        to the first one has two halves.
        """
        place = bisect_left(self._hashes, digest)
        low = self._hashes[place - 1] if place else b""
        high = self._hashes[place] if place < len(self._hashes) else BEHIND_HASHES
        return low, high

    def _record(self, digest: bytes, name: Name) -> RRset:
        place = bisect_left(self._hashes, digest) + 1
        following = self._hashes[place % len(self._hashes)]
        return self._make(digest, following, self._types(name))

    def _make(self, digest: bytes, following: bytes, rdtypes: frozenset[RdataType]) -> RRset:
        nsec3 = make_nsec3(following, rdtypes, self.hashing, opt_out=self.opt_out)
        owner = Name((to_label(digest), *self.zone.apex.labels))
        return RRset(owner, RdataType.NSEC3, self.ttl, (nsec3,))

    def _types(self, name: Name) -> frozenset[RdataType]:
        rdtypes = own_types(self.zone, name)
        # RFC 5155 section 7.1: RRSIG is listed where something is signed, which NS of a cut is not.
        return rdtypes if rdtypes <= self._unsigned_at(name) else rdtypes | {RdataType.RRSIG}

    def _unsigned_at(self, name: Name) -> frozenset[RdataType]:
        return frozenset({RdataType.NS}) if self.zone.is_cut(name) else frozenset()

    def chain(self) -> Iterator[RRset]:
        """Iterate over the whole chain in the order of the hashes."""
        last = len(self._hashes)
        for place, digest in enumerate(self._hashes, start=1):
            types = self._types(self._names[digest])
            yield self._make(digest, self._hashes[place % last], types)

    @cached_property
    def _names(self) -> dict[bytes, Name]:
        return {self.hashing.hash(name): name for name in self._existing()}

    @cached_property
    def _hashes(self) -> list[bytes]:
        return sorted(self._names)

    @cached_property
    def _left_out(self) -> frozenset[Name]:
        """Return the insecure delegations that the chain passes over."""
        if not self.opt_out:
            return frozenset()
        zone = self.zone
        cuts = (owner for owner in zone.owners() if zone.is_cut(owner))
        return frozenset(cut for cut in cuts if zone.rrset(cut, RdataType.DS) is None)

    def _existing(self) -> Iterator[Name]:
        """Iterate over all names with an NSEC3, empty non-terminals included.

        RFC 5155 section 7.1 lets go of those that lead to insecure delegations only; they are kept
        here, so that every proof can be made.
        """
        depth = len(self.zone.apex) + 1
        seen: set[Name] = set()
        for owner in self.zone.owners():
            if owner not in self._left_out:
                yield owner
            seen.add(owner)
            above = owner
            while len(above) > depth and (above := above.parent()) not in seen:
                seen.add(above)
                yield above


@dataclass(frozen=True)
class MinimalNsec3Denial(Nsec3Denial):
    """Lie as little as possible: a gap of one hash around the one in question."""

    def _record(self, digest: bytes, name: Name) -> RRset:
        return self._make(digest, _beside(digest, 1), self._types(name))

    def _cover(self, name: Name) -> RRset:
        digest = self.hashing.hash(name)
        return self._make(_beside(digest, -1), _beside(digest, 1), frozenset())


def _beside(digest: bytes, step: int) -> bytes:
    """Return the hash *step* further, around the end of the number line."""
    number = int.from_bytes(digest, "big") + step
    return (number % (1 << _HASH_BITS)).to_bytes(_HASH_SIZE, "big")
