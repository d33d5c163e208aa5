"""Faults of TLSA records: what happens most often to those who publish them."""

from dataclasses import dataclass, replace
from typing import cast

from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TLSA import TLSA

from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.faults.fault import OnOwner, fault


@fault("tlsa-stale", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsaStale(OnOwner):
    """Publish the digest of another certificate: it was renewed, and the record forgotten.

    The zone is signed and the record is secure; only the peer does not fit it. The way round it is
    RFC 7671 section 8.1: publish the new record, wait for two TTLs, then change the certificate.
    The decision reports: rule dane.authenticated.

    Attributes:
        owner: owner name of the TLSA RRset.
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the RRset with the last bit of every digest flipped; *now* plays no part."""
        del now
        if value.owner != self.owner or value.rdtype != RdataType.TLSA:
            return value
        return replace(value, rdatas=tuple(_of_another(one) for one in value.rdatas))


def _of_another(tlsa: Rdata) -> Rdata:
    data = cast("TLSA", tlsa).cert
    return tlsa.replace(cert=data[:-1] + bytes([data[-1] ^ 1]))
