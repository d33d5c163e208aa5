"""What names the keys by which a zone is entered: its DS RRset, or a trust anchor.

Decides: which of it this validator can use, and which published keys it names (RFC 4035 sections
5.1 and 5.2).
"""

from collections.abc import Iterator
from dataclasses import replace

from dns.dnssectypes import DSDigest
from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from lab.core.checks import Check, Outcome, Report, check, shortened
from lab.core.frozen import dataclass
from lab.dnssec import rules
from lab.dnssec.algorithms import DIGESTS
from lab.dnssec.delegation import ds_digest, matches
from lab.dnssec.keys import key_tag
from lab.dnssec.rrsig import algorithm_text, zone_flag_missing
from lab.validator.effort import Effort, limit_hit
from lab.validator.settings import Settings

# Of keys that share tag and algorithm, how many a report shows the digest of.
SHOWN = 4


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

    @property
    def source(self) -> str:
        """Return what a report calls the thing that names the keys."""
        return "the trust anchor" if self.anchor else "the DS RRset"

    @property
    def empty(self) -> bool:
        """Tell whether it names nothing."""
        return not self.ds and not self.dnskeys


def choose(entry: Entry, settings: Settings) -> tuple[Entry, Report]:
    """Return what this validator can use of *entry*, and why the rest is left out.

    RFC 4035 section 5.2 treats a zone whose DS RRs are all unsupported as unsigned.
    """
    per_ds = {ds: tuple(_ds_checks(entry, ds, settings)) for ds in entry.ds}
    per_key = {one: (_algorithm_check(entry, one, settings),) for one in entry.dnskeys}
    usable = replace(
        entry,
        ds=tuple(ds for ds, checks in per_ds.items() if not _any_failed(checks)),
        dnskeys=tuple(one for one, checks in per_key.items() if not _any_failed(checks)),
    )
    checks = tuple(one for own in (*per_ds.values(), *per_key.values()) for one in own)
    count = len(usable.ds) + len(usable.dnskeys)
    conclusion = f"{count} of {len(per_ds) + len(per_key)}"
    title = f"{entry.apex}: what can be used of {entry.source}"
    return usable, Report(title, Outcome.PASSED, conclusion, checks)


def _any_failed(checks: tuple[Check, ...]) -> bool:
    return any(one.failed for one in checks)


def _ds_checks(entry: Entry, ds: DS, settings: Settings) -> Iterator[Check]:
    subject = f"{entry.apex} DS {ds.key_tag}"
    digest_type = digest_text(ds.digest_type)
    known = ds.digest_type in settings.digests
    yield check(rules.DS_DIGEST_SUPPORTED, known, subject, digest_type=digest_type)
    yield _algorithm_check(entry, ds, settings)
    if ds.digest_type != DSDigest.SHA1:
        return
    stronger = any(
        one.digest_type != DSDigest.SHA1
        and one.digest_type in settings.digests
        and one.algorithm in settings.algorithms
        for one in entry.ds
    )
    yield check(rules.DS_NOT_DOWNGRADED, not stronger, subject, digest_type=digest_type)


def _algorithm_check(entry: Entry, one: DS | DNSKEY, settings: Settings) -> Check:
    tag = one.key_tag if isinstance(one, DS) else key_tag(one)
    return check(
        rules.DS_ALGORITHM_SUPPORTED,
        one.algorithm in settings.algorithms,
        f"{entry.apex} {'DS' if isinstance(one, DS) else 'DNSKEY'} {tag}",
        algorithm=algorithm_text(one.algorithm),
    )


@dataclass(frozen=True, slots=True)
class _Published:
    """Hold the keys of a zone with their tags, each computed once, however many DS there are."""

    tagged: tuple[tuple[int, DNSKEY], ...]
    text: str

    @classmethod
    def of(cls, keys: tuple[DNSKEY, ...]) -> "_Published":
        tagged = tuple((key_tag(one), one) for one in keys)
        listed = (f"{tag} ({algorithm_text(one.algorithm)})" for tag, one in tagged)
        return cls(tagged, ", ".join(listed) or "none")

    def fitting(self, ds: DS) -> tuple[DNSKEY, ...]:
        """Return the keys with tag and algorithm of *ds*, which are hints only."""
        wanted = (ds.key_tag, ds.algorithm)
        return tuple(one for tag, one in self.tagged if (tag, one.algorithm) == wanted)


def match(
    entry: Entry, published: tuple[DNSKEY, ...], effort: Effort
) -> tuple[tuple[DNSKEY, ...], Report]:
    """Return the *published* keys that *entry* names, with one check for each thing it says."""
    known = _Published.of(published)
    per_ds = {ds: _named_by(ds, entry.apex, known, effort) for ds in entry.ds}
    checks = [_ds_match(entry, ds, bool(keys), known) for ds, keys in per_ds.items()]
    checks += [_key_match(entry, one, one in published, known.text) for one in entry.dnskeys]
    by_ds = (one for keys in per_ds.values() for one in keys)
    named = dict.fromkeys((*by_ds, *(one for one in published if one in entry.dnskeys)))
    if not named and not effort.may_digest:
        checks.insert(0, limit_hit(effort.limits, "digest_failures", str(entry.apex)))
    if not named:
        checks += zone_flag_missing(entry.apex, published)
    outcome = Outcome.PASSED if named else Outcome.FAILED
    conclusion = ", ".join(f"DNSKEY {key_tag(one)}" for one in named)
    title = f"{entry.apex}: what {entry.source} names"
    report = Report(title, outcome, conclusion or "no DNSKEY of the zone", tuple(checks))
    return tuple(named), report


def _named_by(ds: DS, apex: Name, published: _Published, effort: Effort) -> tuple[DNSKEY, ...]:
    """Return the key that *ds* names; a tag that fits and a digest that does not is effort lost."""
    for one in published.fitting(ds):
        if not effort.may_digest:
            break
        if matches(ds, apex, one):
            return (one,)
        effort.digests += 1
    return ()


def _ds_match(entry: Entry, ds: DS, named: bool, published: _Published) -> Check:  # noqa: FBT001 the boolean that the rule comes to
    same = published.fitting(ds)[:SHOWN]
    computed = (shortened(ds_digest(entry.apex, one, ds.digest_type)) for one in same)
    return check(
        rules.ANCHOR_MATCHES if entry.anchor else rules.DS_MATCHES,
        named,
        f"{entry.apex} DS {ds.key_tag}",
        key_tag=ds.key_tag,
        algorithm=algorithm_text(ds.algorithm),
        digest_type=digest_text(ds.digest_type),
        digest=shortened(ds.digest),
        computed=", ".join(computed) or "nothing: no key has this tag and algorithm",
        published=published.text,
    )


def _key_match(entry: Entry, dnskey: DNSKEY, named: bool, published: str) -> Check:  # noqa: FBT001 the boolean that the rule comes to
    subject = f"{entry.apex} DNSKEY {key_tag(dnskey)}"
    return check(rules.ANCHOR_MATCHES, named, subject, published=published)


def digest_text(number: int) -> str:
    """Return `2 SHA256`, or the bare number if it has no row."""
    return f"{int(number)} {DSDigest(number).name}" if number in DIGESTS else str(int(number))
