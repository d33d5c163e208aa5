"""Files that tell a validator where to start: trust anchors as IANA publishes them, and root hints.

Anchors come in presentation format (`validator.anchor`) or as the XML of RFC 9718, the successor
of RFC 7958, in which each digest has a time from which, and until which, it may be used.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from dns.exception import DNSException
from dns.name import Name, from_text, root
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.IN.A import A
from dns.zonefile import read_rrsets

from lab.core.errors import InputError
from lab.core.instant import Instant
from lab.core.question import Server
from lab.validator.anchor import KEPT, TrustAnchor, parse_anchors


def read_anchors(text: str, where: str, now: Instant) -> tuple[TrustAnchor, ...]:
    """Return the anchors of *text* that may be used *now*, in whichever of the two forms it is.

    Raises:
        InputError: names *where*; also if there is no anchor for *now*.
    """
    xml = text.lstrip().startswith("<")
    anchors = _parse_xml(text, where, now) if xml else parse_anchors(text, where)
    if not anchors:
        raise InputError(f"there is no trust anchor that is valid at {now}", where)
    return anchors


def _parse_xml(text: str, where: str, now: Instant) -> tuple[TrustAnchor, ...]:
    # Entities could swell without end, and nothing in RFC 9718 needs a document type.
    if "<!DOCTYPE" in text:
        raise InputError("a trust anchor file has no document type", where)
    try:
        tree = ET.fromstring(text)  # noqa: S314 no document type, so no entities
        apex = from_text(_text(tree, "Zone"))
        ds = tuple(_digests(tree, now))
    except (ET.ParseError, DNSException, ValueError, TypeError) as error:
        raise InputError(f"this is no trust anchor file (RFC 9718): {error}", where) from error
    return (TrustAnchor(apex, ds),) if ds else ()


def _digests(tree: ET.Element, now: Instant) -> Iterator[DS]:
    for one in tree.iterfind("KeyDigest"):
        # RFC 9718 section 2.2: only to be used from validFrom on, and until validUntil.
        begin, end = one.get("validFrom"), one.get("validUntil")
        if begin is None:
            raise ValueError("a KeyDigest without validFrom")
        if _instant(begin) <= now and (end is None or now <= _instant(end)):
            yield DS(
                RdataClass.IN,
                RdataType.DS,
                int(_text(one, "KeyTag")),
                int(_text(one, "Algorithm")),
                int(_text(one, "DigestType")),
                bytes.fromhex(_text(one, "Digest")),
            )


def _text(element: ET.Element, tag: str) -> str:
    found = element.findtext(tag)
    if found is None or not found.strip():
        raise ValueError(f"{element.tag} without {tag}")
    return found.strip()


def _instant(text: str) -> Instant:
    return Instant(int(datetime.fromisoformat(text).timestamp()))


@lru_cache(maxsize=KEPT)
def parse_hints(text: str, where: str) -> tuple[Server, ...]:
    """Return the root servers of a hints file (RFC 9609), those with an IPv4 address.

    Raises:
        InputError: it is no such file; names *where*.
    """
    try:
        rrsets = read_rrsets(text, rdclass=None, default_ttl=0, origin=root, relativize=False)
    except (DNSException, ValueError) as error:
        raise InputError(f"these are no root hints: {error}", where) from error
    names: list[Name] = []
    addresses: dict[Name, list[str]] = {}
    for rrset in rrsets:
        for rdata in rrset:
            if isinstance(rdata, NS) and rrset.name == root:
                names.append(rdata.target)
            if isinstance(rdata, A):
                addresses.setdefault(rrset.name, []).append(rdata.address)
    servers = tuple(Server(name, one) for name in names for one in addresses.get(name, ()))
    if not servers:
        raise InputError("no root server with an IPv4 address", where)
    return servers
