"""The link of parent and child: a DS is a digest of the child's DNSKEY (RFC 4034 section 5)."""

from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from lab.core.errors import UnsupportedError
from lab.dnssec.algorithms import DIGESTS
from lab.dnssec.canonical import name_octets, rdata_octets
from lab.dnssec.keys import key_tag


def ds_digest(owner: Name, dnskey: DNSKEY, digest_type: int) -> bytes:
    """Return digest(canonical owner | DNSKEY RDATA) (RFC 4034 section 5.1.4).

    Raises:
        UnsupportedError: *digest_type* has no row in DIGESTS.
    """
    digest = DIGESTS.get(digest_type)
    if digest is None:
        raise UnsupportedError(f"DS digest type {digest_type} is not implemented")
    return digest(name_octets(owner) + rdata_octets(dnskey))


def make_ds(owner: Name, dnskey: DNSKEY, digest_type: int) -> DS:
    """Return the DS record that the parent of *owner* publishes for *dnskey*."""
    digest = ds_digest(owner, dnskey, digest_type)
    return DS(
        RdataClass.IN, RdataType.DS, key_tag(dnskey), int(dnskey.algorithm), digest_type, digest
    )


def matches(ds: DS, owner: Name, dnskey: DNSKEY) -> bool:
    """Tell whether *ds* names *dnskey*: tag, algorithm and digest (RFC 4035 section 5.2).

    Raises:
        UnsupportedError: its digest type has no row in DIGESTS.
    """
    return (
        ds.key_tag == key_tag(dnskey)
        and ds.algorithm == dnskey.algorithm
        and ds.digest == ds_digest(owner, dnskey, ds.digest_type)
    )
