"""For how long may data be kept that were judged now?

Nothing outlives its TTL, nor a signature over it (RFC 4035 section 5.3.3); a denial has the time
that its SOA gives (RFC 2308 section 5). Longest times, as other resolvers have them, are added.
"""

from collections.abc import Iterable
from typing import cast

from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.ANY.SOA import SOA

from lab.core.instant import DAY, HOUR, Instant, not_after
from lab.core.rrsets import SignedRRset
from lab.dnssec.rrsig import capped_ttl

# Unbound cache-max-ttl: one day; BIND max-cache-ttl: one week.
LONGEST_S = DAY

# RFC 2308 section 5 calls one to three hours sensible (BIND max-ncache-ttl: 3 h, Unbound: 1 h).
LONGEST_DENIAL_S = 3 * HOUR

# RFC 9520 section 3.2: at least 1 s, at most 5 min, to begin with for instance 5 s. It does not
# grow here as it should elsewhere: in a lab somebody mends what failed, and asks again.
FAILURE_S = 5


def lifetime(signed: Iterable[SignedRRset], now: Instant) -> int:
    """Return for how many seconds all RRsets of *signed* hold; 0 if there are none."""
    return min((_of_one(one, now) for one in signed), default=0)


def _of_one(signed: SignedRRset, now: Instant) -> int:
    # Any RRSIG of now may be the one that convinced; one that has expired convinces nobody, and
    # stands beside others while a zone is signed anew.
    rrsigs = current(signed, now)
    if signed.rrsigs and not rrsigs:
        return 0
    capped = (capped_ttl(signed.rrset, one, signed.rrsig_ttl, now) for one in rrsigs)
    return min(LONGEST_S, signed.rrset.ttl, *capped)


def current(signed: SignedRRset, now: Instant) -> tuple[RRSIG, ...]:
    """Return those RRSIGs of *signed* that have not expired."""
    return tuple(one for one in signed.rrsigs if not_after(int(now), one.expiration))


def lifetime_of_denial(authority: tuple[SignedRRset, ...], now: Instant) -> int:
    """Return for how many seconds the denial holds that came with *authority*."""
    # RFC 2308 section 5: the lesser of the TTL and the MINIMUM of the SOA.
    minima = (soa.minimum for soa in soas(authority))
    return min(LONGEST_DENIAL_S, lifetime(authority, now), *minima)


def soas(section: Iterable[SignedRRset]) -> tuple[SOA, ...]:
    """Return the SOA RRs of *section*."""
    found = (one.rrset.rdatas for one in section if one.rrset.rdtype == RdataType.SOA)
    return tuple(cast("SOA", rdata) for rdatas in found for rdata in rdatas)
