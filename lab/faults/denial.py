"""Faults of denials: the proof that something does not exist is gone, or proves nothing."""

from dataclasses import dataclass, replace
from typing import cast

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.util import Bitmap

from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.dnssec.nsec import types
from lab.dnssec.nsec3 import from_label, to_label
from lab.faults.fault import OnOwner, OnZone, Which, fault
from lab.nameserver.denial import PROOF
from lab.nameserver.lookup import OUTCOME, Answer, LookupOutcome, NxDomain


@fault("denial-missing", seam=PROOF)
@dataclass(frozen=True, slots=True, kw_only=True)
class DenialMissing(OnZone):
    """Say no without NSEC or NSEC3: a broken server, or somebody who makes names disappear.

    It also takes the proof away that a wildcard may stand for a name.
    A validator reports: rule nsec.present, status bogus (RFC 4035 section 5.4). If it is only the
    first of several NSEC3 it reports: rule nsec3.closest-encloser (RFC 5155 section 8.3).

    Attributes:
        which: of the records of one proof: "every" or "first".
    """

    which: Which = Which.EVERY

    def apply(self, value: tuple[RRset, ...], now: Instant) -> tuple[RRset, ...]:
        """Return the proof without these records; *now* plays no part."""
        del now
        return () if self.which is Which.EVERY else value[1:]


@fault("nxdomain-forged", seam=OUTCOME)
@dataclass(frozen=True, slots=True, kw_only=True)
class NxdomainForged(OnOwner):
    """Say of a name that exists that it does not, with such NSEC or NSEC3 as there are.

    A validator reports: rule nsec.name-covered or nsec3.next-closer-covered, status bogus
    (RFC 4035 section 5.4, RFC 5155 section 8.4): none of them covers a name that exists.
    """

    def apply(self, value: LookupOutcome, now: Instant) -> LookupOutcome:
        """Return that the name does not exist; *now* plays no part."""
        del now
        if not isinstance(value, Answer) or value.place.name != self.owner:
            return value
        return NxDomain(value.place)


@fault("nsec-short", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class NsecShort(OnOwner):
    """Let one NSEC end right behind its own owner, so that it covers no gap.

    The zone was edited after its NSEC chain was made. What exists is answered as before; what does
    not exist cannot be denied any more.
    A validator reports: rule nsec.name-covered, status bogus (RFC 4035 section 5.4).

    Attributes:
        owner: owner name of the NSEC RR, the last name before the gap.
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the NSEC with the next possible name; *now* plays no part."""
        del now
        if value.owner != self.owner or value.rdtype != RdataType.NSEC:
            return value
        # RFC 4034 section 6.1: no name fits between an owner and the label \000 below it.
        following = Name((b"\0", *self.owner.labels))
        return replace(value, rdatas=tuple(one.replace(next=following) for one in value.rdatas))


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


@fault("denial-bitmap", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DenialBitmap(OnZone):
    """Let every NSEC and NSEC3 claim a type that is not there.

    A validator reports: rule nsec.type-absent, status bogus (RFC 6840 section 4.3): the answer is
    that there is no such type, and its proof says that there is.

    Attributes:
        claims: the type that is said to be there.
    """

    claims: RdataType = RdataType.AAAA

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the record with one type more in its bitmap; *now* plays no part."""
        del now
        if value.rdtype not in {RdataType.NSEC, RdataType.NSEC3}:
            return value
        return replace(value, rdatas=tuple(self._claiming(one) for one in value.rdatas))

    def _claiming(self, rdata: Rdata) -> Rdata:
        claimed = types(cast("NSEC | NSEC3", rdata)) | {self.claims}
        return rdata.replace(windows=Bitmap.from_rdtypes(list(claimed)).windows)
