"""Read one response for one question: what does it say, as far as its server may say it?

Decides: answer, alias that leads elsewhere, denial, referral or none of these (RFC 1034 section
5.3.3, RFC 2308 section 2). Data from outside the zone of the server asked are dropped here. Nothing
is validated yet.
"""

from dataclasses import replace
from enum import Enum
from typing import cast

import dns.rrset
from dns.flags import Flag
from dns.message import Message
from dns.name import Name, NameTooLong
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.DNAME import DNAME

from lab.core.frozen import dataclass
from lab.core.question import Role
from lab.core.rrsets import SignedRRset, group


class Kind(Enum):
    """Name what a response amounts to."""

    ANSWER = "answer"
    NODATA = "NODATA"
    NXDOMAIN = "NXDOMAIN"
    ALIAS = "alias"
    TOO_LONG = "DNAME gives a name that is too long"
    REFERRAL = "referral"
    LAME = "lame"


@dataclass(frozen=True, slots=True)
class Alias:
    """Hold one step of an alias chain.

    Attributes:
        owner: the name that is an alias.
        target: where it leads; None if a DNAME makes a name of more than 255 octets.
        cname: as met; None if the server sent a DNAME alone.
        dname: the DNAME that the step follows from; None for a CNAME in its own right.
    """

    owner: Name
    target: Name | None
    cname: SignedRRset | None
    dname: SignedRRset | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Say what a response amounts to.

    Attributes:
        kind: which of the others are set.
        name: the QNAME.
        rdtype: the QTYPE.
        rrsets: the answer; several for QTYPE ANY and RRSIG.
        authority: the authority section, within the zone asked.
        alias: the first step of an alias chain; the rest of the message is read for itself.
        child: apex of the zone that a referral leads to.
    """

    kind: Kind
    name: Name
    rdtype: RdataType
    rrsets: tuple[SignedRRset, ...] = ()
    authority: tuple[SignedRRset, ...] = ()
    alias: Alias | None = None
    child: Name | None = None


def read(
    message: Message,
    apex: Name,
    qname: Name,
    rdtype: RdataType,
    role: Role = Role.AUTHORITATIVE,
) -> Reading:
    """Return what *message*, from a server of the zone *apex*, says about the question."""
    answer = _section(message, message.answer, apex)
    authority = _section(message, message.authority, apex)
    rrsets = _matching(answer, qname, rdtype)
    found = Reading(Kind.ANSWER, qname, rdtype, rrsets, authority)
    alias = _alias(answer, qname)
    if rrsets and (alias is None or alias.dname is None):
        return found
    if alias is None:
        return _negative(message, found, apex, role)
    # RFC 6672 section 2.4: nothing stands below a DNAME, but the CNAME that is made from it.
    return replace(found, kind=_kind_of(alias, rdtype), rrsets=(), alias=alias)


def _kind_of(alias: Alias, rdtype: RdataType) -> Kind:
    if alias.target is None:
        return Kind.TOO_LONG
    # RFC 1034 section 3.6.2: whoever asks for CNAME, or for anything, is not led on.
    made = alias.dname is not None and rdtype in {RdataType.CNAME, RdataType.ANY}
    return Kind.ANSWER if made else Kind.ALIAS


def _section(
    message: Message, section: list[dns.rrset.RRset], apex: Name
) -> tuple[SignedRRset, ...]:
    """Return the RRsets of *section* that a server of the zone *apex* may speak of.

    RFC 2181 section 5.4.1: a server is heard about its own zone only. An RRSIG that stands in
    another section than its RRset is taken along: it convinces by itself or not at all.
    """
    elsewhere = [
        one
        for part in (message.answer, message.authority, message.additional)
        for one in part
        if part is not section and one.rdtype == RdataType.RRSIG
    ]
    own = [one for one in section if one.name.is_subdomain(apex)]
    present = {(one.name, one.rdtype, one.covers) for one in own}
    borrowed = [
        one
        for one in elsewhere
        if (one.name, one.rdtype, one.covers) not in present
        and (one.name, one.covers, RdataType.NONE) in present
    ]
    return group([*own, *borrowed])


def _matching(
    section: tuple[SignedRRset, ...], name: Name, rdtype: RdataType
) -> tuple[SignedRRset, ...]:
    own = tuple(one for one in section if one.rrset.owner == name)
    if rdtype == RdataType.ANY:
        return tuple(one for one in own if one.rrset.rdtype != RdataType.RRSIG)
    if rdtype == RdataType.RRSIG:
        return tuple(one for one in own if one.rrset.rdtype == RdataType.RRSIG or one.rrsigs)
    return tuple(one for one in own if one.rrset.rdtype == rdtype)


def _alias(answer: tuple[SignedRRset, ...], name: Name) -> Alias | None:
    cname = next(iter(_matching(answer, name, RdataType.CNAME)), None)
    dname = _dname_above(answer, name)
    # RFC 6672 section 5.3.1: the CNAME made from a DNAME is not signed; a signed one is its own.
    if dname is not None and (cname is None or not cname.rrsigs):
        return Alias(name, _substitute(name, dname), cname, dname)
    if cname is not None:
        return Alias(name, cast("CNAME", cname.rrset.rdatas[0]).target, cname)
    return None


def _dname_above(answer: tuple[SignedRRset, ...], name: Name) -> SignedRRset | None:
    above = (
        one
        for one in answer
        if one.rrset.rdtype == RdataType.DNAME
        and name != one.rrset.owner
        and name.is_subdomain(one.rrset.owner)
    )
    return next(above, None)


def _substitute(name: Name, dname: SignedRRset) -> Name | None:
    """Return where *dname* sends *name* (RFC 6672 section 2.3); None if that is too long."""
    target = cast("DNAME", dname.rrset.rdatas[0]).target
    try:
        return name.relativize(dname.rrset.owner).concatenate(target)
    except NameTooLong:
        return None


def read_on(message: Message, apex: Name, about: Reading, role: Role) -> Reading | None:
    """Return what *message* adds about the target of the alias that *about* ends in.

    None if it adds nothing. A recursive server has followed the whole chain, so that its RCODE and
    its authority section speak of the last name (RFC 6604 section 3, RFC 2308 section 2.1). Of an
    authoritative one only answers within its own zone are read.
    """
    alias = about.alias
    if alias is None or alias.target is None or not alias.target.is_subdomain(apex):
        return None
    reading = read(message, apex, alias.target, about.rdtype, role)
    followed = any(one.name == alias.target for one in message.answer)
    return reading if followed or role is Role.RECURSIVE else None


def _negative(message: Message, found: Reading, apex: Name, role: Role) -> Reading:
    """Return *found* with the kind of a response that holds no answer."""
    if message.rcode() == Rcode.NXDOMAIN:
        return replace(found, kind=Kind.NXDOMAIN)
    if role is Role.RECURSIVE:
        return replace(found, kind=Kind.NODATA)
    has_soa = any(one.rrset.rdtype == RdataType.SOA for one in found.authority)
    child = None if has_soa else _child(found, apex)
    if child is not None:
        return _referral(found, child)
    if has_soa or message.flags & (Flag.AA | Flag.RA):
        return replace(found, kind=Kind.NODATA)
    # RFC 1034 section 5.3.3: neither an answer nor a delegation closer to it.
    denies = {one.rrset.rdtype for one in found.authority} & {RdataType.NSEC, RdataType.NSEC3}
    return replace(found, kind=Kind.NODATA if denies else Kind.LAME)


def _child(found: Reading, apex: Name) -> Name | None:
    cuts = (
        one.rrset.owner
        for one in found.authority
        if one.rrset.rdtype == RdataType.NS
        and one.rrset.owner != apex
        and found.name.is_subdomain(one.rrset.owner)
    )
    return next(cuts, None)


def _referral(found: Reading, child: Name) -> Reading:
    if found.rdtype == RdataType.DS and found.name == child:
        # RFC 4035 section 3.1.4: the referral holds what the parent has to say about the DS.
        rrsets = _matching(found.authority, child, RdataType.DS)
        return replace(found, kind=Kind.ANSWER if rrsets else Kind.NODATA, rrsets=rrsets)
    return replace(found, kind=Kind.REFERRAL, child=child)
