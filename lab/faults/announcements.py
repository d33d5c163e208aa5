"""Faults of CDS and CDNSKEY: a child asks its parent for something that it does not mean."""

from dataclasses import replace
from typing import cast

from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CDNSKEY import CDNSKEY
from dns.rdtypes.ANY.CDS import CDS

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.faults.fault import OnZone, fault


@fault("cds-delete", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class CdsDelete(OnZone):
    """Ask the parent to remove the DS, so that the zone becomes insecure (RFC 8078 section 4).

    A parent that reads CDS does so, unless it has a reason not to.
    A validator reports: status secure, as long as the parent has the DS.
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the CDS or CDNSKEY that asks for it; *now* plays no part."""
        del now
        match value.rdtype:
            case RdataType.CDS:
                rdata: Rdata = cast("CDS", value.rdatas[0]).replace(
                    key_tag=0, algorithm=0, digest_type=0, digest=b"\0"
                )
            case RdataType.CDNSKEY:
                rdata = cast("CDNSKEY", value.rdatas[0]).replace(
                    flags=0, protocol=3, algorithm=0, key=b"\0"
                )
            case _:
                return value
        return replace(value, rdatas=(rdata,))


@fault("cds-mismatch", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class CdsMismatch(OnZone):
    """Ask the parent for the DS of a key that the zone has not got.

    A parent must not do it, as the zone would be bogus then (RFC 7344 section 4.1).
    A validator reports: status secure, as long as the parent does not.
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the CDS with the last bit of each digest flipped; *now* plays no part."""
        del now
        if value.rdtype != RdataType.CDS:
            return value
        return replace(value, rdatas=tuple(_of_another(cast("CDS", one)) for one in value.rdatas))


def _of_another(cds: CDS) -> Rdata:
    return cds.replace(digest=cds.digest[:-1] + bytes([cds.digest[-1] ^ 1]))
