"""A digest over a whole zone, by which it can be checked however it travelled (RFC 8976).

Holds the scheme SIMPLE with SHA-384 and SHA-512, over RRsets that come in any order.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha384, sha512
from typing import Protocol

from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.ANY.ZONEMD import ZONEMD
from dns.zonetypes import DigestHashAlgorithm, DigestScheme

from lab.core.errors import UnsupportedError
from lab.core.registry import Registry
from lab.core.rrsets import RRset
from lab.dnssec.canonical import name_octets, rdata_octets


class _Hash(Protocol):
    """What hashlib returns."""

    def update(self, data: bytes, /) -> None:
        """Take more octets."""
        ...

    def digest(self) -> bytes:
        """Return the digest of all."""
        ...


HASHES: Registry[int, Callable[[], _Hash]] = Registry("ZONEMD hash algorithm")
HASHES.add(int(DigestHashAlgorithm.SHA384), sha384)
HASHES.add(int(DigestHashAlgorithm.SHA512), sha512)

# RFC 8976 section 3.1: stands in the zone, and in the bitmap at its apex, while it is digested.
PLACEHOLDERS: Mapping[int, bytes] = {
    number: bytes(len(make().digest())) for number, make in HASHES.items()
}


def zone_digest(
    apex: Name, rrsets: Iterable[RRset], hash_algorithm: int = DigestHashAlgorithm.SHA384
) -> bytes:
    """Return the digest of a zone (RFC 8976 section 3.3.1).

    Args:
        apex: of the zone.
        rrsets: all of it, glue and signatures included; the ZONEMD RRset may be among them.
        hash_algorithm: its number.

    Raises:
        UnsupportedError: *hash_algorithm* has no row in HASHES.
    """
    make = HASHES.get(hash_algorithm)
    if make is None:
        raise UnsupportedError(f"ZONEMD hash algorithm {hash_algorithm} is not implemented")
    digest = make()
    # RFC 8976 section 3.3.1.1: by owner, type and RDATA; the signatures among them like the rest.
    included = (one for rrset in rrsets for one in _records(apex, rrset))
    for _, octets in sorted(set(included), key=lambda one: one[0]):
        digest.update(octets)
    return digest.digest()


_Key = tuple[tuple[bytes, ...], int, bytes]


def _order(name: Name) -> tuple[bytes, ...]:
    """Return what sorts as RFC 4034 section 6.1 says, and faster than names themselves."""
    return tuple(label.lower() for label in reversed(name.labels))


def _records(apex: Name, rrset: RRset) -> Iterator[tuple[_Key, bytes]]:
    # RFC 8976 section 3.3.1.2: neither what is not of the zone, nor the digest itself.
    if not rrset.owner.is_subdomain(apex):
        return
    owner, order = name_octets(rrset.owner), _order(rrset.owner)
    for rdata in rrset.rdatas:
        if rrset.owner == apex and RdataType.ZONEMD in {rrset.rdtype, _covered(rdata)}:
            continue
        octets = rdata_octets(rdata)
        head = struct.pack("!HHIH", rrset.rdtype, RdataClass.IN, rrset.ttl, len(octets))
        yield (order, int(rrset.rdtype), octets), owner + head + octets


def _covered(rdata: Rdata) -> RdataType:
    return RdataType.make(rdata.type_covered) if isinstance(rdata, RRSIG) else RdataType.NONE


def make_zonemd(serial: int, digest: bytes, hash_algorithm: int) -> ZONEMD:
    """Return the record that carries *digest* for the version *serial* (RFC 8976 section 2)."""
    return ZONEMD(
        RdataClass.IN, RdataType.ZONEMD, serial, DigestScheme.SIMPLE, hash_algorithm, digest
    )
