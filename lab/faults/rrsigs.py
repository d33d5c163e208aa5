"""Faults of RRSIG RRs as they are sent: a field changed on the way, one too many, or none."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.instant import Instant
from lab.core.rrsets import SIGNED_RRSET, SignedRRset
from lab.dnssec.signing import with_signature
from lab.faults.fault import OnRRset, Which, fault

_MAX_KEY_TAG = 2**16 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRrsig(OnRRset):
    """Change RRSIGs after they were made, so that what was signed is not what they say.

    Attributes:
        which: of several RRSIGs over one RRset: "every" or "first".
    """

    which: Which = Which.EVERY

    def apply(self, value: SignedRRset, now: Instant) -> SignedRRset:
        """Return the RRset under changed signatures; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        return replace(value, rrsigs=tuple(self._each(value.rrsigs)))

    def _each(self, rrsigs: tuple[RRSIG, ...]) -> Iterator[RRSIG]:
        for place, rrsig in enumerate(rrsigs):
            meant = self.which is Which.EVERY or place == 0
            yield self.changed(rrsig) if meant else rrsig

    @abstractmethod
    def changed(self, rrsig: RRSIG) -> RRSIG:
        """Return *rrsig* as it is sent."""


def _with(rrsig: RRSIG, **fields: int) -> RRSIG:
    return cast("RRSIG", rrsig.replace(**fields))


@fault("rrsig-tampered", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigTampered(OnRrsig):
    """Flip the last bit of every signature over one RRset, as somebody on the way could.

    A validator reports: rule rrsig.signature, status bogus (RFC 4035 section 5.3.3).

    """

    def changed(self, rrsig: RRSIG) -> RRSIG:
        """Return it with one bit flipped."""
        return with_signature(rrsig, rrsig.signature[:-1] + bytes([rrsig.signature[-1] ^ 1]))


@fault("rrsig-unknown-key", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigUnknownKey(OnRrsig):
    """Name a key that the zone does not publish: it was removed before its last signature.

    RFC 6781 section 4.1.1 says how to change keys without this gap.
    A validator reports: rule rrsig.dnskey, status bogus (RFC 4035 section 5.3.1).
    """

    def changed(self, rrsig: RRSIG) -> RRSIG:
        """Return it with a key tag that is one higher."""
        return _by_unknown_key(rrsig)


def _by_unknown_key(rrsig: RRSIG) -> RRSIG:
    return _with(rrsig, key_tag=(rrsig.key_tag + 1) % (_MAX_KEY_TAG + 1))


@fault("rrsig-labels", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigLabels(OnRrsig):
    """Count more labels than the owner has: no wildcard and no name could have made this RRSIG.

    A validator reports: rule rrsig.labels, status bogus (RFC 4035 section 5.3.1).

    Attributes:
        more: how many too many.
    """

    more: int = 1

    def changed(self, rrsig: RRSIG) -> RRSIG:
        """Return it with a greater number of labels."""
        return _with(rrsig, labels=rrsig.labels + self.more)


@fault("rrsig-original-ttl", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigOriginalTtl(OnRrsig):
    """Give another original TTL than was signed: a cache that counts the wrong number down.

    The TTL of the RRset may change on its way, this field may not (RFC 4034 section 3.1.4).
    A validator reports: rule rrsig.signature, status bogus (RFC 4035 section 5.3.3).

    Attributes:
        more: seconds added.
    """

    more: int = 1

    def changed(self, rrsig: RRSIG) -> RRSIG:
        """Return it with a greater original TTL."""
        return _with(rrsig, original_ttl=rrsig.original_ttl + self.more)


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


@fault("rrsig-leftover", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigLeftover(OnRRset):
    """Put a signature by a key that is gone before each good one: half of a key rollover.

    A validator reports: status secure. One RRSIG that verifies is enough (RFC 4035 section 5.3.3);
    what others say can neither help nor harm.
    """

    def apply(self, value: SignedRRset, now: Instant) -> SignedRRset:
        """Return the RRset with more signatures; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        return replace(value, rrsigs=(*map(_by_unknown_key, value.rrsigs), *value.rrsigs))
