"""Faults of records: data changed after it was signed."""

from dataclasses import dataclass, replace

import dns.exception
import dns.rdata
from dns.name import root
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.instant import Instant
from lab.core.rrsets import SIGNED_RRSET, SignedRRset
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
