"""NSEC: each owner names the next one in canonical order, and its own types (RFC 4034 4)."""

from collections.abc import Iterable
from functools import lru_cache

from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.util import Bitmap


def make_nsec(next_name: Name, rdtypes: Iterable[RdataType]) -> NSEC:
    """Return the NSEC that says: here are *rdtypes*, and no name up to *next_name*."""
    return NSEC(RdataClass.IN, RdataType.NSEC, next_name, bitmap(frozenset(rdtypes)))


@lru_cache(maxsize=1024)
def bitmap(rdtypes: frozenset[RdataType]) -> tuple[tuple[int, bytes], ...]:
    """Return the windows of the bitmap that lists *rdtypes*: most names have the same few."""
    return tuple(Bitmap.from_rdtypes(list(rdtypes)).windows)


def types(nsec: NSEC | NSEC3) -> frozenset[RdataType]:
    """Return the types that the bitmap of *nsec* lists (RFC 4034 section 4.1.2)."""
    return frozenset(
        RdataType.make(window * 256 + octet * 8 + bit)
        for window, bitmap in nsec.windows
        for octet, value in enumerate(bitmap)
        for bit in range(8)
        if value & (0x80 >> bit)
    )


def lists(nsec: NSEC | NSEC3, rdtype: RdataType) -> bool:
    """Tell whether the bitmap of *nsec* has *rdtype*."""
    return rdtype in types(nsec)


def covers(owner: Name, next_name: Name, name: Name) -> bool:
    """Tell whether *name* lies strictly between *owner* and *next_name* in canonical order.

    The last NSEC of a zone points back to the apex: then everything behind *owner* is covered
    (RFC 4034 section 4.1.1). Comparing dnspython names is the canonical order (section 6.1).
    """
    if owner < next_name:
        return bool(owner < name < next_name)
    return bool(name > owner or name < next_name)
