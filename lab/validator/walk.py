"""Follow DS and DNSKEY from the closest trust anchor down to a zone (RFC 4035 section 5).

Decides: which zone holds a name, as far as that is proven, and whether its keys are trusted. One
part of the report is added for each name that was looked at.
"""

from dataclasses import replace

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from lab.core.checks import Outcome, Report, broken
from lab.core.frozen import dataclass
from lab.core.rrsets import group
from lab.core.status import SecurityStatus
from lab.dnssec import rules
from lab.validator import denial
from lab.validator import rules as walk_rules
from lab.validator.anchor import TrustAnchor, closest_anchor
from lab.validator.chain import Link, judge_keys, link_without_keys
from lab.validator.denial import Denial, speaks_of
from lab.validator.entry import Entry, choose
from lab.validator.iterate import Reply, ask_until_sound
from lab.validator.lifetime import LONGEST_S, lifetime, lifetime_of_denial
from lab.validator.memory import Asking, Cut, Memory
from lab.validator.proof import Finding
from lab.validator.reading import Alias, Kind, Reading, read
from lab.validator.rrset import RRsetVerdict, judge_rrset

_NEGATIVE = frozenset({Kind.NODATA, Kind.NXDOMAIN})


@dataclass(frozen=True, slots=True)
class Delegation:
    """Tell what the parent side says about a zone cut.

    Attributes:
        status: SECURE for a DS RRset or for no cut; INSECURE for an unsigned cut.
        ds: the authentic DS RRset; empty otherwise.
        exists: False if it is proven that there is no such name, so no cut below it either.
        report: the evidence.
        ttl: seconds for which it may be kept; 0 for not at all.
    """

    status: SecurityStatus
    ds: tuple[DS, ...]
    report: Report
    exists: bool = True
    ttl: int = 0


def establish(memory: Memory, name: Name) -> Asking[Link]:
    """Return the link of the zone that holds *name*: the deepest one at or above it."""
    anchor = closest_anchor(memory.settings.anchors, name)
    if anchor is None:
        return _unanchored(memory, name)
    link = _switched_off(memory, anchor.apex)
    if link is None:
        link = yield from _prime(memory, anchor)
    for depth in range(len(anchor.apex) + 1, len(name) + 1):
        if link.status is not SecurityStatus.SECURE:
            break
        below = Name(name.labels[-depth:])
        switched_off = _switched_off(memory, below)
        if switched_off is not None:
            return switched_off
        link = yield from _descend(memory, link, below)
        if below in memory.absent:
            break
    return link


def _unanchored(memory: Memory, name: Name) -> Link:
    """Return the link of a name above which there is no anchor: indeterminate (RFC 4033 5)."""
    if name in memory.links:
        return memory.links[name]
    absent = broken(rules.ANCHOR_PRESENT, str(name))
    report = Report(f"{name}: trust anchor", Outcome.FAILED, "none", (absent,))
    link = Link(name, (), (), (), SecurityStatus.INDETERMINATE, report)
    return memory.enter(name, link, report)


def _switched_off(memory: Memory, name: Name) -> Link | None:
    """Return the link of *name* if a negative trust anchor stands there (RFC 7646 section 2)."""
    found = (one for one in memory.settings.negative if one.apex == name)
    negative = next((one for one in found if one.holds(memory.now)), None)
    if negative is None:
        return None
    if name in memory.links:
        return memory.links[name]
    until = "for ever" if negative.until is None else negative.until
    ttl = LONGEST_S if negative.until is None else int(negative.until) - int(memory.now)
    failed = broken(walk_rules.NOT_SWITCHED_OFF, str(name), until=until, reason=negative.reason)
    title = f"{name}: negative trust anchor"
    report = Report(title, Outcome.PASSED, SecurityStatus.INSECURE.value, (failed,))
    link = Link(name, (), (), (), SecurityStatus.INSECURE, report, ttl=ttl)
    return memory.enter(name, link, report)


def _prime(memory: Memory, anchor: TrustAnchor) -> Asking[Link]:
    if anchor.apex in memory.links:
        return memory.links[anchor.apex]
    cut = memory.recall(anchor.apex)
    if cut is None:
        entry = Entry(anchor.apex, anchor.ds, anchor.dnskeys, anchor=True)
        link = yield from _fetch_keys(memory, entry)
        cut = memory.keep(anchor.apex, Cut(link, link.report, link.ttl))
    assert cut.link is not None
    return memory.enter(anchor.apex, cut.link, cut.report)


