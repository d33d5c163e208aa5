"""A validation as a DNS response: what a validating resolver says to its clients.

Decides RCODE, AD, CD, EDE and which records go along (RFC 4035 section 3.2, RFC 6840 sections 5.7
to 5.9, RFC 8914). How octets travel is left to `net`.
"""

from collections.abc import Iterable
from dataclasses import replace

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.rrset
from dns.message import Message, QueryMessage
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.core.rrsets import SignedRRset
from lab.core.rules import Ede
from lab.core.status import SecurityStatus
from lab.nameserver.query import UDP_PAYLOAD
from lab.present.special_names import TTL, Local, special
from lab.validator.resolve import Resolution, ResolutionKind, Validation

EDE_TEXT_LIMIT = 160

_PROOF = frozenset({RdataType.NSEC, RdataType.NSEC3})
_RCODES = {
    ResolutionKind.POSITIVE: Rcode.NOERROR,
    ResolutionKind.NODATA: Rcode.NOERROR,
    ResolutionKind.NXDOMAIN: Rcode.NXDOMAIN,
}
# RFC 6895 section 3.1: 128 to 255 and OPT are no data; a resolver has nothing to look up for them.
_META = range(128, 255)


def at_once(query: QueryMessage) -> Message | None:
    """Return the answer to a query for which nobody has to be asked; None if somebody has."""
    response = refusal(query)
    if response is not None:
        return response
    known = special(query.question[0].name, query.question[0].rdtype)
    return None if known is None else local(query, known)


def refusal(query: QueryMessage) -> Message | None:
    """Return the answer to a query that is not to be resolved; None if it is."""
    question = query.question[0]
    if query.edns > 0:
        # RFC 6891 section 6.1.3.
        return _empty(query, Rcode.BADVERS)
    if question.rdclass != RdataClass.IN:
        return _empty(query, Rcode.REFUSED)
    if question.rdtype in _META or question.rdtype in {RdataType.OPT, RdataType.NONE}:
        return _empty(query, Rcode.NOTIMP)
    if not query.flags & dns.flags.RD:
        # RFC 1034 section 4.3.1: without RD only what is here already is asked for, which is none.
        return _empty(query, Rcode.REFUSED, (Ede.NOT_AUTHORITATIVE, "this resolver only recurses"))
    return None


def failure(query: QueryMessage, why: str, ede: Ede = Ede.OTHER) -> Message:
    """Return SERVFAIL with *why* as an Extended DNS Error."""
    return _empty(query, Rcode.SERVFAIL, (ede, why))


def local(query: QueryMessage, answer: Local) -> Message:
    """Return the response with a special-use name's *answer*: never AD, nobody signed it."""
    response = _empty(query, answer.rcode)
    if answer.rdatas:
        owner = query.question[0].name
        response.answer.append(dns.rrset.from_rdata_list(owner, TTL, answer.rdatas))
    return response


def respond(query: QueryMessage, validation: Validation) -> Message:
    """Return what *validation* is to the client that sent *query*."""
    resolution = validation.resolution.require(validation.status)
    checking = not query.flags & dns.flags.CD
    errors = _errors(validation)
    # RFC 4035 section 3.2.2: whoever sets CD judges for himself, so he is given what there is.
    if checking and validation.rcode == Rcode.SERVFAIL:
        return _empty(query, Rcode.SERVFAIL, *errors)
    response = _empty(query, _RCODES.get(resolution.kind, validation.rcode), *errors)
    dnssec = bool(query.ednsflags & dns.flags.DO) and query.edns >= 0
    _fill(response, resolution, dnssec=dnssec)
    # RFC 6840 section 5.8: AD only for those who said by DO or AD that they understand it.
    understood = dnssec or bool(query.flags & dns.flags.AD)
    if understood and validation.status is SecurityStatus.SECURE:
        response.flags |= dns.flags.AD
    return response


def _fill(response: Message, resolution: Resolution, *, dnssec: bool) -> None:
    response.answer = list(_records(resolution.rrsets, dnssec=dnssec))
    wanted = resolution.authority
    if not dnssec:
        # RFC 4035 section 3.2.1: without DO no DNSSEC records but those asked for by their type.
        wanted = tuple(one for one in wanted if one.rrset.rdtype not in _PROOF)
    response.authority = list(_records(wanted, dnssec=dnssec))


def _records(signed: Iterable[SignedRRset], *, dnssec: bool) -> Iterable[dns.rrset.RRset]:
    for one in signed:
        # RFC 2181 section 5.2 as read by RFC 4034 section 3: an RRSIG has the TTL of its RRset.
        kept = replace(one, rrsigs=one.rrsigs if dnssec else (), rrsig_ttl=one.rrset.ttl)
        yield from kept.to_dns()


def _errors(validation: Validation) -> tuple[tuple[Ede, str], ...]:
    """Return each Extended DNS Error with the check that it comes from: subject and rule."""
    decisive = validation.report.first_failure()
    failed = [one for one in validation.report.every_check() if one.failed]
    known = failed if decisive is None else [decisive, *failed]
    texts = {one.rule.ede: f"{one.subject}: {one.rule.id}" for one in reversed(known)}
    return tuple((one, texts.get(one, "")) for one in validation.ede)


def _empty(query: QueryMessage, rcode: Rcode, *errors: tuple[Ede, str]) -> Message:
    response = dns.message.make_response(query, recursion_available=True)
    response.flags &= ~dns.flags.AD
    # RFC 4035 section 3.2.2: CD is copied.
    response.flags |= query.flags & dns.flags.CD
    if query.edns >= 0:
        options: list[dns.edns.Option] = [
            dns.edns.EDEOption(dns.edns.EDECode(int(code)), text[:EDE_TEXT_LIMIT] or None)
            for code, text in errors
        ]
        response.use_edns(0, query.ednsflags & dns.flags.DO, UDP_PAYLOAD, options=options)
    response.set_rcode(rcode)
    return response


def fitted(query: QueryMessage, response: Message, limit: int) -> bytes:
    """Return the octets of *response*, or those of an empty one with TC if it is too long."""
    try:
        return response.to_wire(max_size=limit)
    except dns.exception.TooBig:
        short = dns.message.make_response(query, recursion_available=True)
        short.flags |= dns.flags.TC | response.flags & dns.flags.CD
        if query.edns >= 0:
            short.use_edns(0, query.ednsflags & dns.flags.DO, UDP_PAYLOAD)
        short.set_rcode(response.rcode())
        return short.to_wire(max_size=limit)
