"""Faults of denials: the proof that something does not exist is gone, or proves nothing."""

from dataclasses import dataclass, replace

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.faults.fault import NamedFault, fault


@fault("nsec-short", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class NsecShort(NamedFault):
    """Let one NSEC end right behind its own owner, so that it covers no gap.

    The zone was edited after its NSEC chain was made. What exists is answered as before; what does
    not exist cannot be denied any more.
    A validator reports: rule nsec.name-covered, status bogus (RFC 4035 section 5.4).

    Attributes:
        owner: owner name of the NSEC RR, the last name before the gap.
    """

    owner: Name

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the NSEC with the next possible name; *now* plays no part."""
        del now
        if value.owner != self.owner or value.rdtype != RdataType.NSEC:
            return value
        # RFC 4034 section 6.1: no name fits between an owner and the label \000 below it.
        following = Name((b"\0", *self.owner.labels))
        return replace(value, rdatas=tuple(one.replace(next=following) for one in value.rdatas))

    def __str__(self) -> str:
        """Return it as `nsec-short on example.fr.`."""
        return f"{self.kind} on {self.owner}"
