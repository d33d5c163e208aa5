"""Validate what one response says: each alias, the answer, or its denial (RFC 4035 section 5).

Every RRset is judged by the zone that holds it, which need not be the zone of the server asked: a
server may hold parent and child. The verdict of a response is its weakest part.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.checks import Check, Outcome, Report, broken, check
from lab.core.frozen import dataclass
from lab.core.rrsets import RRset, SignedRRset
from lab.core.status import SecurityStatus, worst
from lab.dnssec.canonical import labels
from lab.validator import denial, rules
from lab.validator.chain import Link
from lab.validator.iterate import Reply
from lab.validator.memory import Asking, Memory, parent_side
from lab.validator.proof import Finding
from lab.validator.reading import Alias, Kind, Reading
from lab.validator.rrset import RRsetVerdict, judge_rrset
from lab.validator.walk import establish

_PROOF = frozenset({RdataType.NSEC, RdataType.NSEC3})
_NEGATIVE = _PROOF | {RdataType.SOA}
_STATUS = {
    Finding.PROVEN: SecurityStatus.SECURE,
    Finding.NO_NAME: SecurityStatus.SECURE,
    Finding.OPT_OUT: SecurityStatus.INSECURE,
    Finding.TOO_MANY_ITERATIONS: SecurityStatus.INSECURE,
    Finding.UNPROVEN: SecurityStatus.BOGUS,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Tell how a part of an answer was judged.

    Attributes:
        status: the verdict.
        rrsets: what may be handed on, with TTLs capped.
        report: the evidence.
        finding: what a denial came to; None if nothing was denied.
        authority: what a client needs beside the answer: the SOA of a denial, and its proof.
        forged: an unsigned CNAME that does not follow from its DNAME, and was left aside.
    """

    status: SecurityStatus
    rrsets: tuple[SignedRRset, ...]
    report: Report
    finding: Finding | None = None
    authority: tuple[SignedRRset, ...] = ()
    forged: Check | None = None


def refused(verdict: Verdict) -> Verdict:
    """Return *verdict*, bogus if it is on a forged CNAME."""
    if verdict.forged is None:
        return verdict
    status = SecurityStatus.BOGUS
    title = verdict.report.title
    report = Report(title, Outcome.FAILED, status.value, (verdict.forged,), (verdict.report,))
    return replace(verdict, status=status, report=report)


def judge_reply(memory: Memory, reply: Reply) -> Asking[Verdict]:
    """Return the verdict on everything that *reply* says about its question."""
    reading = reply.reading
    assert reading is not None
    floor = reply.contact.apex
    verdicts: list[Verdict] = []
    if reading.alias is not None:
        verdict = yield from _judge_alias(memory, reading, reading.alias, floor)
        verdicts.append(verdict)
    for signed in reading.rrsets:
        verdict = yield from _judge_rrset(memory, reading, signed, floor)
        verdicts.append(verdict)
    if reading.kind in {Kind.NODATA, Kind.NXDOMAIN}:
        verdict = yield from _judge_denial(memory, reading, floor)
        verdicts.append(verdict)
    title = f"{reading.name} {RdataType.to_text(reading.rdtype)}: {reading.kind.value}"
    return _together(title, verdicts, reply.report("the servers asked"))


def _together(title: str, verdicts: list[Verdict], asked: Report) -> Verdict:
    status = worst(one.status for one in verdicts)
    rrsets = tuple(rrset for one in verdicts for rrset in one.rrsets)
    parts = (asked, *(one.report for one in verdicts))
    finding = next((one.finding for one in verdicts if one.finding is not None), None)
    forged = next((one.forged for one in verdicts if one.forged is not None), None)
    authority = tuple(dict.fromkeys(rrset for one in verdicts for rrset in one.authority))
    report = Report(title, outcome_for(status), status.value, parts=parts)
    return Verdict(status, rrsets, report, finding, authority, forged)


