"""The chain of trust: at each zone cut, what the parent says and the keys of the child.

Decides: does the DNSKEY RRset of a zone follow from its DS RRset or trust anchor (RFC 4035
sections 5.1 and 5.2)? Fetching them is the business of `validator.walk`.
"""

from dataclasses import dataclass, replace

from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from lab.core.checks import Outcome, Report, broken
from lab.core.instant import Instant
from lab.core.rrsets import SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec import rules
from lab.dnssec.keys import KeyTag, key_tag
from lab.dnssec.rrsig import ZoneKeys
from lab.validator.entry import Entry, choose, match
from lab.validator.rrset import judge_rrset
from lab.validator.settings import Settings


@dataclass(frozen=True, slots=True)
class Link:
    """Hold one zone cut of a chain of trust.

    Attributes:
        apex: of the zone below the cut.
        ds: what the parent (or the trust anchor) says; empty below an insecure cut.
        dnskeys: the DNSKEY RRset; empty unless the link is secure.
        used_key_tags: keys that a DS named and whose signature over the DNSKEY RRset verified.
        status: secure, insecure (the parent proves it), bogus, or indeterminate.
        report: the evidence.
    """

    apex: Name
    ds: tuple[DS, ...]
    dnskeys: tuple[DNSKEY, ...]
    used_key_tags: tuple[KeyTag, ...]
    status: SecurityStatus
    report: Report

    def keys(self, settings: Settings) -> ZoneKeys:
        """Return the keys by which data of the zone are judged."""
        return ZoneKeys(self.apex, self.dnskeys, settings.algorithms)


@dataclass(frozen=True, slots=True)
class Chain:
    """Hold the links that an answer hangs from, in the order in which they were followed.

    Attributes:
        links: from the trust anchor down; after an alias, those of the other branch follow.
    """

    links: tuple[Link, ...]


def link_without_keys(entry: Entry, status: SecurityStatus, *more: Report) -> Link:
    """Return a link that ends the chain, with *more* evidence for it."""
    outcome = Outcome.PASSED if status is SecurityStatus.INSECURE else Outcome.FAILED
    report = Report(entry.title, outcome, status.value, parts=(*entry.evidence, *more))
    return Link(entry.apex, entry.ds, (), (), status, report)


def judge_keys(entry: Entry, dnskey: SignedRRset | None, settings: Settings, now: Instant) -> Link:
    """Return the link that *entry* and the DNSKEY RRset of the zone make (RFC 4035 section 5.2)."""
    usable, choice = choose(entry, settings)
    given = replace(entry, evidence=(*entry.evidence, choice))
    if usable.empty:
        return link_without_keys(given, SecurityStatus.INSECURE)
    if dnskey is None:
        absent = broken(rules.DNSKEY_PRESENT, f"{entry.apex} DNSKEY")
        part = Report(f"{entry.apex} DNSKEY", Outcome.FAILED, "no keys", (absent,))
        return link_without_keys(given, SecurityStatus.BOGUS, part)
    published = tuple(one for one in dnskey.rrset.rdatas if isinstance(one, DNSKEY))
    named, matching = match(usable, published)
    if not named:
        return link_without_keys(given, SecurityStatus.BOGUS, matching)
    given = replace(given, evidence=(*given.evidence, matching))
    return _signed_by(given, dnskey, named, settings, now)


def _signed_by(
    entry: Entry,
    dnskey: SignedRRset,
    named: tuple[DNSKEY, ...],
    settings: Settings,
    now: Instant,
) -> Link:
    """Return the link, now that *named* keys are known: one of them must sign all the keys."""
    by_named = _only_by(dnskey, named)
    if dnskey.rrsigs and not by_named.rrsigs:
        signers = ", ".join(str(one.key_tag) for one in dnskey.rrsigs)
        tags = ", ".join(str(key_tag(one)) for one in named)
        subject = str(dnskey.rrset)
        failed = broken(rules.DNSKEY_SIGNED_BY_ENTRY, subject, named=tags, signed_by=signers)
        part = Report(subject, Outcome.FAILED, "not signed by a named key", (failed,))
        return link_without_keys(entry, SecurityStatus.BOGUS, part)
    keys = ZoneKeys(entry.apex, named, settings.algorithms)
    verdict = judge_rrset(by_named, keys, now, settings.limits)
    if verdict.signature is None:
        return link_without_keys(entry, SecurityStatus.BOGUS, verdict.report)
    parts = (*entry.evidence, verdict.report)
    report = Report(entry.title, Outcome.PASSED, SecurityStatus.SECURE.value, parts=parts)
    dnskeys = tuple(one for one in dnskey.rrset.rdatas if isinstance(one, DNSKEY))
    used = (KeyTag(verdict.signature.rrsig.key_tag),)
    return Link(entry.apex, entry.ds, dnskeys, used, SecurityStatus.SECURE, report)


def _only_by(dnskey: SignedRRset, named: tuple[DNSKEY, ...]) -> SignedRRset:
    identities = {(key_tag(one), one.algorithm) for one in named}
    by_named = tuple(one for one in dnskey.rrsigs if (one.key_tag, one.algorithm) in identities)
    return SignedRRset(dnskey.rrset, by_named, dnskey.rrsig_ttl)
