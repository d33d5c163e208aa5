"""Resolve a name from the root hints down and say how far the answer is to be trusted.

The entry of the package. Follows aliases from zone to zone, has each stretch of them validated, and
puts verdict and explanation of the whole together.
"""

from dataclasses import replace
from enum import Enum

from dns.name import Name
from dns.rcode import Rcode
from dns.rdata import Rdata
from dns.rdatatype import RdataType

from lab.core.checks import Outcome, Report, broken
from lab.core.dialogue import Dialogue
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.question import Question, Response
from lab.core.rrsets import SignedRRset
from lab.core.rules import Ede
from lab.core.status import Proven, SecurityStatus, worst
from lab.validator import rules
from lab.validator.anchor import closest_anchor
from lab.validator.answer import Verdict, outcome_for, refused
from lab.validator.chain import Chain, Link
from lab.validator.memory import Asking, Memory
from lab.validator.proof import Finding
from lab.validator.reading import Kind
from lab.validator.settings import Limits, Settings, Stub
from lab.validator.stretch import Stretch, first_stretch, next_stretch, sound

__all__ = ["Limits", "Resolution", "ResolutionKind", "Settings", "Stub", "Validation", "resolve"]

# An insecure answer is no failure; these say why it is not secure (RFC 8914 sections 4.2 and 4.3,
# RFC 9276 section 3.2).
_REASONS_FOR_INSECURE = frozenset(
    {
        Ede.UNSUPPORTED_DNSKEY_ALGORITHM,
        Ede.UNSUPPORTED_DS_DIGEST_TYPE,
        Ede.UNSUPPORTED_NSEC3_ITERATIONS_VALUE,
        Ede.NEGATIVE_TRUST_ANCHOR,
    }
)


# RFC 8914 sections 4.6 and 4.7: what is told if no rule has an error that is more exact.
_OF_VERDICT = {
    SecurityStatus.BOGUS: Ede.DNSSEC_BOGUS,
    SecurityStatus.INDETERMINATE: Ede.DNSSEC_INDETERMINATE,
}


