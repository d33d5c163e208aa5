"""Make RRSIGs: a job says what to sign, with which key and for how long (RFC 4034 section 3).

The job is a seam: a fault changes the job (a past window, another key) and this honest code makes
of it a signature that is well formed and wrong in one way only.
"""

from dataclasses import dataclass, replace

from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.instant import DAY, HOUR, Instant, Window
from lab.core.rrsets import RRset
from lab.core.seams import Seam
from lab.dnssec.canonical import labels, signed_octets
from lab.dnssec.keys import SigningKey

_UINT32 = 2**32 - 1


@dataclass(frozen=True, slots=True)
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


SIGNING_JOB: Seam[SigningJob] = Seam("signing-job")


@dataclass(frozen=True, slots=True)
class SigningPolicy:
    """Say how long signatures live.

    Attributes:
        lifetime: seconds from now to expiration.
        inception_offset: seconds that inception lies before now, for clocks that run late.
        step: seconds; windows start on multiples of it, so that signatures can be kept.
    """

    lifetime: int = 14 * DAY
    inception_offset: int = HOUR
    step: int = HOUR

    def window(self, now: Instant) -> Window:
        """Return the window of a signature made *now*: the same one for a whole step."""
        start = now - now % self.step
        return Window(start - self.inception_offset, start + self.lifetime)


def sign(job: SigningJob) -> RRSIG:
    """Return the RRSIG of *job*."""
    unsigned = RRSIG(
        RdataClass.IN,
        RdataType.RRSIG,
        job.rrset.rdtype,
        job.key.algorithm.number,
        labels(job.rrset.owner),
        job.rrset.ttl,
        job.window.expiration & _UINT32,
        job.window.inception & _UINT32,
        job.key.tag,
        job.signer,
        b"",
    )
    return with_signature(unsigned, job.key.sign(signed_octets(job.rrset, unsigned)))


def with_signature(rrsig: RRSIG, signature: bytes) -> RRSIG:
    """Return *rrsig* with other signature octets."""
    replaced = rrsig.replace(signature=signature)
    assert isinstance(replaced, RRSIG)
    return replaced


def at_ttl(rrset: RRset, ttl: int) -> RRset:
    """Return *rrset* with another TTL: the copy that a job signs."""
    return replace(rrset, ttl=ttl)
