"""The octets that a signature covers, step by step (RFC 4034 sections 3.1.8.1 and 6).

Signed is the RRSIG RDATA without its signature, then RR(1), RR(2), …, where each RR is
owner | type | class | original TTL | RDATA length | canonical RDATA.
"""

import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import cast

from dns.name import Name, root
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.rrsets import RRset

_WILDCARD = b"*"
# The numbers of an RRSIG, which stand before its signer name (RFC 4034 section 3.1).
RRSIG_HEAD = struct.Struct("!HBBIIIH")
_RECORD = struct.Struct("!HHI")


def name_octets(name: Name) -> bytes:
    """Return *name* lower-cased and uncompressed (RFC 4034 section 6.2, items 1 to 3)."""
    return _octets(name.labels)


@lru_cache(maxsize=4096)
def _octets(labels: tuple[bytes, ...]) -> bytes:
    # The lengths, 63 at most, are no letters.
    return b"".join([len(label).to_bytes(1, "big") + label for label in labels]).lower()


def rdata_octets(rdata: Rdata) -> bytes:
    """Return canonical RDATA: names inside the types of RFC 4034 section 6.2 are lower-cased.

    dnspython keeps the list of these types (without NSEC: RFC 6840 section 5.1).
    """
    if isinstance(rdata, NSEC):
        # Every other record of a zone is one; dnspython makes a name of each of its suffixes.
        return cast("bytes", rdata.next.to_wire()) + windows_octets(rdata.windows)
    octets = rdata.to_wire(origin=root, canonicalize=True)
    assert octets is not None
    return octets


def windows_octets(windows: Iterable[tuple[int, bytes]]) -> bytes:
    """Return a bitmap of types as it stands in RDATA (RFC 4034 section 4.1.2)."""
    return b"".join([bytes((number, len(bits))) + bits for number, bits in windows])


def labels(owner: Name) -> int:
    """Return the RRSIG Labels field for *owner*: no root, no leading `*` (RFC 4034 3.1.3)."""
    count = len(owner.labels) - 1
    return count - 1 if owner.is_wild() else count


def signed_owner(owner: Name, rrsig_labels: int) -> Name:
    """Return the owner that was signed: *owner*, or the wildcard it was made of (RFC 4035 5.3.2).

    Raises:
        ValueError: *owner* has fewer labels than the signature says.
    """
    surplus = labels(owner) - rrsig_labels
    if surplus < 0:
        raise ValueError(f"{owner} has fewer than {rrsig_labels} labels")
    if surplus == 0:
        return owner
    return Name((_WILDCARD, *owner.labels[-(rrsig_labels + 1) :]))


def rrsig_prefix(rrsig: RRSIG) -> bytes:
    """Return the RRSIG RDATA up to the signature, signer name in canonical form."""
    fields = (
        rrsig.type_covered,
        rrsig.algorithm,
        rrsig.labels,
        rrsig.original_ttl,
        rrsig.expiration,
        rrsig.inception,
        rrsig.key_tag,
    )
    return prefix_octets(fields, rrsig.signer)


def prefix_octets(fields: tuple[int, ...], signer: Name) -> bytes:
    """Return the same for an RRSIG with the seven numbers *fields*, which is yet to be made."""
    return RRSIG_HEAD.pack(*fields) + name_octets(signer)


def signed_octets(rrset: RRset, rrsig: RRSIG) -> bytes:
    """Return everything that *rrsig* covers: its own fields, then the canonical RRset.

    The RRs are sorted as octet strings, without duplicates (RFC 4034 section 6.3).

    Raises:
        ValueError: the owner has fewer labels than *rrsig* says.
    """
    owner = name_octets(signed_owner(rrset.owner, rrsig.labels))
    return rrsig_prefix(rrsig) + records_octets(owner, rrset, rrsig.original_ttl)


def records_octets(owner: bytes, rrset: RRset, ttl: int) -> bytes:
    """Return the records of *rrset* as they are signed: under *owner* (canonical) and *ttl*."""
    head = owner + _RECORD.pack(rrset.rdtype, RdataClass.IN, ttl)
    rdatas = [rdata_octets(rdata) for rdata in rrset.rdatas]
    if len(rdatas) > 1:
        rdatas = sorted(set(rdatas))
    return b"".join([head + len(rdata).to_bytes(2, "big") + rdata for rdata in rdatas])