class ResolutionKind(Enum):
    """Name what a resolution ended in."""

    POSITIVE = "positive"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Hold what was found.

    Attributes:
        qname: as asked.
        rdtype: as asked.
        kind: of the last name of the alias chain.
        rrsets: the alias chain in order (DNAME before its CNAME), then the answer.
        name: the last name of the alias chain; *qname* if there is none.
        authority: what came beside it: the SOA of a denial, and NSEC or NSEC3 RRs that prove.
    """

    qname: Name
    rdtype: RdataType
    kind: ResolutionKind
    rrsets: tuple[SignedRRset, ...]
    name: Name
    authority: tuple[SignedRRset, ...] = ()

    @property
    def answer(self) -> SignedRRset | None:
        """Return the RRset that was asked for; None unless the kind is POSITIVE."""
        if self.kind is not ResolutionKind.POSITIVE or not self.rrsets:
            return None
        return self.rrsets[-1]

    @property
    def rdatas(self) -> tuple[Rdata, ...]:
        """Return the records that were asked for; empty unless the kind is POSITIVE."""
        return () if self.answer is None else self.answer.rrset.rdatas


@dataclass(frozen=True, slots=True)
class Validation:
    """Hold a resolution with its verdict.

    Attributes:
        status: of the whole answer, its alias chain included.
        rcode: what a client without CD would be given: SERVFAIL for bogus.
        resolution: readable only by saying which status is good enough.
        chain: the zone cuts that the answer hangs from.
        ede: Extended DNS Errors to give to a client (RFC 8914).
        report: the explanation: one part for each zone cut, the answer last.
    """

    status: SecurityStatus
    rcode: Rcode
    resolution: Proven[Resolution]
    chain: Chain
    ede: tuple[Ede, ...]
    report: Report


def resolve(
    qname: Name, rdtype: RdataType, settings: Settings, now: Instant
) -> Dialogue[Question, Response, Validation]:
    """Return the answer to *qname* and *rdtype*, validated at *now* (RFC 4035 section 5)."""
    return (yield from resolve_with(Memory(settings, now), qname, rdtype))


def resolve_with(memory: Memory, qname: Name, rdtype: RdataType) -> Asking[Validation]:
    """Return what `resolve` does, by what a fresh *memory* knows beforehand."""
    name, met = qname, {qname}
    stretches = [(yield from first_stretch(memory, name, rdtype))]
    while _leads_on(memory, name, stretches[-1]):
        assert stretches[-1].target is not None
        name = stretches[-1].target
        if name in met or len(stretches) >= memory.settings.limits.aliases:
            stretches.append(_endless(name, len(stretches)))
            break
        met.add(name)
        stretches.append((yield from next_stretch(memory, stretches[-1], rdtype)))
    return _conclude(memory, (qname, rdtype), stretches)


def _leads_on(memory: Memory, name: Name, last: Stretch) -> bool:
    return last.target is not None and sound(memory, name, last.verdict)


def _endless(name: Name, count: int) -> Stretch:
    failed = broken(rules.ALIAS_ENDS, str(name), aliases=count)
    report = Report(f"{name}: alias chain", Outcome.FAILED, "given up", (failed,))
    return Stretch(Verdict(SecurityStatus.INDETERMINATE, (), report), None)


_KINDS = {
    Kind.ANSWER: (ResolutionKind.POSITIVE, Rcode.NOERROR),
    Kind.NODATA: (ResolutionKind.NODATA, Rcode.NOERROR),
    Kind.NXDOMAIN: (ResolutionKind.NXDOMAIN, Rcode.NXDOMAIN),
    Kind.TOO_LONG: (ResolutionKind.FAILURE, Rcode.YXDOMAIN),
}
_FAILED = (ResolutionKind.FAILURE, Rcode.SERVFAIL)


def _conclude(
    memory: Memory, about: tuple[Name, RdataType], stretches: list[Stretch]
) -> Validation:
    steps = _without_excuse(memory, stretches)
    status = worst(one.verdict.status for one in steps)
    last = steps[-1].reading
    kind, rcode = _end(steps[-1])
    rrsets = tuple(rrset for one in steps for rrset in one.verdict.rrsets)
    authority = tuple(rrset for one in steps for rrset in one.verdict.authority)
    name = about[0] if last is None else last.name
    resolution = Resolution(*about, kind, rrsets, name, authority)
    title = f"{about[0]} {RdataType.to_text(about[1])}"
    usable = outcome_for(status) is Outcome.PASSED
    conclusion = f"{status.value}: {kind.value}" if usable else status.value
    parts = tuple(part for one in steps for part in (*one.parts, one.verdict.report))
    report = Report(
        title, outcome_for(status), conclusion, parts=parts, exchanges=memory.exchanges()
    )
    return Validation(
        status=status,
        rcode=Rcode.SERVFAIL if _withheld(memory, status) else rcode,
        resolution=Proven(status, resolution),
        chain=Chain(_links(memory, status)),
        ede=_ede(memory, status, report),
        report=report,
    )


def _end(step: Stretch) -> tuple[ResolutionKind, Rcode]:
    """Return what the last name of the chain came to, and the RCODE that says so."""
    if step.verdict.finding is Finding.NO_NAME:
        # RFC 9824 section 5: NOERROR with NXNAME stands for NXDOMAIN.
        return _KINDS[Kind.NXDOMAIN]
    return _FAILED if step.reading is None else _KINDS.get(step.reading.kind, _FAILED)


def _without_excuse(memory: Memory, stretches: list[Stretch]) -> list[Stretch]:
    """Return *stretches*, with forged CNAMEs held against the answer if they are its base.

    RFC 6672 section 5.3.1: the signed DNAME proves the alias, and the CNAME is made anew from it.
    So one forgery is left aside, as by Unbound. If nothing is found where the DNAME leads, it is
    all that the server had to say; a second one shows a server, or somebody before it, that goes
    on lying.
    """
    forged = sum(one.verdict.forged is not None for one in stretches)
    lost = worst(one.verdict.status for one in stretches) is SecurityStatus.INDETERMINATE
    if not lost and forged <= memory.settings.limits.forged_aliases:
        return stretches
    return [replace(one, verdict=refused(one.verdict)) for one in stretches]


def _withheld(memory: Memory, status: SecurityStatus) -> bool:
    """Tell whether a client without CD is refused the answer (RFC 4035 section 5.5)."""
    if status is not SecurityStatus.INDETERMINATE:
        return status is SecurityStatus.BOGUS
    # No anchor: nobody asked for validation. An anchor, and keys that cannot be fetched: refused.
    stuck = (one for one in memory.links.values() if one.status is status)
    return any(closest_anchor(memory.settings.anchors, one.apex) for one in stuck)


def _links(memory: Memory, status: SecurityStatus) -> tuple[Link, ...]:
    # A name that is no zone cut was entered with the link of the zone around it.
    by_apex = {link.apex: link for link in memory.links.values()}
    if outcome_for(status) is Outcome.FAILED:
        return tuple(by_apex.values())
    # What was found on the way to an answer that another server bettered is no part of the chain.
    trusted = (one for one in by_apex.values() if outcome_for(one.status) is Outcome.PASSED)
    return tuple(trusted)


def _ede(memory: Memory, status: SecurityStatus, report: Report) -> tuple[Ede, ...]:
    if status is SecurityStatus.SECURE:
        return ()
    if status is SecurityStatus.INSECURE:
        return _reasons(memory, report)
    decisive = report.first_failure()
    exact = None if decisive is None else decisive.rule.ede
    first = _OF_VERDICT[status] if exact is None else exact
    # RFC 8914 section 4.12: a key that is none of the zone's may be the one that is missing.
    odd = (one.rule.ede for one in report.every_check() if one.failed)
    if first is Ede.DNSKEY_MISSING and Ede.NO_ZONE_KEY_BIT_SET in odd:
        return (first, Ede.NO_ZONE_KEY_BIT_SET)
    return (first,)


def _reasons(memory: Memory, report: Report) -> tuple[Ede, ...]:
    """Return why the answer is insecure: the secure links have no part in it."""
    secure = [one.report for one in memory.links.values() if one.status is SecurityStatus.SECURE]
    others = (part for part in report.parts if part not in secure)
    failed = (check for part in others for check in part.every_check() if check.failed)
    found = (check.rule.ede for check in failed)
    return tuple(dict.fromkeys(ede for ede in found if ede in _REASONS_FOR_INSECURE))
