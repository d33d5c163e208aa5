"""Faults of NSEC3: parameters that were not hashed with, hashes of nothing, and false Opt-Out."""

from dataclasses import replace
from typing import cast

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.dnssec.nsec3 import OPT_OUT, from_label, to_label
from lab.faults.fault import OnZone, fault


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNsec3(OnZone):
    """Change the NSEC3 records of a zone before they are signed."""

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the NSEC3 RRset as it is published; *now* plays no part."""
        del now
        return self.changed(value) if value.rdtype == RdataType.NSEC3 else value

    def changed(self, rrset: RRset) -> RRset:
        """Return the NSEC3 RRset with each record changed."""
        rdatas = tuple(self.record(rrset, cast("NSEC3", one)) for one in rrset.rdatas)
        return replace(rrset, rdatas=rdatas)

    def record(self, rrset: RRset, nsec3: NSEC3) -> Rdata:
        """Return *nsec3*, which is of *rrset*, as it is published."""
        del rrset
        return nsec3


def _after(digest: bytes) -> bytes:
    following = (int.from_bytes(digest, "big") + 1) % (1 << (8 * len(digest)))
    return following.to_bytes(len(digest), "big")


@fault("nsec3-short", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class Nsec3Short(OnNsec3):
    """Let every NSEC3 end at the next possible hash, so that none covers a gap.

    A validator reports: rule nsec3.next-closer-covered, status bogus (RFC 5155 section 8.3).
    """

    def record(self, rrset: RRset, nsec3: NSEC3) -> Rdata:
        """Return it with the hash after its own."""
        digest = from_label(rrset.owner.labels[0])
        assert digest is not None
        return nsec3.replace(next=_after(digest))


@fault("nsec3-wrong-owner", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class Nsec3WrongOwner(OnNsec3):
    """Put every NSEC3 at a hash that is one higher: the hash of no name that exists.

    A validator reports: rule nsec3.closest-encloser, status bogus (RFC 5155 section 8.3).
    """

    def changed(self, rrset: RRset) -> RRset:
        """Return it at the other owner."""
        digest = from_label(rrset.owner.labels[0])
        assert digest is not None
        owner = Name((to_label(_after(digest)), *rrset.owner.labels[1:]))
        return replace(rrset, owner=owner)


@fault("nsec3-wrong-salt", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class Nsec3WrongSalt(OnNsec3):
    """Give a salt that was not hashed with: half of the servers have new parameters already.

    A validator reports: rule nsec3.closest-encloser, status bogus (RFC 5155 section 8.3).

    Attributes:
        salt: that stands in the records, in hexadecimal digits.
    """

    salt: str = "bad0"

    def record(self, rrset: RRset, nsec3: NSEC3) -> Rdata:
        """Return it with the other salt."""
        del rrset
        return nsec3.replace(salt=bytes.fromhex(self.salt))


@fault("nsec3-wrong-iterations", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class Nsec3WrongIterations(OnNsec3):
    """Give a number of iterations that was not hashed with.

    A validator reports: rule nsec3.closest-encloser, status bogus (RFC 5155 section 8.3).

    Attributes:
        more: by how much the number is too high.
    """

    more: int = 1

    def record(self, rrset: RRset, nsec3: NSEC3) -> Rdata:
        """Return it with the other number."""
        del rrset
        return nsec3.replace(iterations=nsec3.iterations + self.more)


@fault("nsec3-unknown-hash", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class Nsec3UnknownHash(OnNsec3):
    """Name a hash algorithm that nobody knows: a validator has to leave such a record out.

    A validator reports: rule nsec3.usable, status bogus: nothing is left that proves anything
    (RFC 5155 section 8.1).

    Attributes:
        algorithm: the number; 1 is SHA-1, the only one that there is.
    """

    algorithm: int = 2

    def record(self, rrset: RRset, nsec3: NSEC3) -> Rdata:
        """Return it with the other number."""
        del rrset
        return nsec3.replace(algorithm=self.algorithm)


@fault("nsec3-unknown-flags", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class Nsec3UnknownFlags(OnNsec3):
    """Set a flag that has no meaning: a validator has to leave such a record out.

    A validator reports: rule nsec3.usable, status bogus: nothing is left that proves anything
    (RFC 5155 section 8.2).

    Attributes:
        flags: the number; 0 and 1 have a meaning.
    """

    flags: int = 128

    def record(self, rrset: RRset, nsec3: NSEC3) -> Rdata:
        """Return it with the other number."""
        del rrset
        return nsec3.replace(flags=self.flags)


@fault("nsec3-false-opt-out", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class Nsec3FalseOptOut(OnNsec3):
    """Claim Opt-Out for gaps in which no unsigned delegation stands.

    Whoever can send wrong answers may now put unsigned delegations there.
    A validator reports: rule nsec3.no-opt-out, status insecure: it cannot know (RFC 5155 section
    9.2).
    """

    def record(self, rrset: RRset, nsec3: NSEC3) -> Rdata:
        """Return it with the flag."""
        del rrset
        return nsec3.replace(flags=nsec3.flags | OPT_OUT)