def _descend(memory: Memory, parent: Link, name: Name) -> Asking[Link]:
    """Return the link at *name*: a new one if it is a zone cut, else that of *parent*."""
    if name in memory.links:
        return memory.links[name]
    cut = memory.recall(name)
    if cut is None:
        found = yield from _cut(memory, parent, name)
        cut = memory.keep(name, found)
    if not cut.exists:
        memory.absent.add(name)
    # Where no zone begins, the one above holds for as long as that is known.
    link = cut.link or replace(parent, ttl=min(parent.ttl, cut.ttl))
    return memory.enter(name, link, cut.report)


def _cut(memory: Memory, parent: Link, name: Name) -> Asking[Cut]:
    delegation = yield from _delegation(memory, parent, name)
    entry = Entry(name, delegation.ds, evidence=(delegation.report,))
    if delegation.ds:
        link = yield from _fetch_keys(memory, entry, delegation.ttl)
    elif delegation.status is SecurityStatus.SECURE:
        return Cut(None, delegation.report, delegation.ttl, delegation.exists)
    else:
        link = replace(link_without_keys(entry, delegation.status), ttl=delegation.ttl)
    return Cut(link, link.report, link.ttl, delegation.exists)


def _delegation(memory: Memory, parent: Link, name: Name) -> Asking[Delegation]:
    """Return what the parent says, from its referral if that is enough, else by asking for DS."""
    contact = memory.contact(name)
    if contact is not None and contact.referral is not None:
        reading = read(contact.referral.message, contact.parent, name, RdataType.DS)
        told = _judge_reading(memory, parent, name, reading)
        if told.status is not SecurityStatus.BOGUS:
            return told
    return (
        yield from ask_until_sound(
            memory, name, RdataType.DS, lambda reply: _judge_reply(memory, parent, name, reply)
        )
    )


def _recall(memory: Memory, parent: Link, name: Name) -> Delegation | None:
    """Return what follows from the denial records that came with other answers; None if nothing.

    RFC 8198 section 5 lets a validator use a proof that it has, whatever question brought it. Here
    it is the last resort where nobody proves that there is no DS.
    """
    keys = parent.keys(memory.settings)
    sections = [group(one.message.authority) for one in memory.heard()]
    useful = {
        (one.rrset.owner, one.rrset.rdtype): one
        for section in sections
        for one in section
        if speaks_of(one.rrset, parent.apex, name)
    }
    evidence = denial.gather(tuple(useful.values()), keys, memory.now, memory.effort)
    denied = denial.deny_ds(evidence, name)
    if denied.finding is Finding.UNPROVEN:
        return None
    return _denied(f"{name} DS in {parent.apex}", denied)


def _judge_reply(memory: Memory, parent: Link, name: Name, reply: Reply) -> Delegation:
    reading = reply.reading
    if reading is None:
        report = reply.report(f"{name} DS in {parent.apex}")
        return _recall(memory, parent, name) or Delegation(_withheld(reply), (), report)
    judged = _judge_reading(memory, parent, name, reading)
    bare = reading.kind in _NEGATIVE and not any(
        speaks_of(one.rrset, parent.apex, name) for one in reading.authority
    )
    if judged.status is SecurityStatus.BOGUS and bare:
        return _recall(memory, parent, name) or judged
    return judged


def _withheld(reply: Reply) -> SecurityStatus:
    """Return what follows if DS or DNSKEY RRs that must be there were not given.

    RFC 4035 section 4.3: bogus is what lacks data that the signed zone above shows to be due;
    indeterminate is what cannot be judged because no server can be reached.
    """
    return SecurityStatus.BOGUS if reply.heard else SecurityStatus.INDETERMINATE


