"""Resolve with a cache: what was judged once holds until a TTL or a signature runs out.

Decides: which verdicts answer the same question again, for how long, and with which TTLs. Only what
was asked for and judged gets in: glue and authority data never do (RFC 2181 section 5.4.1). Time is
that of whoever asks; the report of what comes from here says so, and is else as it was.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.checks import Outcome
from lab.core.dialogue import prompted
from lab.core.instant import Instant
from lab.core.rrsets import SignedRRset
from lab.core.rules import Ede
from lab.core.status import Proven, SecurityStatus
from lab.validator.answer import outcome_for
from lab.validator.brief import Attempt, Brief
from lab.validator.lifetime import (
    FAILURE_S,
    LONGEST_DENIAL_S,
    LONGEST_S,
    current,
    lifetime,
    soas,
)
from lab.validator.memory import Asking, Known, Memory
from lab.validator.resolve import ResolutionKind, Validation, resolve, resolve_with
from lab.validator.settings import Settings
from lab.validator.shelf import Kept, Shelf

# An answer with its report takes some 5 to 30 KiB here; Unbound's messages have 4 MiB in all.
ANSWERS = 1024

_About: TypeAlias = tuple[Name, RdataType]


class Cache:
    """Hold what resolutions leave to those after them, for as long as the settings stay the same.

    It changes with each resolution. Two that run at the same time may share it: they learn the
    same, and nothing is read twice that has to agree.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._settings: Settings | None = None
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.known = Known()
        self.answers: Shelf[_About, Validation | Brief] = Shelf(ANSWERS)

    def serve(self, settings: Settings) -> None:
        """Forget everything if it was found with other *settings*: who is believed has changed."""
        if settings != self._settings:
            self.clear()
            self._settings = settings

    def ends(self) -> Iterator[tuple[Name, RdataType, Instant]]:
        """Iterate over the questions that are answered from here, each with its end."""
        return ((*about, kept.until) for about, kept in self.answers.items())

    def recall(self, about: _About, now: Instant) -> Validation | None:
        """Return the verdict on a question as it holds at *now*; None if it has to be asked."""
        kept = self.answers.get(about, now)
        return None if kept is None else _aged(kept, now)

    def until(self, about: _About, now: Instant) -> Instant | None:
        """Return when the verdict on a question ends; None if it holds for nobody else at *now*."""
        kept = self.answers.get(about, now)
        return None if kept is None else kept.until

    def keep(self, about: _About, validation: Validation, memory: Memory) -> Validation:
        """Keep a verdict that was just reached, for its time; return it with TTLs capped."""
        now = memory.now
        if _failed(validation):
            ttl = FAILURE_S
            self._doubt(about[0])
        else:
            ttl = min(_lifetime(validation, now), _lifetime_of_chain(memory))
            validation = _held(validation, now)
        self.answers.put(about, _without_walk(validation), now, ttl)
        return validation

    def keep_brief(self, about: _About, brief: Brief, now: Instant) -> Brief:
        """Keep an answer that was just found; return it as whoever has a cache is told it."""
        kept = replace(brief, explain=lambda: _held(brief.validation, now))
        self.answers.put(about, kept, now, brief.lifetime)
        return kept

    def recall_either(self, about: _About, now: Instant) -> Validation | Brief | None:
        """Return what `recall` does; a brief answer is explained when somebody reads it."""
        kept = self.answers.get(about, now)
        if kept is None:
            return None
        if not isinstance(brief := kept.value, Brief):
            return _aged(kept, now)
        ttl = max(0, brief.ttl - kept.age(now))
        return replace(brief, ttl=ttl, explain=lambda: _aged(kept, now))

    def _doubt(self, qname: Name) -> None:
        """Forget who serves the zones of *qname*: no referral is signed, so one may be forged."""
        for depth in range(1, len(qname)):
            self.known.contacts.drop(Name(qname.labels[depth - 1 :]))


def resolve_cached(
    qname: Name, rdtype: RdataType, settings: Settings, now: Instant, cache: Cache | None
) -> Asking[Validation]:
    """Return what `resolve` does; from *cache* what holds at *now*, and all else into it."""
    if cache is None:
        return (yield from resolve(qname, rdtype, settings, now))
    cache.serve(settings)
    recalled = cache.recall((qname, rdtype), now)
    if recalled is not None:
        return recalled
    memory = Memory(settings, now, cache.known)
    validation = yield from resolve_with(memory, qname, rdtype)
    return cache.keep((qname, rdtype), validation, memory)


