"""What the caches of the world may hold of a zone's keys, and whether every mixture is a chain.

A resolver keeps three things apart: the DS RRset, the DNSKEY RRset with its signatures, and the
signatures over the rest of the zone. Each may be as old as its TTL allows, whatever the others are.
Decides: is there a mixture of those versions that leaves it without a valid chain?
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from itertools import product
from typing import TypeAlias

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.dnssec.keys import KeyRole


class Record(Enum):
    """Name what of a key can be seen from outside."""

    DNSKEY = "DNSKEY"
    KRRSIG = "RRSIG(DNSKEY)"
    ZRRSIG = "RRSIG(zone)"
    DS = "DS"


class Place(Enum):
    """Name what travels, and is cached, as one."""

    KEYS = "DNSKEY RRset"
    ZONE = "signatures of the zone"
    PARENT = "DS RRset"


PLACES: Mapping[Record, Place] = {
    Record.DNSKEY: Place.KEYS,
    Record.KRRSIG: Place.KEYS,
    Record.ZRRSIG: Place.ZONE,
    Record.DS: Place.PARENT,
}

RECORDS: Mapping[KeyRole, frozenset[Record]] = {
    KeyRole.KSK: frozenset({Record.DNSKEY, Record.KRRSIG, Record.DS}),
    KeyRole.ZSK: frozenset({Record.DNSKEY, Record.ZRRSIG}),
    KeyRole.CSK: frozenset(Record),
}


class RecordState(Enum):
    """Tell what caches know of one record of one key.

    Attributes:
        HIDDEN: none has it.
        RUMOURED: it is published, and some caches still hold an RRset without it.
        OMNIPRESENT: every cache that holds the RRset has it.
        UNRETENTIVE: it is withdrawn, and some caches still have it.
    """

    HIDDEN = "hidden"
    RUMOURED = "rumoured"
    OMNIPRESENT = "omnipresent"
    UNRETENTIVE = "unretentive"


Item: TypeAlias = tuple[str, Record]
Content: TypeAlias = frozenset[Item]


@dataclass(frozen=True, slots=True)
class Past:
    """Hold a version that is not published any more.

    Attributes:
        content: what it was.
        expires: from this second on no cache holds it.
    """

    content: Content
    expires: Instant


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold a version that the parent was asked for.

    Attributes:
        content: what it ought to publish.
        since: when it was asked.
    """

    content: Content
    since: Instant


@dataclass(frozen=True, slots=True)
class History:
    """Hold every version of one place that somebody may believe in.

    Attributes:
        current: what is published.
        ttl: the longest time, in seconds, that a cache may keep what is current: of all TTLs that
            were in force while it was.
        past: earlier versions that caches may still hold.
        asked: what the parent was asked for and may still do, in order; the last one is valid.
    """

    current: Content
    ttl: int = 0
    past: tuple[Past, ...] = ()
    asked: tuple[Wish, ...] = ()

    @property
    def wanted(self) -> Content:
        """Return what is published, or will be as soon as the parent does what it was asked for."""
        return self.asked[-1].content if self.asked else self.current

    @property
    def possible(self) -> tuple[Content, ...]:
        """Return every version that a resolver may see or hold, now or at any later moment."""
        asked = (one.content for one in self.asked)
        versions = (self.current, *asked, *(one.content for one in self.past))
        return tuple(dict.fromkeys(versions))

    def at(self, now: Instant, ttl: int) -> "History":
        """Return it without what has expired, with *ttl* seconds being in force."""
        kept = tuple(one for one in self.past if one.expires > now)
        return replace(self, past=kept, ttl=max(self.ttl, ttl))

    def published(self, content: Content, now: Instant, ttl: int) -> "History":
        """Return it after *content* has taken the place of what was published until *now*."""
        if content == self.current:
            return self
        gone = Past(self.current, now + self.ttl)
        return replace(self, current=content, ttl=ttl, past=(*self.past, gone))

    def requested(self, content: Content, now: Instant) -> "History":
        """Return it after the parent was asked for *content*."""
        if content == self.wanted:
            return self
        return replace(self, asked=(*self.asked, Wish(content, now)))

    def observed(self, content: Content, now: Instant, ttl: int, registration: int) -> "History":
        """Return it after the parent was seen to publish *content*.

        A parent does what it was asked for in order, or skips some of it; within *registration*
        seconds it has done what it will ever do of a wish that was replaced.
        """
        done = [at for at, one in enumerate(self.asked) if one.content == content]
        asked = self.asked[done[0] + 1 :] if done and content != self.current else self.asked
        after = replace(self.published(content, now, ttl), asked=asked)
        settled = after.settles(registration)
        return replace(after, asked=()) if settled is not None and settled <= now else after

    def settles(self, registration: int) -> Instant | None:
        """Return when no wish of former times can come true any more; None: it does not matter."""
        if not self.asked or self.current != self.wanted:
            return None
        return self.asked[-1].since + registration

    def state(self, item: Item) -> RecordState:
        """Return what caches know of *item*."""
        versions = self.possible
        if all(item not in one for one in versions):
            return RecordState.HIDDEN
        if all(item in one for one in versions):
            return RecordState.OMNIPRESENT
        return RecordState.RUMOURED if item in self.wanted else RecordState.UNRETENTIVE

    def without_until(self, item: Item) -> Instant | None:
        """Return when the last cache that lacks *item* has forgotten; None if none does."""
        return max((one.expires for one in self.past if item not in one.content), default=None)

    def with_until(self, item: Item) -> Instant | None:
        """Return when the last cache that has *item* has forgotten; None if none does."""
        return max((one.expires for one in self.past if item in one.content), default=None)


