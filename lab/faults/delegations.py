"""Faults of delegations: what the parent says of the child's keys is wrong, and well signed."""

from abc import abstractmethod
from dataclasses import replace
from typing import cast

from dns.rdata import Rdata
from dns.rdtypes.ANY.DS import DS

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.faults.fault import OnDelegation, fault

_MAX_KEY_TAG = 2**16 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDs(OnDelegation):
    """Change the DS records of a child before the parent signs them.

    Attributes:
        only: digest type of the records meant; without it all of them.
    """

    only: int | None = None

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the DS RRset with changed records; *now* plays no part."""
        del now
        if not self.concerns(value):
            return value
        records = (cast("DS", one) for one in value.rdatas)
        meant = (self.only in {None, int(one.digest_type)} for one in records)
        pairs = zip(value.rdatas, meant, strict=True)
        changed = (self.changed(cast("DS", one)) if yes else one for one, yes in pairs)
        return replace(value, rdatas=tuple(changed))

    @abstractmethod
    def changed(self, ds: DS) -> Rdata:
        """Return *ds* as the parent publishes it."""


@fault("ds-mismatch", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsMismatch(OnDs):
    """Publish a wrong digest for a child: the child changed its key, and nobody told the parent.

    The parent signs this DS RRset with care; no DNSKEY of the child fits it.
    A validator reports: rule ds.matches, status bogus for the child and all below it
    (RFC 4035 section 5.2).

    """

    def changed(self, ds: DS) -> Rdata:
        """Return it with the last bit of its digest flipped."""
        return _with_wrong_digest(ds)


def _with_wrong_digest(ds: DS) -> Rdata:
    return ds.replace(digest=ds.digest[:-1] + bytes([ds.digest[-1] ^ 1]))


@fault("ds-wrong-tag", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsWrongTag(OnDs):
    """Publish a DS with a slip of the pen in its key tag; the digest is right.

    The key tag is only a hint, but one that a validator goes by: it looks for no other key.
    A validator reports: rule ds.matches, status bogus (RFC 4035 section 5.2).
    """

    def changed(self, ds: DS) -> Rdata:
        """Return it with a key tag that is one higher."""
        return ds.replace(key_tag=(ds.key_tag + 1) % (_MAX_KEY_TAG + 1))


@fault("ds-wrong-algorithm", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsWrongAlgorithm(OnDs):
    """Publish a DS that names another signing algorithm, one that validators know.

    A validator reports: rule ds.matches, status bogus (RFC 4035 section 5.2).

    Attributes:
        algorithm: the number that the DS records name; 8 is RSASHA256.
    """

    algorithm: int = 8

    def changed(self, ds: DS) -> Rdata:
        """Return it with the other number."""
        return ds.replace(algorithm=self.algorithm)


@fault("ds-unknown-algorithm", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsUnknownAlgorithm(OnDs):
    """Delegate to a child with a signing algorithm that nobody has implemented yet.

    A validator reports: status insecure, not bogus. It cannot judge the child, and treats it as
    one that is not signed (RFC 4035 section 5.2).

    Attributes:
        algorithm: the number that the DS records name; 200 is not assigned.
    """

    algorithm: int = 200

    def changed(self, ds: DS) -> Rdata:
        """Return it with the other number."""
        return ds.replace(algorithm=self.algorithm)


@fault("ds-unknown-digest", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsUnknownDigest(OnDs):
    """Publish a DS with a digest that nobody has implemented yet.

    A validator reports: status insecure, as if there were no DS (RFC 4035 section 5.2).

    Attributes:
        digest_type: the number that the DS records name; 100 is not assigned.
    """

    digest_type: int = 100

    def changed(self, ds: DS) -> Rdata:
        """Return it with the other number."""
        return ds.replace(digest_type=self.digest_type)


@fault("ds-leftover", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsLeftover(OnDelegation):
    """Publish one more DS, for a key that is gone: half of a key rollover.

    A validator reports: status secure. One DS that fits is enough (RFC 6840 section 5.11); a
    change of keys would have to happen everywhere at the same second otherwise.

    Attributes:
        algorithm: of the key that is gone; without it that of the others.
    """

    algorithm: int | None = None

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the DS RRset with a wrong copy of each record added; *now* plays no part."""
        del now
        if not self.concerns(value):
            return value
        leftovers = (self._leftover(cast("DS", one)) for one in value.rdatas)
        return replace(value, rdatas=(*leftovers, *value.rdatas))

    def _leftover(self, ds: DS) -> Rdata:
        wrong = _with_wrong_digest(ds)
        return wrong if self.algorithm is None else wrong.replace(algorithm=self.algorithm)


@fault("ds-incomplete", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsIncomplete(OnDelegation):
    """Leave the first DS of a child out, so that only a key in waiting has one.

    A key rollover was finished at the parent before it was at the child.
    A validator reports: rule dnskey.signed-by-entry, status bogus (RFC 4035 section 5.2).
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the other DS records; of a single one it remains. *now* plays no part."""
        del now
        return replace(value, rdatas=value.rdatas[-1:]) if self.concerns(value) else value
