"""Faults of TLSA records: what happens most often to those who publish them."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TLSA import TLSA

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.faults.bitmaps import without_type
from lab.faults.fault import OnOwner, fault
from lab.nameserver.lookup import OUTCOME, Answer, LookupOutcome, NoData


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTlsa(OnOwner):
    """Change the TLSA RRset of one owner before it is signed.

    Attributes:
        owner: owner name of the TLSA RRset.
    """

    def apply(self, value: RRset, now: Instant) -> RRset:
        """Return the RRset with other records; *now* plays no part."""
        del now
        if value.owner != self.owner or value.rdtype != RdataType.TLSA:
            return value
        records = (cast("TLSA", one) for one in value.rdatas)
        return replace(value, rdatas=tuple(one for old in records for one in self.changed(old)))

    @abstractmethod
    def changed(self, tlsa: TLSA) -> Iterator[Rdata]:
        """Iterate over what is published in place of *tlsa*."""


@fault("tlsa-stale", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsaStale(OnTlsa):
    """Publish the digest of another certificate: it was renewed, and the record forgotten.

    The zone is signed and the record is secure; only the peer does not fit it. The way round it is
    RFC 7671 section 8.1: publish the new record, wait for two TTLs, then change the certificate.
    The decision reports: rule dane.authenticated.

    Attributes:
        owner: owner name of the TLSA RRset.
    """

    def changed(self, tlsa: TLSA) -> Iterator[Rdata]:
        """Return it with the last bit of its data flipped."""
        yield _of_another(tlsa)


def _of_another(tlsa: TLSA) -> Rdata:
    return tlsa.replace(cert=tlsa.cert[:-1] + bytes([tlsa.cert[-1] ^ 1]))


@fault("tlsa-leftover", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsaLeftover(OnTlsa):
    """Publish a record of another certificate before each good one, as in a rollover.

    The decision reports: status secure, and accepts the peer: one record that matches is enough
    (RFC 7671 section 8.1).

    Attributes:
        owner: owner name of the TLSA RRset.
    """

    def changed(self, tlsa: TLSA) -> Iterator[Rdata]:
        """Return one more before it."""
        yield _of_another(tlsa)
        yield tlsa


@fault("tlsa-unusable", seam=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsaUnusable(OnTlsa):
    """Publish numbers that have no meaning, or not the one that was meant.

    The decision reports: rule tlsa.usable if nothing else is published (RFC 7671 section 4.1).

    Attributes:
        owner: owner name of the TLSA RRset.
        usage: the certificate usage; 0 to 3 have a meaning.
        selector: 0 and 1 have a meaning.
        matching: the matching type; 0 to 2 have a meaning.
    """

    usage: int = 9
    selector: int = 9
    matching: int = 9

    def changed(self, tlsa: TLSA) -> Iterator[Rdata]:
        """Return it with these numbers."""
        yield tlsa.replace(usage=self.usage, selector=self.selector, mtype=self.matching)


@fault("tlsa-missing", seam=OUTCOME, also=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsaMissing(OnOwner):
    """Publish no TLSA at the name where it is looked for: it stands at another name, or nowhere.

    A wrong port, a missing underscore and a forgotten label of the client are the usual reasons.
    The zone proves that there is none. The decision reports: rule dane.present (RFC 6698 section
    4.1).

    Attributes:
        owner: owner name of the TLSA RRset.
    """

    def apply(self, value: LookupOutcome | RRset, now: Instant) -> LookupOutcome | RRset:
        """Return that there is none, and the denial that says so; *now* plays no part."""
        del now
        if isinstance(value, RRset):
            return without_type(value, self.owner, RdataType.TLSA)
        if not isinstance(value, Answer) or value.place.name != self.owner:
            return value
        if all(one.rdtype != RdataType.TLSA for one in value.rrsets):
            return value
        return NoData(value.place, value.wildcard)
