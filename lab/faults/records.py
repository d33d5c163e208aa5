"""Faults of records: data that is gone, changed after it was signed, or kept for too long."""

from dataclasses import replace

import dns.exception
import dns.rdata
from dns.name import root
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, SIGNED_RRSET, RRset, SignedRRset
from lab.faults.fault import OnRRset, fault


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
        OnRRset.__post_init__(self)
        if self.type is None:
            raise InputError(f"the fault {self.kind!r} needs the parameter 'type'")
        self.forged()

    def forged(self) -> Rdata:
        """Return the record of the attacker.

        Raises:
            InputError: the text is no record of this type.
        """
        assert self.type is not None
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


@fault("rrset-missing", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class RrsetMissing(OnRRset):
    """Leave one RRset out of every answer, and say nothing about it: half of a zone was loaded.

    A validator reports: rule nsec.present, status bogus, if it was asked for (RFC 4035 section
    5.4); of what nobody needs it reports: status secure.
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the RRset without records, which is not sent; *now* plays no part."""
        del now
        return replace(value, rdatas=()) if self.concerns(value) else value


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
