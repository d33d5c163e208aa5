"""Faults of signatures: expired, too early, by the wrong zone, altered or absent."""

from dataclasses import dataclass, replace

from dns.name import Name
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.instant import DAY, HOUR, Instant, Window
from lab.core.parameters import Seconds
from lab.core.rrsets import SIGNED_RRSET, SignedRRset
from lab.dnssec.signing import SIGNING_JOB, SigningJob, with_signature
from lab.faults.fault import OnRRset, fault

ONE_HOUR = Seconds(HOUR)

_MAX_KEY_TAG = 2**16 - 1


@fault("rrsig-expired", seam=SIGNING_JOB)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigExpired(OnRRset):
    """Sign one RRset with a window that ended before now: the operator forgot to sign again.

    A validator reports: rule rrsig.expiration, status bogus (RFC 4035 section 5.3.1).

    Attributes:
        ago: how long before now the signature expired.
    """

    ago: Seconds = ONE_HOUR

    def apply(self, value: SigningJob, now: Instant) -> SigningJob:
        """Return the job with a window in the past."""
        if not self.concerns(value.rrset):
            return value
        expiration = now - self.ago
        return replace(value, window=Window(expiration - 14 * DAY, expiration))


@fault("rrsig-not-yet-valid", seam=SIGNING_JOB)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigNotYetValid(OnRRset):
    """Sign one RRset with a window that starts after now: the clock of the signer is ahead.

    A validator reports: rule rrsig.inception, status bogus (RFC 4035 section 5.3.1).

    Attributes:
        ahead: how long after now the signature becomes valid.
    """

    ahead: Seconds = ONE_HOUR

    def apply(self, value: SigningJob, now: Instant) -> SigningJob:
        """Return the job with a window in the future."""
        if not self.concerns(value.rrset):
            return value
        inception = now + self.ahead
        return replace(value, window=Window(inception, inception + 14 * DAY))


@fault("rrsig-inverted", seam=SIGNING_JOB)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigInverted(OnRRset):
    """Sign one RRset with its two times exchanged: a signer that was written in a hurry.

    A validator reports: rule rrsig.order, status bogus (RFC 4034 section 3.1.5).
    """

    def apply(self, value: SigningJob, now: Instant) -> SigningJob:
        """Return the job with expiration before inception; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        window = Window(value.window.expiration, value.window.inception)
        return replace(value, window=window)


@fault("rrsig-wrong-signer", seam=SIGNING_JOB)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigWrongSigner(OnRRset):
    """Name another zone as the signer: nobody but the zone of an RRset can sign it.

    A validator reports: rule rrsig.signer, status bogus (RFC 4035 section 5.3.1).

    Attributes:
        signer: the zone that the RRSIG names.
    """

    signer: Name

    def apply(self, value: SigningJob, now: Instant) -> SigningJob:
        """Return the job with the other signer name; *now* plays no part."""
        del now
        return replace(value, signer=self.signer) if self.concerns(value.rrset) else value


@fault("rrsig-unknown-key", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigUnknownKey(OnRRset):
    """Name a key that the zone does not publish: it was removed before its last signature.

    RFC 6781 section 4.1.1 says how to change keys without this gap.
    A validator reports: rule rrsig.dnskey, status bogus (RFC 4035 section 5.3.1).
    """

    def apply(self, value: SignedRRset, now: Instant) -> SignedRRset:
        """Return the RRset with every key tag one higher; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        return replace(value, rrsigs=tuple(_by_unknown_key(one) for one in value.rrsigs))


def _by_unknown_key(rrsig: RRSIG) -> RRSIG:
    renamed = rrsig.replace(key_tag=(rrsig.key_tag + 1) % (_MAX_KEY_TAG + 1))
    assert isinstance(renamed, RRSIG)
    return renamed


@fault("rrsig-tampered", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigTampered(OnRRset):
    """Flip the last bit of every signature over one RRset, as somebody on the way could.

    A validator reports: rule rrsig.signature, status bogus (RFC 4035 section 5.3.3).

    """

    def apply(self, value: SignedRRset, now: Instant) -> SignedRRset:
        """Return the RRset with its signatures altered; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        return replace(value, rrsigs=tuple(_flipped(one) for one in value.rrsigs))


def _flipped(rrsig: RRSIG) -> RRSIG:
    return with_signature(rrsig, rrsig.signature[:-1] + bytes([rrsig.signature[-1] ^ 1]))


@fault("rrsig-missing", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigMissing(OnRRset):
    """Answer one RRset without its signatures: unsigned data in a zone that is signed.

    A validator reports: rule rrsig.present, status bogus (RFC 4035 section 5.2).

    """

    def apply(self, value: SignedRRset, now: Instant) -> SignedRRset:
        """Return the RRset alone; *now* plays no part."""
        del now
        return replace(value, rrsigs=()) if self.concerns(value.rrset) else value
