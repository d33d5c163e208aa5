"""The octets that a signature covers, step by step (RFC 4034 sections 3.1.8.1 and 6).

Signed is the RRSIG RDATA without its signature, then RR(1), RR(2), …, where each RR is
owner | type | class | original TTL | RDATA length | canonical RDATA.
"""

import struct
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from dns.ipv6 import inet_aton
from dns.name import Name, root
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

from lab.core.rrsets import RRset

_WILDCARD = b"*"
# The numbers of an RRSIG, which stand before its signer name (RFC 4034 section 3.1).
RRSIG_HEAD = struct.Struct("!HBBIIIH")
_RECORD = struct.Struct("!HHI")
_LENGTHS = [bytes((length,)) for length in range(64)]
_GROUPS = 8
_SIX = struct.Struct("!8H")


def name_octets(name: Name) -> bytes:
    """Return *name* lower-cased and uncompressed (RFC 4034 section 6.2, items 1 to 3)."""
    return _octets(name.labels)


@lru_cache(maxsize=4096)
def _octets(labels: tuple[bytes, ...]) -> bytes:
    # The lengths, 63 at most, are no letters.
    return _joined(labels).lower()


def _joined(labels: tuple[bytes, ...]) -> bytes:
    octets = b"".join([_LENGTHS[len(label)] + label for label in labels])
    # A name without the root at its end is below the root, too.
    return octets if labels[-1:] == root.labels else octets + b"\0"


def wire_of(name: Name) -> bytes:
    """Return *name* uncompressed, its letters as they are."""
    return _joined(name.labels)


# RFC 4034 section 6.2, item 3, as RFC 6840 section 5.1 has it: types whose names are lower-cased.
_NAMED = "NS MD MF CNAME SOA MB MG MR PTR MINFO MX RP AFSDB RT SIG PX NXT NAPTR KX SRV DNAME A6"
WITH_NAMES = frozenset({RdataType[one] for one in _NAMED.split()})

_Writer: TypeAlias = Callable[[Any, Callable[[Name], bytes]], bytes]

# The records that zones are full of: dnspython makes a name of each suffix, and is in no hurry with
# addresses. What is given is the rdata, and how names are written.
_WRITERS: Mapping[type[Rdata], _Writer] = {
    A: lambda rdata, _: bytes(map(int, rdata.address.split("."))),
    AAAA: lambda rdata, _: _address_six(rdata.address),
    NS: lambda rdata, write: write(rdata.target),
    CNAME: lambda rdata, write: write(rdata.target),
    PTR: lambda rdata, write: write(rdata.target),
    MX: lambda rdata, write: rdata.preference.to_bytes(2, "big") + write(rdata.exchange),
    # RFC 6840 section 5.1: the name in it keeps its letters.
    NSEC: lambda rdata, _: wire_of(rdata.next) + windows_octets(rdata.windows),
}


def rdata_octets(rdata: Rdata) -> bytes:
    """Return canonical RDATA: names inside the types of RFC 4034 section 6.2 are lower-cased.

    dnspython keeps a list of these types, too.
    """
    write = _WRITERS.get(type(rdata))
    if write is not None:
        return write(rdata, name_octets)
    octets = rdata.to_wire(origin=root, canonicalize=True)
    assert octets is not None
    return octets


def published_octets(rdata: Rdata) -> bytes:
    """Return RDATA uncompressed, its letters as they are."""
    write = _WRITERS.get(type(rdata))
    if write is not None:
        return write(rdata, wire_of)
    octets = rdata.to_wire(origin=root)
    assert octets is not None
    return octets


def _address_six(text: str) -> bytes:
    """Return the octets of an address as dnspython writes it (RFC 5952)."""
    if "." in text:
        return inet_aton(text)
    head, gap, tail = text.partition("::")
    first = [int(one, 16) for one in head.split(":")] if head else []
    last = [int(one, 16) for one in tail.split(":")] if tail else []
    zeros = [0] * (_GROUPS - len(first) - len(last)) if gap else []
    return _SIX.pack(*first, *zeros, *last)


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
    return joined_records(owner, rrset.rdtype, ttl, [rdata_octets(one) for one in rrset.rdatas])


def joined_records(owner: bytes, rdtype: int, ttl: int, rdatas: Collection[bytes]) -> bytes:
    """Return the same for canonical *rdatas*, in any order."""
    head = owner + _RECORD.pack(rdtype, RdataClass.IN, ttl)
    if len(rdatas) > 1:
        rdatas = sorted(set(rdatas))
    return b"".join([head + len(one).to_bytes(2, "big") + one for one in rdatas])
