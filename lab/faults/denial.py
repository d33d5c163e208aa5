"""Faults of denials: the proof that something does not exist is gone, or proves nothing."""

from dataclasses import replace

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.faults.bitmaps import with_type
from lab.faults.fault import OnOwner, OnZone, Which, fault
from lab.nameserver.denial import PROOF
from lab.nameserver.lookup import OUTCOME, Answer, LookupOutcome, NoData, NxDomain


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


@fault("nodata-forged", seam=OUTCOME)
@dataclass(frozen=True, slots=True, kw_only=True)
class NodataForged(OnOwner):
    """Say of a name that it has no records of the type, although it has.

    The NSEC or NSEC3 that goes with it is the honest one.
    A validator reports: rule nsec.type-absent, status bogus (RFC 4035 section 5.4).
    """

    def apply(self, value: LookupOutcome, now: Instant) -> LookupOutcome:
        """Return that there are no such records; *now* plays no part."""
        del now
        if not isinstance(value, Answer) or value.place.name != self.owner:
            return value
        return NoData(value.place, value.wildcard)


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
        return with_type(value, self.claims)
