"""Faults of servers: what they say is not what the zone holds, signed or not."""

from dataclasses import dataclass, replace

import dns.rcode
from dns.exception import DNSException
from dns.message import QueryMessage
from dns.rcode import Rcode

from lab.core.errors import InputError
from lab.core.instant import Instant
from lab.core.rrsets import SIGNED_RRSET, SignedRRset
from lab.faults.fault import OnRRset, OnZone, fault
from lab.nameserver.server import FILLED_RESPONSE


@fault("server-refuses", seam=FILLED_RESPONSE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRefuses(OnZone):
    """Let the nameservers of a zone answer with an error: not loaded, expired, not for you.

    A validator reports: rule walk.server-answers, status indeterminate, or bogus where the zone is
    known to be signed and its keys are not given (RFC 4035 section 4.3).

    Attributes:
        rcode: "REFUSED", "SERVFAIL", "NOTAUTH" or another one that is no answer.
    """

    rcode: str = "REFUSED"

    def __post_init__(self) -> None:
        """Refuse what is no RCODE, while its author still sees it."""
        self._number()

    def _number(self) -> Rcode:
        try:
            return dns.rcode.from_text(self.rcode)
        except (DNSException, ValueError) as error:
            raise InputError(f"{self.rcode!r} is no RCODE", "rcode") from error

    def apply(self, value: QueryMessage | None, now: Instant) -> QueryMessage | None:
        """Return the response, emptied; *now* plays no part."""
        del now
        if value is None:
            return None
        value.sections[1:] = [[], [], []]
        value.set_rcode(self._number())
        return value


@fault("server-silent", seam=FILLED_RESPONSE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSilent(OnZone):
    """Let the nameservers of a zone say nothing: whoever asks waits, until he has waited enough.

    A validator reports: rule walk.server-answers, status indeterminate.
    """

    def apply(self, value: QueryMessage | None, now: Instant) -> None:
        """Return nothing instead of a response."""
        del value, now


@fault("ttl-inflated", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class TtlInflated(OnRRset):
    """Serve a longer TTL than was signed, so that caches would keep a record for too long.

    A validator reports: status secure, with the TTL that was signed (RFC 4035 section 5.3.3).

    Attributes:
        factor: by how much the TTL is longer.
    """

    factor: int = 1000

    def apply(self, value: SignedRRset, now: Instant) -> SignedRRset:
        """Return the RRset with the longer TTL; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        ttl = value.rrset.ttl * self.factor
        return replace(value, rrset=replace(value.rrset, ttl=ttl), rrsig_ttl=ttl)
