"""Faults of signing: what the signer is told is wrong, and what it signs is well formed.

The window lies in the past or the future, another zone is named, other keys of the zone sign.
"""

from dataclasses import replace
from enum import Enum

from dns.name import Name

from lab.core.frozen import dataclass
from lab.core.instant import DAY, HOUR, Instant, Window
from lab.core.parameters import Seconds
from lab.dnssec.signing import SIGNING_JOB, SigningJob
from lab.faults.fault import OnRRset, OnZone, fault
from lab.nameserver.signer import CHOSEN_KEYS, ChosenKeys

ONE_HOUR = Seconds(HOUR)
ONE_MONTH = Seconds(30 * DAY)


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


@fault("clock-skew", seam=SIGNING_JOB)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew(OnZone):
    """Let the clock of whoever signs one zone be wrong; all other clocks of the lab are right.

    A little is no harm, as signatures begin before they are made and are renewed before they end.
    A validator reports: rule rrsig.inception if the clock is ahead, rule rrsig.expiration if it is
    behind, status bogus (RFC 4035 section 5.3.1).

    Attributes:
        by: how far it is ahead; a negative span: behind.
    """

    by: Seconds = ONE_MONTH

    def apply(self, value: SigningJob, now: Instant) -> SigningJob:
        """Return the job with the window that the signer believes in; *now* plays no part."""
        del now
        window = value.window
        return replace(
            value, window=Window(window.inception + self.by, window.expiration + self.by)
        )


class Signers(Enum):
    """Name keys of a zone by what they usually sign."""

    KSK = "ksk"
    ZSK = "zsk"
    BOTH = "both"


@fault("rrsig-by-other-keys", seam=CHOSEN_KEYS)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigByOtherKeys(OnRRset):
    """Let other keys of the zone sign than those whose duty it is.

    With type DNSKEY and keys "zsk" no key that the DS names vouches for the key set.
    A validator reports: rule dnskey.signed-by-entry, status bogus (RFC 4035 section 5.2). For other
    types it reports: status secure, as any key of the zone may sign (RFC 6840 section 6.2).

    Attributes:
        keys: which sign instead; with "both" the KSK comes first.
    """

    keys: Signers = Signers.ZSK

    def apply(self, value: ChosenKeys, now: Instant) -> ChosenKeys:
        """Return the other keys of the zone; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        ksk, zsk = value.zone.key_signing, value.zone.zone_signing
        others = {
            Signers.KSK: ksk,
            Signers.ZSK: zsk,
            Signers.BOTH: tuple(dict.fromkeys((*ksk, *zsk))),
        }
        return replace(value, keys=others[self.keys])
