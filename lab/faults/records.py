"""Faults of records: data changed after it was signed, delegations and gaps that lead nowhere."""

from dataclasses import dataclass, replace
from typing import cast

import dns.exception
import dns.rdata
from dns.name import Name, root
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from lab.core.errors import InputError
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, SIGNED_RRSET, RRset, SignedRRset
from lab.faults.fault import NamedFault, OnDelegation, OnRRset, fault


@fault("rdata-tampered", seam=SIGNED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RdataTampered(OnRRset):
    """Replace the records of one RRset after it was signed: a forged answer, a poisoned cache.

    A validator reports: rule rrsig.signature, status bogus (RFC 4035 section 5.3.3).

    Attributes:
        becomes: the one record that the attacker puts there, as in a master file, without owner,
            TTL and type, e.g. "192.0.2.66".
    """

    becomes: str

    def __post_init__(self) -> None:
        """Refuse text that is no such record, while its author still sees it."""
        self.forged()

    def forged(self) -> Rdata:
        """Return the record of the attacker.

        Raises:
            InputError: the text is no record of this type.
        """
        try:
            return dns.rdata.from_text(RdataClass.IN, self.type, self.becomes, origin=root)
        except (dns.exception.DNSException, ValueError) as error:
            mnemonic = RdataType.to_text(self.type)
            what = f"{self.becomes!r} is no {mnemonic} record: {error}"
            raise InputError(what, "becomes") from error

    def apply(self, value: SignedRRset, now: Instant) -> SignedRRset:
        """Return the forged record under the old signatures; *now* plays no part."""
        del now
        if not self.concerns(value.rrset):
            return value
        return replace(value, rrset=replace(value.rrset, rdatas=(self.forged(),)))


@fault("ds-mismatch", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsMismatch(OnDelegation):
    """Publish a wrong digest for a child: the child changed its key, and nobody told the parent.

    The parent signs this DS RRset with care; no DNSKEY of the child fits it.
    A validator reports: rule ds.matches, status bogus for the child and all below it
    (RFC 4035 section 5.2).

    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the DS RRset with the last bit of every digest flipped; *now* plays no part."""
        del now
        if not self.concerns(value):
            return value
        return replace(value, rdatas=tuple(_with_wrong_digest(ds) for ds in value.rdatas))


def _with_wrong_digest(ds: Rdata) -> Rdata:
    digest = cast("DS", ds).digest
    return ds.replace(digest=digest[:-1] + bytes([digest[-1] ^ 1]))


@fault("ds-leftover", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsLeftover(OnDelegation):
    """Publish one more DS, for a key that is gone: half of a key rollover.

    A validator reports: status secure. One DS that fits is enough (RFC 6840 section 5.11); a
    change of keys would have to happen everywhere at the same second otherwise.
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the DS RRset with a wrong copy of each record added; *now* plays no part."""
        del now
        if not self.concerns(value):
            return value
        leftovers = (_with_wrong_digest(ds) for ds in value.rdatas)
        return replace(value, rdatas=(*leftovers, *value.rdatas))


@fault("ds-unknown-algorithm", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsUnknownAlgorithm(OnDelegation):
    """Delegate to a child with a signing algorithm that nobody has implemented yet.

    A validator reports: status insecure, not bogus. It cannot judge the child, and treats it as
    one that is not signed (RFC 4035 section 5.2).

    Attributes:
        algorithm: the number that the DS records name; 200 is not assigned.
    """

    algorithm: int = 200

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the DS RRset with the other number; *now* plays no part."""
        del now
        if not self.concerns(value):
            return value
        renumbered = (ds.replace(algorithm=self.algorithm) for ds in value.rdatas)
        return replace(value, rdatas=tuple(renumbered))


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