def outcome_for(status: SecurityStatus) -> Outcome:
    """Return how a report ends whose verdict is *status*."""
    trusted = status in {SecurityStatus.SECURE, SecurityStatus.INSECURE}
    return Outcome.PASSED if trusted else Outcome.FAILED


def holder(owner: Name, rdtype: RdataType, signed: Iterable[SignedRRset], floor: Name) -> Name:
    """Return the name under whose zone the RRsets *signed* are to be judged.

    It is the deepest signer name that could be right. Where there is none, only a proof that the
    zone is unsigned can help, which is looked for down to the owner.
    """
    limit = parent_side(owner, rdtype)
    signers = {
        rrsig.signer
        for one in signed
        for rrsig in (*one.rrsigs, *_strays(one))
        if limit.is_subdomain(rrsig.signer) and rrsig.signer.is_subdomain(floor)
    }
    return max(signers, key=len, default=limit)


def _strays(signed: SignedRRset) -> tuple[RRSIG, ...]:
    return tuple(one for one in signed.rrset.rdatas if isinstance(one, RRSIG))


def _judge_rrset(
    memory: Memory, reading: Reading, signed: SignedRRset, floor: Name
) -> Asking[Verdict]:
    """Return the verdict on one RRset, with the proof that is due if a wildcard made it."""
    rrset = signed.rrset
    link = yield from establish(memory, holder(rrset.owner, rrset.rdtype, (signed,), floor))
    if link.status is not SecurityStatus.SECURE:
        return _inherited(link, str(rrset), (signed,))
    if reading.alias is None and RdataType.RRSIG in {reading.rdtype, rrset.rdtype}:
        unsigned = broken(rules.RRSIG_NOT_SIGNED, str(rrset))
        report = Report(str(rrset), Outcome.PASSED, "not authenticated", (unsigned,))
        return Verdict(SecurityStatus.INSECURE, (signed,), report)
    judged = judge_rrset(signed, link.keys(memory.settings), memory.now, memory.effort)
    if not judged.valid:
        below = yield from _unsigned_below(memory, link, parent_side(rrset.owner, rrset.rdtype))
        return _plain(judged) if below is None else _inherited(below, str(rrset), (signed,))
    if judged.wildcard is None:
        return _plain(judged)
    return _expanded(memory, reading, link, judged, judged.wildcard)


def _unsigned_below(memory: Memory, link: Link, name: Name) -> Asking[Link | None]:
    """Return the link of an unsigned zone between that of *link* and *name*; None if all is signed.

    Data that do not convince may come from an unsigned zone, whose signatures and proofs, if there
    are any, mean nothing (RFC 4035 section 4.3). If so, the zones above prove it.
    """
    if name == link.apex:
        return None
    mark = memory.mark()
    below = yield from establish(memory, name)
    if below.status is SecurityStatus.INSECURE:
        return below
    memory.rewind(mark)
    return None


def _plain(judged: RRsetVerdict) -> Verdict:
    status = SecurityStatus.SECURE if judged.valid else SecurityStatus.BOGUS
    return Verdict(status, (judged.signed,), judged.report)


def _expanded(
    memory: Memory, reading: Reading, link: Link, judged: RRsetVerdict, wildcard: Name
) -> Verdict:
    """Return the verdict on an RRset made from *wildcard*: no closer name may exist."""
    owner = judged.signed.rrset.owner
    keys = link.keys(memory.settings)
    evidence = denial.gather(reading.authority, keys, memory.now, memory.effort)
    denied = denial.deny_closer(evidence, owner, wildcard)
    status = _STATUS[denied.finding]
    title = f"{judged.signed.rrset}, expanded from {wildcard}"
    parts = (judged.report, denied.report)
    report = Report(title, outcome_for(status), status.value, parts=parts)
    proof = tuple(one for one in reading.authority if one.rrset.rdtype in _PROOF)
    return Verdict(status, (judged.signed,), report, authority=proof)


def _inherited(link: Link, title: str, rrsets: tuple[SignedRRset, ...]) -> Verdict:
    """Return the verdict of the zone for data in it that need not, or cannot, be judged."""
    conclusion = f"{link.status.value}, as is {link.apex}"
    return Verdict(link.status, rrsets, Report(title, outcome_for(link.status), conclusion))


