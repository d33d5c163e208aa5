"""The octets that a signature covers, step by step (RFC 4034 sections 3.1.8.1 and 6).

Signed is the RRSIG RDATA without its signature, then RR(1), RR(2), …, where each RR is
owner | type | class | original TTL | RDATA length | canonical RDATA.
"""

import struct

from dns.name import Name, root
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.rrsets import RRset

_WILDCARD = b"*"


def name_octets(name: Name) -> bytes:
    """Return *name* lower-cased and uncompressed (RFC 4034 section 6.2, items 1 to 3)."""
    octets = name.canonicalize().to_wire()
    assert octets is not None
    return octets


def rdata_octets(rdata: Rdata) -> bytes:
    """Return canonical RDATA: names inside the types of RFC 4034 section 6.2 are lower-cased.

    dnspython keeps the list of these types (without NSEC: RFC 6840 section 5.1).
    """
    octets = rdata.to_wire(origin=root, canonicalize=True)
    assert octets is not None
    return octets


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
    return struct.pack(
        "!HBBIIIH",
        rrsig.type_covered,
        rrsig.algorithm,
        rrsig.labels,
        rrsig.original_ttl,
        rrsig.expiration,
        rrsig.inception,
        rrsig.key_tag,
    ) + name_octets(rrsig.signer)


def signed_octets(rrset: RRset, rrsig: RRSIG) -> bytes:
    """Return everything that *rrsig* covers: its own fields, then the canonical RRset.

    The RRs are sorted as octet strings, without duplicates (RFC 4034 section 6.3).

    Raises:
        ValueError: the owner has fewer labels than *rrsig* says.
    """
    owner = name_octets(signed_owner(rrset.owner, rrsig.labels))
    head = owner + struct.pack("!HHI", rrset.rdtype, RdataClass.IN, rrsig.original_ttl)
    rdatas = sorted({rdata_octets(rdata) for rdata in rrset.rdatas})
    records = (head + struct.pack("!H", len(rdata)) + rdata for rdata in rdatas)
    return rrsig_prefix(rrsig) + b"".join(records)
