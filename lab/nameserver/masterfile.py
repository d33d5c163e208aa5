"""Read master files (RFC 1035 section 5); every mistake is a ZoneError with file and line.

dnspython reads; this module refuses what dnspython passes over in silence, and what a zone of this
lab cannot hold.
"""

import re
from collections.abc import Iterator

import dns.exception
import dns.zone
from dns.btreezone import Zone as BTreeZone
from dns.name import Name
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType, is_singleton
from dns.transaction import Transaction

from lab.core.errors import ZoneError
from lab.nameserver.gathering import Gathering
from lab.nameserver.leaves import Leaf
from lab.nameserver.plain_lines import PlainReader

_LOCATED = re.compile(r"(?P<line>\d+): (?P<what>.*)", re.DOTALL)

# RFC 2181 section 8.
_MAX_TTL = 2**31 - 1

_MADE_WHEN_ASKED = "signatures and proofs are made when an answer needs them"
_UNWANTED = {
    RdataType.RRSIG: _MADE_WHEN_ASKED,
    RdataType.NSEC: _MADE_WHEN_ASKED,
    RdataType.NSEC3: _MADE_WHEN_ASKED,
    RdataType.NSEC3PARAM: _MADE_WHEN_ASKED,
    RdataType.ZONEMD: "the digest of a zone is made when the zone is published",
}


def parse_whole(text: str, apex: Name, where: str) -> BTreeZone:
    """Return the records of a master file, which has SOA and NS at *apex*.

    Raises:
        ZoneError: names *where* and the line, and what was expected there.
    """
    tree = parse_piece(text, apex, where)
    leaf = tree.get_node(apex)
    types = leaf.types if isinstance(leaf, Leaf) else ()
    if RdataType.SOA not in types:
        raise ZoneError(f"the zone {apex} has no SOA record at its apex", where)
    if RdataType.NS not in types:
        raise ZoneError(f"the zone {apex} has no NS records at its apex", where)
    return tree


def parse_piece(text: str, apex: Name, where: str, ttl: int | None = None) -> BTreeZone:
    """Return the records of a piece of master file of the zone *apex*.

    Args:
        text: the piece.
        apex: of the zone.
        where: name of the text, for errors.
        ttl: of records that give none; None: each must, or `$TTL` for it.

    Raises:
        ZoneError: as `parse_whole`.
    """
    try:
        return _read(text, apex, where, ttl)
    except (dns.exception.DNSException, ValueError) as error:
        raise _located(str(error), text, apex, where) from error


def _read(text: str, apex: Name, where: str, ttl: int | None = None) -> BTreeZone:
    gathering = Gathering(apex)
    gathering.check_put_rdataset(_check_record)
    PlainReader(text, where, gathering, ttl).read()
    return gathering.tree()


def _check_record(transaction: Transaction, owner: Name, rdataset: Rdataset) -> None:
    """Refuse a record that makes no sense here, or not beside those before it."""
    rdtype = rdataset.rdtype
    if rdtype in _UNWANTED:
        raise dns.exception.SyntaxError(f"no {rdtype.name} records: {_UNWANTED[rdtype]}")
    if rdataset.ttl > _MAX_TTL:
        raise dns.exception.SyntaxError(f"the TTL {rdataset.ttl} is greater than {_MAX_TTL}")
    present = transaction.get(owner, rdtype)
    if is_singleton(rdtype) and present is not None and present != rdataset:
        raise dns.exception.SyntaxError(f"{owner} has its {rdtype.name} record already")
    apex, _, _ = transaction.manager.origin_information()
    # RFC 4592 section 4.2: nobody has said what the delegation of a wildcard would mean.
    if rdtype == RdataType.NS and owner.is_wild() and owner != apex:
        raise dns.exception.SyntaxError(f"the wildcard {owner} cannot be delegated")
    # RFC 6672 section 3.3: nor what its redirection would.
    if rdtype == RdataType.DNAME and owner.is_wild():
        raise dns.exception.SyntaxError(f"the wildcard {owner} cannot be redirected")
    check_company(transaction, owner, rdataset)


def check_company(transaction: Transaction, owner: Name, rdataset: Rdataset) -> None:
    """Refuse data beside a CNAME (RFC 1034 section 3.6.2) or below a DNAME, in a transaction.

    Raises:
        SyntaxError: of dnspython, which a reader turns into one with file and line.
    """
    node = transaction.get_node(owner)
    present = node.types if isinstance(node, Leaf) else (one.rdtype for one in node or ())
    types = {rdataset.rdtype, *present}
    if RdataType.CNAME in types and len(types) > 1:
        raise dns.exception.SyntaxError(
            f"{owner} has a CNAME and other records; only one of them may stay"
        )
    apex, _, _ = transaction.manager.origin_information()
    # RFC 6672 section 2.3: a subtree is delegated or redirected, not both.
    if {RdataType.DNAME, RdataType.NS} <= types and owner != apex:
        raise dns.exception.SyntaxError(f"{owner} has NS and DNAME; only one of them may stay")
    above = owner
    while above != apex:
        above = above.parent()
        if transaction.get(above, RdataType.DNAME) is not None:
            raise dns.exception.SyntaxError(f"{owner} is below the DNAME at {above}")
    if rdataset.rdtype == RdataType.DNAME:
        below = next(iter(_below(transaction, owner)), None)
        if below is not None:
            raise dns.exception.SyntaxError(f"{below} is below the DNAME at {owner}")


def _below(transaction: Transaction, owner: Name) -> Iterator[Name]:
    """Iterate over the names below *owner*, where nothing may be when it gets a DNAME."""
    names = transaction.iterate_names()
    return (name for name in names if name != owner and name.is_subdomain(owner))


def _located(message: str, text: str, apex: Name, where: str) -> ZoneError:
    """Return dnspython's `file:line: what` as an error that keeps the two apart."""
    found = _LOCATED.fullmatch(message.removeprefix(f"{where}:"))
    if found is None:
        return ZoneError(f"this is not a valid master file: {message}", where)
    line, what = int(found["line"]), found["what"]
    # dnspython may already stand on the next line: then the lines before it fail alike.
    before = "".join(text.splitlines(keepends=True)[: line - 1])
    try:
        _read(before, apex, where)
    except dns.exception.DNSException as error:
        line -= str(error).endswith(f": {what}")
    return ZoneError(f"this is not a valid master file line: {what}", f"{where}:{line}")
