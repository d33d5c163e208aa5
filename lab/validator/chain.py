"""The chain of trust: at each zone cut, what the parent says and the keys of the child.

Decides: does the DNSKEY RRset of a zone follow from its DS RRset or trust anchor (RFC 4035
sections 5.1 and 5.2)? Fetching them is the business of `validator.walk`.
"""

from dataclasses import dataclass

from dns.dnssectypes import DSDigest
from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from lab.core.checks import Check, Outcome, Report, broken, check
from lab.core.instant import Instant
from lab.core.rrsets import SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec import rules
from lab.dnssec.algorithms import DIGESTS
from lab.dnssec.delegation import matches
from lab.dnssec.keys import KeyTag, key_tag
from lab.dnssec.rrsig import ZoneKeys, algorithm_text
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


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold what names the keys by which a zone is entered.

    Attributes:
        apex: of the zone.
        ds: of the parent or of the trust anchor.
        dnskeys: of the trust anchor.
        evidence: reports on where they come from.
        anchor: they come from a trust anchor.
    """

    apex: Name
    ds: tuple[DS, ...]
    dnskeys: tuple[DNSKEY, ...] = ()
    evidence: tuple[Report, ...] = ()
    anchor: bool = False

    @property
    def title(self) -> str:
        """Return what a report calls the link."""
        return f"{self.apex}: {'trust anchor' if self.anchor else 'DS'} -> DNSKEY"


def link_without_keys(entry: Entry, status: SecurityStatus, *more: Report) -> Link:
    """Return a link that ends the chain, with *more* evidence for it."""
    outcome = Outcome.PASSED if status is SecurityStatus.INSECURE else Outcome.FAILED
    report = Report(entry.title, outcome, status.value, parts=(*entry.evidence, *more))
    return Link(entry.apex, entry.ds, (), (), status, report)


def choose(entry: Entry, settings: Settings) -> tuple[Entry, tuple[Check, ...]]:
    """Return *entry* with only what this validator can use, and why the rest is left out.

    RFC 4035 section 5.2 treats a zone whose DS RRs are all unsupported as unsigned.
    """
    checks: list[Check] = []
    usable: list[DS] = []
    for ds in entry.ds:
        checked = _ds_checks(entry, ds, settings)
        checks += checked
        if not any(one.failed for one in checked):
            usable.append(ds)
    dnskeys = tuple(one for one in entry.dnskeys if one.algorithm in settings.algorithms)
    kept = Entry(entry.apex, tuple(usable), dnskeys, entry.evidence, entry.anchor)
    return kept, tuple(checks)


def _ds_checks(entry: Entry, ds: DS, settings: Settings) -> tuple[Check, ...]:
    subject = f"{entry.apex} DS {ds.key_tag}"
    algorithm = algorithm_text(ds.algorithm)
    stronger = ds.digest_type != DSDigest.SHA1 or not any(
        one.digest_type != DSDigest.SHA1 and _supported(one, settings) for one in entry.ds
    )
    return (
        check(
            rules.DS_DIGEST_SUPPORTED,
            ds.digest_type in settings.digests,
            subject,
            digest_type=digest_text(ds.digest_type),
        ),
        check(
            rules.DS_ALGORITHM_SUPPORTED,
            ds.algorithm in settings.algorithms,
            subject,
            algorithm=algorithm,
        ),
        check(rules.DS_NOT_DOWNGRADED, stronger, subject, digest_type=digest_text(ds.digest_type)),
    )


def _supported(ds: DS, settings: Settings) -> bool:
    return ds.digest_type in settings.digests and ds.algorithm in settings.algorithms


def judge_keys(entry: Entry, dnskey: SignedRRset | None, settings: Settings, now: Instant) -> Link:
    """Return the link that *entry* and the DNSKEY RRset of the zone make (RFC 4035 section 5.2)."""
    usable, choice = choose(entry, settings)
    if not usable.ds and not usable.dnskeys:
        part = Report("what the parent says", Outcome.PASSED, "nothing supported", choice)
        return link_without_keys(entry, SecurityStatus.INSECURE, part)
    if dnskey is None:
        absent = broken(rules.DNSKEY_PRESENT, f"{entry.apex} DNSKEY")
        part = Report(f"{entry.apex} DNSKEY", Outcome.FAILED, "no keys", (*choice, absent))
        return link_without_keys(entry, SecurityStatus.BOGUS, part)
    published = tuple(one for one in dnskey.rrset.rdatas if isinstance(one, DNSKEY))
    named, match_checks = _match(usable, published)
    matching = _matching_report(entry, (*choice, *match_checks), named)
    if not named:
        return link_without_keys(entry, SecurityStatus.BOGUS, matching)
    return _signed_by(entry, dnskey, named, matching, settings, now)


def _match(entry: Entry, published: tuple[DNSKEY, ...]) -> tuple[tuple[DNSKEY, ...], list[Check]]:
    """Return the published keys that the entry names, with one check for each thing it says."""
    named: list[DNSKEY] = []
    checks: list[Check] = []
    tags = ", ".join(f"{key_tag(one)} ({algorithm_text(one.algorithm)})" for one in published)
    absent = rules.ANCHOR_MATCHES if entry.anchor else rules.DS_MATCHES
    for ds in entry.ds:
        fitting = [one for one in published if matches(ds, entry.apex, one)]
        named += fitting
        facts = {"key_tag": ds.key_tag, "algorithm": algorithm_text(ds.algorithm)}
        facts |= {"digest_type": digest_text(ds.digest_type), "published": tags}
        subject = f"{entry.apex} DS {ds.key_tag}"
        checks.append(check(absent, bool(fitting), subject, **facts))
    for dnskey in entry.dnskeys:
        subject = f"{entry.apex} DNSKEY {key_tag(dnskey)}"
        checks.append(check(absent, dnskey in published, subject, published=tags))
        named += [one for one in published if one == dnskey]
    return tuple(dict.fromkeys(named)), checks


def _matching_report(entry: Entry, checks: tuple[Check, ...], named: tuple[DNSKEY, ...]) -> Report:
    outcome = Outcome.PASSED if named else Outcome.FAILED
    tags = ", ".join(str(key_tag(one)) for one in named)
    conclusion = f"names DNSKEY {tags}" if named else "names no DNSKEY of the zone"
    source = "the trust anchor" if entry.anchor else "the DS RRset"
    return Report(f"{entry.apex}: what {source} names", outcome, conclusion, checks)


def _signed_by(
    entry: Entry,
    dnskey: SignedRRset,
    named: tuple[DNSKEY, ...],
    matching: Report,
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
        return link_without_keys(entry, SecurityStatus.BOGUS, matching, part)
    keys = ZoneKeys(entry.apex, named, settings.algorithms)
    verdict = judge_rrset(by_named, keys, now, settings.limits)
    if verdict.signature is None:
        return link_without_keys(entry, SecurityStatus.BOGUS, matching, verdict.report)
    parts = (*entry.evidence, matching, verdict.report)
    report = Report(entry.title, Outcome.PASSED, SecurityStatus.SECURE.value, parts=parts)
    dnskeys = tuple(one for one in dnskey.rrset.rdatas if isinstance(one, DNSKEY))
    used = (KeyTag(verdict.signature.rrsig.key_tag),)
    return Link(entry.apex, entry.ds, dnskeys, used, SecurityStatus.SECURE, report)


def _only_by(dnskey: SignedRRset, named: tuple[DNSKEY, ...]) -> SignedRRset:
    identities = {(key_tag(one), one.algorithm) for one in named}
    by_named = tuple(one for one in dnskey.rrsigs if (one.key_tag, one.algorithm) in identities)
    return SignedRRset(dnskey.rrset, by_named, dnskey.rrsig_ttl)


def digest_text(number: int) -> str:
    """Return `2 SHA256`, or the bare number if it has no row."""
    return f"{int(number)} {DSDigest(number).name}" if number in DIGESTS else str(int(number))