def resolve_briefly(
    qname: Name, rdtype: RdataType, settings: Settings, now: Instant, cache: Cache | None
) -> Asking[Validation | Brief]:
    """Return what `resolve_cached` does, or an answer that is explained when somebody reads it."""
    about = qname, rdtype
    if cache is not None:
        cache.serve(settings)
        recalled = cache.recall_either(about, now)
        if recalled is not None:
            return recalled
    attempt = Attempt(about, settings, now, None if cache is None else cache.known)
    brief = yield from attempt.answer()
    if brief is None:
        whole = resolve_cached(qname, rdtype, settings, now, cache)
        return (yield from prompted(whole, attempt.heard))
    return brief if cache is None else cache.keep_brief(about, brief, now)


def _failed(validation: Validation) -> bool:
    # RFC 4035 section 4.7, RFC 9520 section 3.4: bogus data are kept, but for a short time.
    return validation.rcode == Rcode.SERVFAIL


def _lifetime(validation: Validation, now: Instant) -> int:
    """Return for how many seconds the records of a verdict hold."""
    resolution = validation.resolution.require(validation.status)
    records = (*resolution.rrsets, *resolution.authority)
    ttl = min((_capped(validation, one, now) for one in records), default=0)
    if resolution.kind in {ResolutionKind.NODATA, ResolutionKind.NXDOMAIN}:
        # RFC 2308 section 5: a denial without SOA has no time, and is not kept.
        return min(ttl, LONGEST_DENIAL_S) if soas(resolution.authority) else 0
    return ttl


def _capped(validation: Validation, signed: SignedRRset, now: Instant) -> int:
    """Return the TTL that *signed* has as a part of *validation*."""
    if validation.status is not SecurityStatus.SECURE:
        # What an operator left behind who signs no more says nothing about an insecure answer.
        signed = replace(signed, rrsigs=current(signed, now))
    minima = (soa.minimum for soa in soas((signed,)))
    return min(lifetime((signed,), now), *minima, LONGEST_S)


def _lifetime_of_chain(memory: Memory) -> int:
    """Return for how many seconds every step of the chain holds.

    A step that failed is no part of a verdict that did not; where there is no anchor is no step.
    """
    links = memory.links.values()
    passed = (one.ttl for one in links if outcome_for(one.status) is Outcome.PASSED)
    return min(passed, default=LONGEST_S)


def _held(validation: Validation, now: Instant) -> Validation:
    """Return *validation* with the TTLs that the cache gives to its records."""
    return _timed(validation, lambda one: _capped(validation, one, now))


def _timed(validation: Validation, ttl_of: Callable[[SignedRRset], int]) -> Validation:
    """Return *validation* with the TTL of each RRset set anew."""

    def timed(rrsets: tuple[SignedRRset, ...]) -> tuple[SignedRRset, ...]:
        return tuple(replace(one, rrset=replace(one.rrset, ttl=ttl_of(one))) for one in rrsets)

    found = validation.resolution.require(validation.status)
    found = replace(found, rrsets=timed(found.rrsets), authority=timed(found.authority))
    return replace(validation, resolution=Proven(validation.status, found))


def _without_walk(validation: Validation) -> Validation:
    """Return *validation* without the messages that it was made of: they need much room."""
    return replace(validation, report=replace(validation.report, exchanges=()))


def _aged(kept: Kept[Validation | Brief], now: Instant) -> Validation:
    """Return what was kept as it is at *now*: TTLs have run down, and the report says so."""
    age, whole = kept.age(now), kept.value
    if isinstance(whole, Brief):
        whole = _without_walk(whole.validation)
    validation = _timed(whole, lambda one: max(0, one.rrset.ttl - age))
    report = validation.report
    told = kept.told(report.title, now)
    # RFC 8914 section 4.14.
    cached = (Ede.CACHED_ERROR,) if _failed(validation) else ()
    return replace(
        validation,
        ede=(*validation.ede, *cached),
        report=replace(report, checks=(told, *report.checks)),
    )
