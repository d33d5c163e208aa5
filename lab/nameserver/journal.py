"""One change of one zone as octets, for a journal: records as on the wire, without compression.

The text form of a record may lose something that the octets have; these give back what was there.
"""

import struct
from collections.abc import Iterator

import dns.exception
import dns.rdata
from dns.name import Name, from_wire
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.rrsets import RRset
from lab.nameserver.difference import Difference

_COUNTS = struct.Struct("!II")
# Type, TTL, number of records; then each record with its length before it.
_HEAD = struct.Struct("!HIH")
_LENGTH = struct.Struct("!H")


def push_difference(change: Difference) -> bytes:
    """Return *change* as octets."""
    counts = _COUNTS.pack(len(change.removed), len(change.added))
    return counts + b"".join(map(_push_rrset, (*change.removed, *change.added)))


def _push_rrset(rrset: RRset) -> bytes:
    wires = [_wire(rdata) for rdata in rrset.rdatas]
    head = _HEAD.pack(rrset.rdtype, rrset.ttl, len(wires))
    return _wire(rrset.owner) + head + b"".join(_LENGTH.pack(len(one)) + one for one in wires)


def _wire(what: Name | Rdata) -> bytes:
    wire = what.to_wire()
    assert wire is not None  # it is None only when a file to write to was passed
    return wire


def pull_difference(octets: bytes) -> Difference:
    """Return the change that `push_difference` wrote.

    Raises:
        InputError: the octets are no such change.
    """
    try:
        removed, added = _COUNTS.unpack_from(octets)
        rrsets = _pull_rrsets(octets)
        change = Difference(
            tuple(next(rrsets) for _ in range(removed)), tuple(next(rrsets) for _ in range(added))
        )
    except (dns.exception.DNSException, struct.error, ValueError, RuntimeError) as error:
        raise InputError(f"this is no change of a zone: {error}") from error
    if next(rrsets, None) is not None:
        raise InputError("this is no change of a zone: something follows it")
    return change


def _pull_rrsets(octets: bytes) -> Iterator[RRset]:
    at = _COUNTS.size
    while at < len(octets):
        owner, used = from_wire(octets, at)
        rdtype, ttl, count = _HEAD.unpack_from(octets, at + used)
        at += used + _HEAD.size
        rdatas = []
        for _ in range(count):
            (length,) = _LENGTH.unpack_from(octets, at)
            at += _LENGTH.size
            rdatas.append(dns.rdata.from_wire(RdataClass.IN, rdtype, octets, at, length))
            at += length
        yield RRset(owner, RdataType.make(rdtype), ttl, tuple(rdatas))
