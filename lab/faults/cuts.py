"""Faults of zone cuts: a parent says nothing of the child's keys, or leads to a wrong address."""

from dataclasses import replace

import dns.exception
import dns.rdata
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import PUBLISHED_RRSET, RRset
from lab.faults.bitmaps import without_type
from lab.faults.fault import OnDelegation, fault
from lab.nameserver.lookup import OUTCOME, Answer, LookupOutcome, NoData, Referral


def _without_ds(child: Name, outcome: LookupOutcome) -> LookupOutcome:
    """Return *outcome* as if the child had no DS."""
    match outcome:
        case Referral(ns=ns) if ns.owner == child:
            return replace(outcome, ds=None)
        case Answer(rrsets=rrsets, place=place) if any(
            one.owner == child and one.rdtype == RdataType.DS for one in rrsets
        ):
            return NoData(place)
        case _:
            return outcome


@fault("ds-stripped", seam=OUTCOME)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsStripped(OnDelegation):
    """Take the DS out of every answer, to make a signed zone look unsigned: an attack on the way.

    The NSEC or NSEC3 at the cut was signed when there was a DS, and says so.
    A validator reports: rule ds.proven-absent or rule nsec.type-absent, status bogus
    (RFC 4035 section 5.2).
    """

    def apply(self, value: LookupOutcome, now: Instant) -> LookupOutcome:
        """Return a referral without DS, or that there is none; *now* plays no part."""
        del now
        return _without_ds(self.child, value)


@fault("ds-missing", seam=OUTCOME, also=PUBLISHED_RRSET)
@dataclass(frozen=True, slots=True, kw_only=True)
class DsMissing(OnDelegation):
    """Publish no DS for a child that is signed: nobody has told the parent yet, or it has lost it.

    The parent proves by its NSEC or NSEC3 that there is none.
    A validator reports: status insecure: the child is an island (RFC 4035 section 5.2).
    """

    def apply(self, value: LookupOutcome | RRset, now: Instant) -> LookupOutcome | RRset:
        """Return the outcome without DS, and the denial that says so; *now* plays no part."""
        del now
        if not isinstance(value, RRset):
            return _without_ds(self.child, value)
        return without_type(value, self.child, RdataType.DS)


@fault("glue-wrong", seam=OUTCOME)
@dataclass(frozen=True, slots=True, kw_only=True)
class GlueWrong(OnDelegation):
    """Give a wrong address with a referral: the nameserver has moved, and the parent was not told.

    An address outside this machine makes resolvers send their questions there.
    A validator reports: rule walk.server-answers, status indeterminate. It cannot ask for the keys
    of the child, so that it may also report: status bogus (RFC 4035 section 4.3).

    Attributes:
        address: IPv4 or IPv6, that stands in place of the right ones.
    """

    address: str

    def __post_init__(self) -> None:
        """Refuse what is no address, while its author still sees it."""
        self._rdata()

    def _rdata(self) -> Rdata:
        rdtype = RdataType.AAAA if ":" in self.address else RdataType.A
        try:
            return dns.rdata.from_text(RdataClass.IN, rdtype, self.address)
        except (dns.exception.DNSException, ValueError) as error:
            raise InputError(f"{self.address!r} is no IP address", "address") from error

    def apply(self, value: LookupOutcome, now: Instant) -> LookupOutcome:
        """Return a referral with this address only; *now* plays no part."""
        del now
        if not isinstance(value, Referral) or value.ns.owner != self.child:
            return value
        rdata = self._rdata()
        hosts = {one.owner: one.ttl for one in value.glue}
        wrong = (RRset(host, rdata.rdtype, ttl, (rdata,)) for host, ttl in hosts.items())
        return replace(value, glue=tuple(wrong))