Histories: TypeAlias = Mapping[Place, History]
Algorithms: TypeAlias = Mapping[str, int]
"""Key to algorithm number."""


def broken_mixtures(histories: Histories, algorithms: Algorithms) -> Iterator[str]:
    """Iterate over what is wrong with mixtures of the versions that resolvers may hold.

    Nothing: every resolver has a valid chain, also one that insists on every algorithm.
    """
    parents = tuple(map(_split, histories[Place.PARENT].possible))
    keys = tuple(map(_split, histories[Place.KEYS].possible))
    zones = tuple(map(_split, histories[Place.ZONE].possible))
    for one in keys:
        yield from _of_keys(one, algorithms)
    for parent, one in product(parents, keys):
        yield from _of_entry(parent, one, algorithms)
    for one, zone in product(keys, zones):
        yield from _of_zone(one, zone, algorithms)


_Split: TypeAlias = Mapping[Record, frozenset[str]]


@lru_cache(maxsize=1024)
def _split(content: Content) -> _Split:
    return {kind: frozenset(key for key, one in content if one is kind) for kind in Record}


def _numbers(keys: Iterable[str], algorithms: Algorithms) -> frozenset[int]:
    return frozenset(algorithms[key] for key in keys)


def _of_keys(keys: _Split, algorithms: Algorithms) -> Iterator[str]:
    published, signers = keys[Record.DNSKEY], keys[Record.KRRSIG]
    if not signers or not signers <= published:
        yield "the DNSKEY RRset is signed by no key that stands in it"
    # RFC 4035 section 2.2: every RRset is signed by a key of each algorithm in the DNSKEY RRset.
    for number in sorted(_numbers(published, algorithms) - _numbers(signers, algorithms)):
        yield f"the DNSKEY RRset has a key of algorithm {number} and no signature of it"


def _of_entry(parent: _Split, keys: _Split, algorithms: Algorithms) -> Iterator[str]:
    """Without DS there is nothing to lead to: the zone is insecure, as its parent says."""
    delegated = parent[Record.DS]
    entries = delegated & keys[Record.DNSKEY] & keys[Record.KRRSIG]
    # RFC 4035 section 2.2: the DNSKEY RRset is signed by each algorithm in the DS RRset. Unbound
    # can insist on it (harden-algo-downgrade), though RFC 6840 section 5.11 tells it not to.
    for number in sorted(_numbers(delegated, algorithms) - _numbers(entries, algorithms)):
        names = ", ".join(sorted(delegated))
        yield f"no DS of algorithm {number} ({names}) leads to a key that signs the DNSKEY RRset"


def _of_zone(keys: _Split, zone: _Split, algorithms: Algorithms) -> Iterator[str]:
    usable = zone[Record.ZRRSIG] & keys[Record.DNSKEY]
    # RFC 6781 section 4.1.4: this is why, in an algorithm rollover, signatures come first and go
    # last: whoever has the keys of an algorithm must find its signatures.
    missing = _numbers(keys[Record.DNSKEY], algorithms) - _numbers(usable, algorithms)
    for number in sorted(missing):
        names = ", ".join(sorted(zone[Record.ZRRSIG]))
        yield f"no key of algorithm {number} verifies the zone's signatures by {names or 'nobody'}"
