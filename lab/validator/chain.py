"""The chain of trust: at each zone cut, what the parent says and the keys of the child.

Decides: does the DNSKEY RRset of a zone follow from its DS RRset or trust anchor (RFC 4035
sections 5.1 and 5.2)? Fetching them is the business of `validator.walk`.
"""

from dataclasses import replace

from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from lab.core.checks import Outcome, Report, broken
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.core.rrsets import SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec import rules
from lab.dnssec.keys import KeyTag, key_tag
from lab.dnssec.rrsig import ZoneKeys
from lab.validator.effort import Effort, limit_hit
from lab.validator.entry import Entry, choose, match
from lab.validator.rrset import judge_rrset
from lab.validator.settings import Paths, Settings


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
        required: algorithms of which each must have signed what is in the zone.
        ttl: seconds for which it may be kept, from when it was judged; 0 for not at all.
    """

    apex: Name
    ds: tuple[DS, ...]
    dnskeys: tuple[DNSKEY, ...]
    used_key_tags: tuple[KeyTag, ...]
    status: SecurityStatus
    report: Report
    required: frozenset[int] = frozenset()
    ttl: int = 0

    def keys(self, settings: Settings) -> ZoneKeys:
        """Return the keys by which data of the zone are judged."""
        return ZoneKeys(
            self.apex, self.dnskeys, settings.algorithms, self.required, settings.skew_s
        )


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


def judge_keys(
    entry: Entry,
    dnskey: SignedRRset | None,
    settings: Settings,
    now: Instant,
    effort: Effort | None = None,
) -> Link:
    """Return the link that *entry* and the DNSKEY RRset of the zone make (RFC 4035 section 5.2).

    Args:
        entry: what names the keys.
        dnskey: the DNSKEY RRset; None if there is none.
        settings: of the validator.
        now: the lab's present.
        effort: of the resolution; None for a fresh one.
    """
    work = effort or Effort(settings.limits)
    usable, choice = choose(entry, settings)
    given = replace(entry, evidence=(*entry.evidence, choice))
    if usable.empty:
        return link_without_keys(given, SecurityStatus.INSECURE)
    if dnskey is None:
        absent = broken(rules.DNSKEY_PRESENT, f"{entry.apex} DNSKEY")
        part = Report(f"{entry.apex} DNSKEY", Outcome.FAILED, "no keys", (absent,))
        return link_without_keys(given, SecurityStatus.BOGUS, part)
    published = tuple(one for one in dnskey.rrset.rdatas if isinstance(one, DNSKEY))
    if len(published) > settings.limits.dnskeys:
        subject = str(dnskey.rrset)
        hit = limit_hit(settings.limits, "dnskeys", subject)
        part = Report(subject, Outcome.FAILED, f"{len(published)} keys", (hit,))
        return link_without_keys(given, SecurityStatus.BOGUS, part)
    named, matching = match(usable, published, work)
    if not named:
        return link_without_keys(given, SecurityStatus.BOGUS, matching)
    given = replace(given, evidence=(*given.evidence, matching))
    judged = _Judged(dnskey, named, _required(usable, settings))
    return _signed_by(given, judged, settings, now, work)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Hold a DNSKEY RRset on its way: the keys that the entry names, the algorithms required."""

    dnskey: SignedRRset
    named: tuple[DNSKEY, ...]
    required: frozenset[int]


def _required(usable: Entry, settings: Settings) -> frozenset[int]:
    if settings.paths is Paths.ANY:
        return frozenset()
    by_ds = {int(one.algorithm) for one in usable.ds}
    return frozenset(by_ds | {int(one.algorithm) for one in usable.dnskeys})


def _signed_by(
    entry: Entry, judged: _Judged, settings: Settings, now: Instant, effort: Effort
) -> Link:
    """Return the link, now that named keys are known: one of them must sign all the keys."""
    dnskey, named = judged.dnskey, judged.named
    by_named = _only_by(dnskey, named)
    if dnskey.rrsigs and not by_named.rrsigs:
        signers = ", ".join(str(one.key_tag) for one in dnskey.rrsigs)
        tags = ", ".join(str(key_tag(one)) for one in named)
        subject = str(dnskey.rrset)
        failed = broken(rules.DNSKEY_SIGNED_BY_ENTRY, subject, named=tags, signed_by=signers)
        part = Report(subject, Outcome.FAILED, "not signed by a named key", (failed,))
        return link_without_keys(entry, SecurityStatus.BOGUS, part)
    keys = ZoneKeys(entry.apex, named, settings.algorithms, judged.required, settings.skew_s)
    verdict = judge_rrset(by_named, keys, now, effort)
    if verdict.signature is None:
        return link_without_keys(entry, SecurityStatus.BOGUS, verdict.report)
    parts = (*entry.evidence, verdict.report)
    report = Report(entry.title, Outcome.PASSED, SecurityStatus.SECURE.value, parts=parts)
    dnskeys = tuple(one for one in dnskey.rrset.rdatas if isinstance(one, DNSKEY))
    used = (KeyTag(verdict.signature.rrsig.key_tag),)
    status = SecurityStatus.SECURE
    return Link(entry.apex, entry.ds, dnskeys, used, status, report, judged.required)


def _only_by(dnskey: SignedRRset, named: tuple[DNSKEY, ...]) -> SignedRRset:
    identities = {(key_tag(one), one.algorithm) for one in named}
    by_named = tuple(one for one in dnskey.rrsigs if (one.key_tag, one.algorithm) in identities)
    return SignedRRset(dnskey.rrset, by_named, dnskey.rrsig_ttl)
