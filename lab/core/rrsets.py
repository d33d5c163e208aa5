"""RRsets that never change, with the signatures that came with them.

dnspython's rdata are immutable, its RRsets are not: the lab converts at the edge and keeps these.
"""

from collections.abc import Iterable
from typing import cast

import dns.rrset
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.frozen import dataclass
from lab.core.names import text_of
from lab.core.seams import Seam


@dataclass(frozen=True, slots=True)
class RRset:
    """Hold the records of one owner and type, class IN (RFC 9499 section 5).

    Attributes:
        owner: absolute, in the case in which it was met.
        rdtype: type of every record.
        ttl: seconds, 0 to 2**31 - 1.
        rdatas: without duplicates, in the order in which they were met.
    """

    owner: Name
    rdtype: RdataType
    ttl: int
    rdatas: tuple[Rdata, ...]

    def __str__(self) -> str:
        """Return what a report calls it: `www.example.fr. A`."""
        return f"{text_of(self.owner)} {RdataType.to_text(self.rdtype)}"

    def to_dns(self) -> dns.rrset.RRset:
        """Return a fresh dnspython RRset, to put into a message."""
        return dns.rrset.from_rdata_list(self.owner, self.ttl, self.rdatas)

    @classmethod
    def from_dns(cls, owner: Name, rdataset: Rdataset) -> "RRset":
        """Return the frozen form of a dnspython rdataset of *owner*."""
        return cls(owner, rdataset.rdtype, rdataset.ttl, tuple(rdataset))


@dataclass(frozen=True, slots=True)
class SignedRRset:
    """Hold an RRset and the RRSIGs that cover it.

    Attributes:
        rrset: what is signed.
        rrsigs: none if it came unsigned.
        rrsig_ttl: TTL of the RRSIG records as met on the wire, seconds.
    """

    rrset: RRset
    rrsigs: tuple[RRSIG, ...] = ()
    rrsig_ttl: int = 0

    def to_dns(self) -> tuple[dns.rrset.RRset, ...]:
        """Return fresh dnspython RRsets: the records, then their RRSIGs if there are any."""
        if not self.rrsigs:
            return (self.rrset.to_dns(),)
        rrsigs = dns.rrset.from_rdata_list(self.rrset.owner, self.rrsig_ttl, self.rrsigs)
        return (self.rrset.to_dns(), rrsigs)


# What a server is about to sign, and what it is about to answer.
PUBLISHED_RRSET: Seam[RRset] = Seam("published-rrset")
SIGNED_RRSET: Seam[SignedRRset] = Seam("signed-rrset")


def group(section: Iterable[dns.rrset.RRset]) -> tuple[SignedRRset, ...]:
    """Return the RRsets of a message section, each with the RRSIGs of its owner and type.

    RRSIGs that cover no RRset of the section come last, as RRsets of type RRSIG.
    """
    rrsets = [one for one in section if one.rdclass == RdataClass.IN]
    signatures = {(one.name, one.covers): one for one in rrsets if one.rdtype == RdataType.RRSIG}
    grouped = []
    for one in rrsets:
        if one.rdtype == RdataType.RRSIG:
            continue
        own = signatures.pop((one.name, one.rdtype), None)
        rrsigs = tuple(cast("RRSIG", rdata) for rdata in own or ())
        grouped.append(
            SignedRRset(RRset.from_dns(one.name, one), rrsigs, own.ttl if own is not None else 0)
        )
    strays = (SignedRRset(RRset.from_dns(one.name, one)) for one in signatures.values())
    return (*grouped, *strays)
