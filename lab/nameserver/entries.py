"""An RRset of a whole zone in octets: what is signed, compared, kept and sent by the thousand.

An `RRset` has an object for each name and record. Who deals with all of a zone at once needs none
of them: it keeps the octets, and makes objects only for who wants to look.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import dns.name
import dns.rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.rrsets import RRset

# Where the covered type and the expiration stand in an RRSIG (RFC 4034 section 3.1).
_COVERED, _EXPIRATION = slice(2), slice(8, 12)

Key: TypeAlias = tuple[bytes, int, bytes]
"""Owner in small letters, type, and for an RRSIG the type that it covers."""


class Entry(NamedTuple):
    """Hold one RRset; the RRSIGs over each other RRset are one by themselves.

    Attributes:
        owner: uncompressed, in the case in which it is published.
        rdtype: its number.
        ttl: seconds.
        rdatas: uncompressed, in the order in which they are published.
    """

    owner: bytes
    rdtype: int
    ttl: int
    rdatas: tuple[bytes, ...]

    @property
    def key(self) -> Key:
        """Return what no other entry of the zone has."""
        return key_of(self.owner.lower(), self.rdtype, self.covered)

    @property
    def covered(self) -> bytes:
        """Return the type that RRSIGs cover, as two octets; none for other records."""
        return self.rdatas[0][_COVERED] if self.rdtype == RdataType.RRSIG else b""

    @property
    def expirations(self) -> Iterable[int]:
        """Return when RRSIGs expire, as 32-bit numbers; nothing for other records."""
        if self.rdtype != RdataType.RRSIG:
            return ()
        return [int.from_bytes(rdata[_EXPIRATION], "big") for rdata in self.rdatas]

    def rrset(self) -> RRset:
        """Return it as objects."""
        rdtype = RdataType.make(self.rdtype)
        rdatas = (
            dns.rdata.from_wire(RdataClass.IN, rdtype, one, 0, len(one)) for one in self.rdatas
        )
        return RRset(dns.name.from_wire(self.owner, 0)[0], rdtype, self.ttl, tuple(rdatas))


def key_of(owner: bytes, rdtype: int, covered: bytes = b"") -> Key:
    """Return the key of an entry; *owner* is in small letters."""
    return owner, rdtype, covered


def entry_of(rrset: RRset) -> Entry:
    """Return an RRset as octets."""
    rdatas = tuple([one.to_wire() or b"" for one in rrset.rdatas])
    return Entry(rrset.owner.to_wire() or b"", int(rrset.rdtype), rrset.ttl, rdatas)
