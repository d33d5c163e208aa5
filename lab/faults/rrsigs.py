"""Faults of RRSIG RRs as they are sent: a field changed on the way, one too many, or none."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.frozen import dataclass
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


@fault("rrsig-cut", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigCut(OnRrsig):
    """Send the beginning of a signature only, or nothing of it: a field of a database is too short.

    A validator reports: rule rrsig.signature, status bogus (RFC 4035 section 5.3.3).

    Attributes:
        octets: how many are left.
    """

    octets: int = 8

    def changed(self, rrsig: RRSIG) -> RRSIG:
        """Return it with a short signature."""
        return with_signature(rrsig, rrsig.signature[: self.octets])


@fault("rrsig-unknown-algorithm", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigUnknownAlgorithm(OnRrsig):
    """Name an algorithm that nobody has implemented: no key of the zone is of it.

    That is no excuse as it is in a DS: the DS says how the zone is signed.
    A validator reports: rule rrsig.algorithm, status bogus (RFC 4035 section 5.3.1).

    Attributes:
        algorithm: the number; 200 is not assigned.
    """

    algorithm: int = 200

    def changed(self, rrsig: RRSIG) -> RRSIG:
        """Return it with the other number."""
        return _with(rrsig, algorithm=self.algorithm)


@fault("rrsig-many", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsigMany(OnRRset):
    """Put wrong signatures before the good one; each names the right key, and has to be tried.

    With `dnskey-colliding` beside it this is KeyTrap (CVE-2023-50387).
    A validator reports: status secure if there are few. Of many it reports: rule rrsig.effort,
    or rule effort.bounded, status bogus: it gives up before the good one.

    Attributes:
        count: how many wrong ones for each good one.
    """

    count: int = 20

    def apply(self, value: SignedRRset, now: Instant) -> SignedRRset:
        """Return the RRset with more signatures; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        wrong = (one for rrsig in value.rrsigs for one in self._wrong(rrsig))
        return replace(value, rrsigs=(*wrong, *value.rrsigs))

    def _wrong(self, rrsig: RRSIG) -> Iterator[RRSIG]:
        size = len(rrsig.signature)
        for number in range(1, self.count + 1):
            other = int.from_bytes(rrsig.signature, "big") ^ number
            yield with_signature(rrsig, other.to_bytes(size, "big"))