def _judge_alias(memory: Memory, reading: Reading, alias: Alias, floor: Name) -> Asking[Verdict]:
    if alias.dname is None:
        assert alias.cname is not None
        return (yield from _judge_rrset(memory, reading, alias.cname, floor))
    verdict = yield from _judge_rrset(memory, reading, alias.dname, floor)
    expanded = _expansion_check(alias.dname)
    synthesis = _synthesis_check(alias)
    # What a DNAME of an unsigned zone leads to is as unproven as the DNAME itself.
    if verdict.status is SecurityStatus.SECURE and expanded.failed:
        verdict = replace(verdict, status=SecurityStatus.BOGUS)
    title = f"{alias.owner} by DNAME at {alias.dname.rrset.owner}"
    checks = (expanded,) if synthesis is None else (expanded, synthesis)
    conclusion = verdict.status.value
    report = Report(title, outcome_for(verdict.status), conclusion, checks, (verdict.report,))
    forged = synthesis if synthesis is not None and synthesis.failed else None
    cname = () if alias.target is None else (_synthesised(alias, verdict.rrsets[0]),)
    return Verdict(verdict.status, (*verdict.rrsets, *cname), report, forged=forged)


def _expansion_check(dname: SignedRRset) -> Check:
    wild = any(one.labels < labels(dname.rrset.owner) for one in dname.rrsigs)
    return check(rules.DNAME_NOT_EXPANDED, not wild, str(dname.rrset))


def _synthesis_check(alias: Alias) -> Check | None:
    if alias.cname is None:
        return None
    met = cast("CNAME", alias.cname.rrset.rdatas[0]).target
    facts = {"met": met, "computed": alias.target or "a name that is too long"}
    same = met == alias.target
    return check(rules.DNAME_SYNTHESIS, same, str(alias.cname.rrset), **facts)


def _synthesised(alias: Alias, dname: SignedRRset) -> SignedRRset:
    """Return the CNAME that *dname* stands for, whatever the server made of it (RFC 6672 3.1)."""
    assert alias.target is not None
    cname = CNAME(RdataClass.IN, RdataType.CNAME, alias.target)
    return SignedRRset(RRset(alias.owner, RdataType.CNAME, dname.rrset.ttl, (cname,)))


def _judge_denial(memory: Memory, reading: Reading, floor: Name) -> Asking[Verdict]:
    """Return the verdict on NODATA or NXDOMAIN at the last name of *reading*."""
    name, rdtype = reading.name, reading.rdtype
    negative = tuple(one for one in reading.authority if one.rrset.rdtype in _NEGATIVE)
    link = yield from establish(memory, holder(name, rdtype, negative, floor))
    title = f"{name} {RdataType.to_text(rdtype)}: {reading.kind.value}"
    if link.status is not SecurityStatus.SECURE:
        return replace(_inherited(link, title, ()), authority=negative)
    keys = link.keys(memory.settings)
    evidence = denial.gather(reading.authority, keys, memory.now, memory.effort)
    if reading.kind is Kind.NXDOMAIN:
        denied = denial.deny_name(evidence, name)
    else:
        denied = denial.deny_type(evidence, name, rdtype)
    if denied.finding is Finding.UNPROVEN:
        unsigned = yield from _unsigned_below(memory, link, parent_side(name, rdtype))
        if unsigned is not None:
            return replace(_inherited(unsigned, title, ()), authority=negative)
    status = _STATUS[denied.finding]
    forged = None
    if status is SecurityStatus.SECURE:
        forged = denial.bad_soa(reading.authority, keys, memory.now, memory.effort)
    if forged is not None:
        parts = (denied.report, forged)
        report = Report(title, Outcome.FAILED, SecurityStatus.BOGUS.value, parts=parts)
        return Verdict(SecurityStatus.BOGUS, (), report, authority=negative)
    return Verdict(status, (), denied.report, denied.finding, negative)
