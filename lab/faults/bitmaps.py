"""What NSEC and NSEC3 say of one name, said otherwise: for faults that take something away."""

from dataclasses import replace
from typing import cast

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.util import Bitmap

from lab.core.rrsets import RRset
from lab.dnssec.nsec import types
from lab.dnssec.nsec3 import from_label, parameters

_DENIALS = frozenset({RdataType.NSEC, RdataType.NSEC3})


def with_type(rrset: RRset, rdtype: RdataType) -> RRset:
    """Return *rrset*, if it is NSEC or NSEC3, with *rdtype* in its bitmaps."""
    if rrset.rdtype not in _DENIALS:
        return rrset
    return replace(
        rrset, rdatas=tuple(_listing(one, _types(one) | {rdtype}) for one in rrset.rdatas)
    )


def without_type(rrset: RRset, name: Name, rdtype: RdataType) -> RRset:
    """Return *rrset*, if it is NSEC or NSEC3 of *name*, without *rdtype* in its bitmaps."""
    if not _speaks_of(rrset, name):
        return rrset
    return replace(
        rrset, rdatas=tuple(_listing(one, _types(one) - {rdtype}) for one in rrset.rdatas)
    )


def _speaks_of(rrset: RRset, name: Name) -> bool:
    if rrset.rdtype == RdataType.NSEC:
        return bool(rrset.owner == name)
    if rrset.rdtype != RdataType.NSEC3:
        return False
    hashing = parameters(cast("NSEC3", rrset.rdatas[0]))
    return from_label(rrset.owner.labels[0]) == hashing.hash(name)


def _types(rdata: Rdata) -> frozenset[RdataType]:
    return types(cast("NSEC | NSEC3", rdata))


def _listing(rdata: Rdata, rdtypes: frozenset[RdataType]) -> Rdata:
    return rdata.replace(windows=Bitmap.from_rdtypes(list(rdtypes)).windows)