def _judge_reading(memory: Memory, parent: Link, name: Name, reading: Reading) -> Delegation:
    """Return what a response to `name DS` says, judged by the keys of the parent zone."""
    keys = parent.keys(memory.settings)
    effort = memory.effort
    title = f"{name} DS in {parent.apex}"
    if reading.alias is not None:
        return _at_alias(memory, parent, title, reading.alias)
    if reading.kind is Kind.ANSWER:
        given = _given(title, judge_rrset(reading.rrsets[0], keys, memory.now, effort))
        return replace(given, ttl=lifetime(reading.rrsets, memory.now))
    evidence = denial.gather(reading.authority, keys, memory.now, effort)
    denied = _denied(title, denial.deny_ds(evidence, name))
    forged = denial.bad_soa(reading.authority, keys, memory.now, effort)
    if denied.status is SecurityStatus.BOGUS or forged is None:
        return replace(denied, ttl=lifetime_of_denial(reading.authority, memory.now))
    parts = (denied.report, forged)
    report = Report(title, Outcome.FAILED, SecurityStatus.BOGUS.value, parts=parts)
    return Delegation(SecurityStatus.BOGUS, (), report)


def _given(title: str, verdict: RRsetVerdict) -> Delegation:
    """Return what follows from a DS RRset."""
    if verdict.wildcard is not None:
        expanded = broken(rules.DS_NOT_EXPANDED, title, wildcard=verdict.wildcard)
        report = Report(title, Outcome.FAILED, "bogus", (expanded,), (verdict.report,))
        return Delegation(SecurityStatus.BOGUS, (), report)
    report = replace(verdict.report, title=title)
    if not verdict.valid:
        return Delegation(SecurityStatus.BOGUS, (), report)
    ds = tuple(one for one in verdict.signed.rrset.rdatas if isinstance(one, DS))
    return Delegation(SecurityStatus.SECURE, ds, report)


def _at_alias(memory: Memory, parent: Link, title: str, alias: Alias) -> Delegation:
    """Return that an alias is no zone cut: NS cannot stand beside CNAME (RFC 1034 3.6.2)."""
    signed = alias.dname or alias.cname
    assert signed is not None
    keys = parent.keys(memory.settings)
    verdict = judge_rrset(signed, keys, memory.now, memory.effort)
    status = SecurityStatus.SECURE if verdict.valid else SecurityStatus.BOGUS
    conclusion = "an alias, so no zone cut" if verdict.valid else "not proven"
    report = Report(title, verdict.report.outcome, conclusion, parts=(verdict.report,))
    return Delegation(status, (), report, ttl=lifetime((signed,), memory.now))


_STATUS = {
    Finding.PROVEN: SecurityStatus.INSECURE,
    Finding.OPT_OUT: SecurityStatus.INSECURE,
    Finding.TOO_MANY_ITERATIONS: SecurityStatus.INSECURE,
    Finding.NO_CUT: SecurityStatus.SECURE,
    Finding.NO_NAME: SecurityStatus.SECURE,
    Finding.UNPROVEN: SecurityStatus.BOGUS,
}


def _denied(title: str, denied: Denial) -> Delegation:
    status = _STATUS[denied.finding]
    report = replace(denied.report, title=title)
    return Delegation(status, (), report, exists=denied.finding is not Finding.NO_NAME)


def _fetch_keys(memory: Memory, entry: Entry, ttl: int = LONGEST_S) -> Asking[Link]:
    """Return the link of *entry*; its DNSKEY RRset is only asked for if it can be used.

    Args:
        memory: of this resolution.
        entry: what names the keys.
        ttl: seconds for which that may be kept; a trust anchor has no end.
    """
    usable, _ = choose(entry, memory.settings)
    if usable.empty:
        link = judge_keys(entry, None, memory.settings, memory.now, memory.effort)
        return replace(link, ttl=ttl)
    link = yield from ask_until_sound(
        memory, entry.apex, RdataType.DNSKEY, lambda reply: _judge_keys(memory, entry, reply)
    )
    return replace(link, ttl=min(link.ttl, ttl))


def _judge_keys(memory: Memory, entry: Entry, reply: Reply) -> Link:
    if reply.reading is None and _withheld(reply) is SecurityStatus.INDETERMINATE:
        part = reply.report(f"{entry.apex} DNSKEY")
        return link_without_keys(entry, SecurityStatus.INDETERMINATE, part)
    rrsets = reply.reading.rrsets if reply.reading is not None else ()
    dnskey = rrsets[0] if rrsets and rrsets[0].rrset.owner == entry.apex else None
    link = judge_keys(entry, dnskey, memory.settings, memory.now, memory.effort)
    return replace(link, ttl=lifetime(rrsets, memory.now))
