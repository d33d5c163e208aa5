"""A catalog zone: the list of zones that secondaries should serve (RFC 9432).

It is fetched as any zone is, never delegated and never signed. Each member has a label that stays
the same as long as the zone is there, so that secondaries keep what they know of it.
"""

from collections.abc import Iterable
from hashlib import sha256

from dns.name import Name
from dns.rdata import from_text
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.rrsets import RRset
from lab.nameserver.zone import Zone, load

# RFC 9432 section 4.2.1: nobody else is asked for it, so the names say nothing.
_HEAD = """\
@ 0 SOA invalid. invalid. {serial} 60 10 2419200 0
@ 0 NS invalid.
version 0 TXT "2"
"""
_TTL = 0


def catalog_zone(apex: Name, members: Iterable[Name], serial: int) -> Zone:
    """Return the catalog *apex* that lists *members*."""
    zone = load(_HEAD.format(serial=serial), apex, f"catalog {apex}")
    return zone.with_rrsets(_member(apex, member) for member in members)


def member_label(member: Name) -> bytes:
    """Return the unique label of a member (RFC 9432 section 4.1): a digest of its name."""
    return sha256(member.to_digestable()).hexdigest()[:32].encode()


def _member(apex: Name, member: Name) -> RRset:
    owner = Name((member_label(member), b"zones", *apex.labels))
    rdata = from_text(RdataClass.IN, RdataType.PTR, str(member))
    return RRset(owner, RdataType.PTR, _TTL, (rdata,))
