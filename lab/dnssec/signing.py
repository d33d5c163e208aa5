"""Make RRSIGs: a job says what to sign, with which key and for how long (RFC 4034 section 3).

The job is a seam: a fault changes the job (a past window, another key) and this honest code makes
of it a signature that is well formed and wrong in one way only.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from zlib import crc32

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import DAY, HOUR, Instant, Window
from lab.core.rdatas import unchecked
from lab.core.rrsets import RRset
from lab.core.seams import Seam
from lab.dnssec.canonical import labels, name_octets, prefix_octets, records_octets
from lab.dnssec.keys import SigningKey

_UINT32 = 2**32 - 1
_rrsig = unchecked(RRSIG, RdataType.RRSIG, *RRSIG.__slots__)


@dataclass(frozen=True)
class SigningJob:
    """Say what to sign.

    Attributes:
        rrset: with the TTL that becomes the original TTL.
        key: whose signature is wanted.
        window: inception and expiration.
        signer: apex of the zone that holds *rrset*.
    """

    rrset: RRset
    key: SigningKey
    window: Window
    signer: Name

    @cached_property
    def fields(self) -> tuple[int, ...]:
        """Return the numbers that stand before the signer name in the RRSIG."""
        return (
            self.rrset.rdtype,
            self.key.dnskey.algorithm,
            labels(self.rrset.owner),
            self.rrset.ttl,
            self.window.expiration & _UINT32,
            self.window.inception & _UINT32,
            self.key.tag,
        )

    @cached_property
    def octets(self) -> bytes:
        """Return what the signature is over; with the key it decides about the signature."""
        records = records_octets(name_octets(self.rrset.owner), self.rrset, self.rrset.ttl)
        return prefix_octets(self.fields, self.signer) + records


SIGNING_JOB: Seam[SigningJob] = Seam("signing-job")


@dataclass(frozen=True, slots=True)
class SigningPolicy:
    """Say how long signatures live, and when they are made anew.

    The window follows from the time alone, so that nothing needs to be remembered: it moves on
    every `period` seconds, when the old signature still has `refresh` seconds to live.

    Attributes:
        lifetime: seconds from the making of a signature to its expiration.
        inception_offset: seconds that inception lies before that, for clocks that run late.
        refresh: seconds before its expiration at which a signature is made anew.
        jitter: seconds over which the RRsets of a zone are spread, so that not all change at once.
    """

    lifetime: int = 14 * DAY
    inception_offset: int = HOUR
    refresh: int = 7 * DAY
    jitter: int = 12 * HOUR

    def __post_init__(self) -> None:
        """Refuse times by which a signature could expire before it is made anew."""
        if min(self.lifetime, self.inception_offset, self.refresh, self.jitter) < 0:
            raise InputError("times of signatures are not negative")
        if self.refresh >= self.lifetime:
            raise InputError("refresh must be shorter than lifetime")
        if self.jitter >= self.period:
            raise InputError("jitter must be shorter than lifetime less refresh")

    @property
    def period(self) -> int:
        """Return how many seconds a signature is used."""
        return self.lifetime - self.refresh

    def window(self, now: Instant, place: int = 0) -> Window:
        """Return the window of a signature that is used *now*.

        Args:
            now: the lab's present.
            place: a number that stands for the RRset (see `place_of`): it decides the jitter.
        """
        inception, expiration = self.times(int(now), place)
        return Window(Instant(inception), Instant(expiration))

    def times(self, now: int, place: int) -> tuple[int, int]:
        """Return inception and expiration of that window as plain numbers."""
        shift = place % (self.jitter + 1)
        start = now - (now - shift) % self.period
        return start - self.inception_offset, start + self.lifetime

    def replaced_at(self, expiration: Instant) -> Instant:
        """Return when a signature with this *expiration* gives way to the next one."""
        return expiration - self.refresh

    def generation(self, now: Instant) -> int:
        """Return a number that grows whenever all signatures of a zone have been made anew."""
        return (now - self.jitter) // self.period

    def renewals(self, since: Instant, until: Instant) -> Iterator[Instant]:
        """Iterate over the moments after *since* at which all signatures have been made anew."""
        at = self.settled(since) + self.period
        while at <= until:
            yield at
            at = at + self.period

    def outlived(self, now: Instant) -> Instant:
        """Return when the last signature expires of those that were in use until *now*."""
        phase = now % self.period
        return now - max(0, phase - self.jitter) + self.lifetime

    def settled(self, now: Instant) -> Instant:
        """Return the moment at which the generation of *now* began."""
        return Instant(self.generation(now) * self.period + self.jitter)


def place_of(rrset: RRset) -> int:
    """Return a number that stands for owner and type of *rrset*, evenly spread."""
    return place_at(name_octets(rrset.owner), rrset.rdtype)


def place_at(owner: bytes, rdtype: int) -> int:
    """Return the same for an *owner* in canonical form."""
    return crc32(owner + rdtype.to_bytes(2, "big"))


def sign(job: SigningJob) -> RRSIG:
    """Return the RRSIG of *job*."""
    return _rrsig(*job.fields, job.signer, job.key.sign(job.octets))


def with_signature(rrsig: RRSIG, signature: bytes) -> RRSIG:
    """Return *rrsig* with other signature octets."""
    replaced = rrsig.replace(signature=signature)
    assert isinstance(replaced, RRSIG)
    return replaced


def at_ttl(rrset: RRset, ttl: int) -> RRset:
    """Return *rrset* with another TTL: the copy that a job signs."""
    return replace(rrset, ttl=ttl)
