"""What a child tells its parent about the DS RRset that it wants (RFC 7344, RFC 8078).

Decides: what CDS and CDNSKEY hold, and whether a parent may do what they say. Not: whether they are
authentic DNS data; the validator has seen to that.
"""

from collections.abc import Iterable, Iterator
from typing import cast

from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CDNSKEY import CDNSKEY
from dns.rdtypes.ANY.CDS import CDS
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from lab.core.rrsets import RRset
from lab.dnssec.delegation import make_ds
from lab.dnssec.keys import KeySet

# RFC 8078 section 4: "0 0 0 0" and "0 3 0 0", the last field being one octet of zero.
DELETE_CDS = CDS(RdataClass.IN, RdataType.CDS, 0, 0, 0, b"\x00")
DELETE_CDNSKEY = CDNSKEY(RdataClass.IN, RdataType.CDNSKEY, 0, 3, 0, b"\x00")


def cds_rrsets(apex: Name, keys: KeySet, digests: Iterable[int], ttl: int) -> Iterator[RRset]:
    """Iterate over CDS and CDNSKEY of a zone: each delegated key, or nothing if there is none."""
    wanted = [key.dnskey for key in keys.delegated]
    cds = [_cds(make_ds(apex, one, digest)) for one in wanted for digest in digests]
    cdnskeys = [_cdnskey(one) for one in wanted]
    if wanted:
        yield RRset(apex, RdataType.CDS, ttl, tuple(cds))
        yield RRset(apex, RdataType.CDNSKEY, ttl, tuple(cdnskeys))


def delete_rrsets(apex: Name, ttl: int) -> Iterator[RRset]:
    """Iterate over CDS and CDNSKEY of a zone that wants no DS any more (RFC 8078 section 4)."""
    yield RRset(apex, RdataType.CDS, ttl, (DELETE_CDS,))
    yield RRset(apex, RdataType.CDNSKEY, ttl, (DELETE_CDNSKEY,))


def _cds(ds: DS) -> CDS:
    return CDS(RdataClass.IN, RdataType.CDS, ds.key_tag, ds.algorithm, ds.digest_type, ds.digest)


def _cdnskey(key: DNSKEY) -> CDNSKEY:
    return CDNSKEY(
        RdataClass.IN, RdataType.CDNSKEY, key.flags, key.protocol, key.algorithm, key.key
    )


def wishes_no_ds(rrset: RRset) -> bool:
    """Tell whether a CDS RRset is the delete form, which stands alone (RFC 8078 section 4)."""
    return len(rrset.rdatas) == 1 and cast("CDS", rrset.rdatas[0]).algorithm == 0


def wished_ds(rrset: RRset) -> tuple[DS, ...]:
    """Return the DS RRset that a CDS RRset asks for; none for the delete form."""
    if wishes_no_ds(rrset):
        return ()
    return tuple(
        DS(RdataClass.IN, RdataType.DS, one.key_tag, one.algorithm, one.digest_type, one.digest)
        for one in rrset.rdatas
        if isinstance(one, CDS)
    )
