"""What secondaries were given: the signed zone of the newest serial, and the steps towards it.

A snapshot is made once for each serial, so all transfers of a serial agree to the octet. It is
signed as of one moment, which stays the same from serial to serial as long as signatures made then
are good: what did not change keeps its signature, and an incremental transfer (RFC 1995) is short.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain

from dns.name import Name
from dns.rdatatype import RdataType
from dns.serial import Serial

from lab.core.frozen import dataclass
from lab.core.instant import Instant, serial_to_instant
from lab.core.rrsets import RRset
from lab.core.seams import Hooks
from lab.nameserver.catching_up import Changes, changes
from lab.nameserver.entries import Entry, Key
from lab.nameserver.tree import ServedZone
from lab.nameserver.whole import ALL, Share, parts

# RFC 1995 section 5 lets the server forget old versions: then the whole zone is sent.
STEPS_LIMIT = 100
# A zone is signed anew when this part of the life of its signatures is left.
REFRESH_PART = 4

# Five numbers of 32 bits stand at the end of an SOA record, the first is the serial.
_SERIAL = slice(-20, -16)


@dataclass(frozen=True)
class Snapshot:
    """Hold the whole of a zone at one serial, as it is transferred.

    Attributes:
        by_key: the entries by owner, type and covered type; the SOA first.
        signed_at: the moment as of which it is signed.
        size: the number of records.
        expires: when the first signature expires, or before that; None for an unsigned zone.
    """

    by_key: Mapping[Key, Entry]
    signed_at: Instant
    size: int
    expires: Instant | None

    @classmethod
    def of(cls, entries: Iterable[Entry], signed_at: Instant) -> "Snapshot":
        """Return the snapshot of *entries*, the SOA first."""
        by_key = {one.key: one for one in entries}
        every = by_key.values()
        return cls(by_key, signed_at, _size(every), _expiry(every, signed_at))

    def followed_by(self, changes: Changes) -> "Snapshot":
        """Return the snapshot after *changes*, which is signed as of the same moment."""
        came = [one for one in changes.values() if one is not None]
        went = [self.by_key[key] for key in changes if key in self.by_key]
        by_key = {**self.by_key, **{one.key: one for one in came}}
        for key, entry in changes.items():
            if entry is None:
                del by_key[key]
        ends = (self.expires, _expiry(came, self.signed_at))
        expires = min((one for one in ends if one is not None), default=None)
        return Snapshot(by_key, self.signed_at, self.size - _size(went) + _size(came), expires)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the entries, the SOA first."""
        return tuple(self.by_key.values())

    @property
    def rrsets(self) -> tuple[RRset, ...]:
        """Return the entries as objects, for who wants to look at them."""
        return tuple(one.rrset() for one in self.entries)

    @property
    def soa(self) -> Entry:
        """Return the SOA RRset."""
        return next(iter(self.by_key.values()))

    @property
    def serial(self) -> int:
        """Return the serial number."""
        return int.from_bytes(self.soa.rdatas[0][_SERIAL], "big")

    @cached_property
    def due(self) -> Instant | None:
        """Return when to sign anew, well before the first signature expires; None: never."""
        if self.expires is None:
            return None
        return self.expires - (self.expires - self.signed_at) // REFRESH_PART

    def is_due(self, now: Instant) -> bool:
        """Tell whether it is time to sign anew, also because the clock was set back."""
        return self.due is not None and not self.signed_at <= now < self.due


def _expiry(entries: Iterable[Entry], signed_at: Instant) -> Instant | None:
    # Thousands of signatures have a few expirations each minute of a day.
    ends = {end for one in entries for end in one.expirations}
    return min((serial_to_instant(one, signed_at) for one in ends), default=None)


def _size(entries: Iterable[Entry]) -> int:
    return sum(len(one.rdatas) for one in entries)


@dataclass(frozen=True, slots=True)
class Step:
    """Say what leads from one serial to the next (RFC 1995 section 4).

    Attributes:
        since: the older serial.
        removed: the older SOA first.
        added: the newer SOA first.
    """

    since: int
    removed: tuple[Entry, ...]
    added: tuple[Entry, ...]

    @property
    def size(self) -> int:
        """Return the number of records that are sent for it."""
        return _size(self.removed) + _size(self.added)


def step_between(older: Snapshot, newer: Snapshot, among: Collection[Key] | None = None) -> Step:
    """Return what leads from *older* to *newer*; they differ *among* some keys, None: anywhere."""
    removed = _only_in_first(older, newer, older.by_key if among is None else among)
    added = _only_in_first(newer, older, newer.by_key if among is None else among)
    return Step(older.serial, removed, added)


def _only_in_first(first: Snapshot, second: Snapshot, keys: Iterable[Key]) -> tuple[Entry, ...]:
    only = [first.soa]
    for key in keys:
        entry, other = first.by_key.get(key), second.by_key.get(key)
        if entry is None or entry.rdtype == RdataType.SOA or entry == other:
            continue
        rdatas = _rdatas_not_in(entry, other)
        if rdatas:
            only.append(entry._replace(rdatas=rdatas))
    return tuple(only)


def _rdatas_not_in(entry: Entry, other: Entry | None) -> tuple[bytes, ...]:
    if other is None or other.ttl != entry.ttl:
        return entry.rdatas
    there = set(other.rdatas)
    return tuple(one for one in entry.rdatas if one not in there)


@dataclass(frozen=True, slots=True)
class History:
    """Hold the newest snapshot of a zone, and how older serials get there.

    Attributes:
        latest: the newest.
        steps: from serial to serial, the last one ends at *latest*.
    """

    latest: Snapshot
    steps: tuple[Step, ...] = ()

    def since(self, serial: int) -> tuple[Step, ...] | None:
        """Return the steps from *serial* to the newest; None if it is not known any more."""
        for number, step in enumerate(self.steps):
            if step.since == serial:
                return self.steps[number:]
        return None

    def followed_by(self, snapshot: Snapshot, among: Collection[Key] | None = None) -> "History":
        """Return the history with a newer snapshot; one that is not newer begins another one.

        Args:
            snapshot: the newer one.
            among: keys of all that differs; None: anything may.
        """
        if not Serial(snapshot.serial) > Serial(self.latest.serial):
            return History(snapshot)
        steps = (*self.steps, step_between(self.latest, snapshot, among))[-STEPS_LIMIT:]
        return History(snapshot, _bounded(steps, snapshot.size))


def _bounded(steps: tuple[Step, ...], size: int) -> tuple[Step, ...]:
    """Return the newest of *steps*: no more than would be shorter than the zone itself."""
    kept: list[Step] = []
    for step in reversed(steps):
        size -= step.size
        if size < 0:
            break
        kept.append(step)
    return tuple(reversed(kept))


@dataclass(frozen=True, slots=True)
class Preparation:
    """Make a snapshot part by part, while the zone may change.

    Attributes:
        served: the version of the zone, without faults.
        signed_at: the moment as of which it is signed.
        before: the snapshot whose signatures are taken over where they fit.
    """

    served: ServedZone
    signed_at: Instant
    before: Snapshot | None

    def parts(self, share: Share = ALL) -> Iterator[list[Entry]]:
        """Iterate over the parts of a share of the work; each is made when it is asked for."""
        before = {} if self.before is None else self.before.by_key
        return parts(self.served, self.signed_at, before, share)


class Publications:
    """Keep the histories of the zones that somebody transferred; nothing is signed before."""

    def __init__(self) -> None:
        """Start with none."""
        self._histories: dict[Name, History] = {}
        self._served: dict[Name, ServedZone] = {}

    def of(self, served: ServedZone, now: Instant) -> History:
        """Return the history of a zone up to the serial that it has now."""
        known = self.known(served) or self.caught_up(served, now)
        if known is not None:
            return known
        preparation = self.begin(served, now)
        return self.finish(preparation, chain.from_iterable(preparation.parts()))

    def known(self, served: ServedZone) -> History | None:
        """Return the same if its snapshot is there; None: it has to be made."""
        kept = self._histories.get(served.apex)
        return kept if kept and kept.latest.serial == served.zone.serial else None

    def begin(self, served: ServedZone, now: Instant) -> Preparation:
        """Return how to make the snapshot of the serial that the zone has now."""
        kept = self._histories.get(served.apex)
        before = None if kept is None else kept.latest
        signed_at = now if before is None or before.is_due(now) else before.signed_at
        return Preparation(_honest(served), signed_at, before)

    def caught_up(self, served: ServedZone, now: Instant) -> History | None:
        """Return the history if little has changed since then; None: there is more to do."""
        kept = self._histories.get(served.apex)
        if kept is None or kept.latest.is_due(now):
            return None
        latest, served = kept.latest, _honest(served)
        found = changes(self._served[served.apex], served, latest.signed_at, latest.by_key)
        if found is None:
            return None
        return self._keep(served, kept.followed_by(latest.followed_by(found), found.keys()))

    def finish(self, preparation: Preparation, entries: Iterable[Entry]) -> History:
        """Keep all the entries that were made, and return the history with them."""
        served, snapshot = preparation.served, Snapshot.of(entries, preparation.signed_at)
        kept = self._histories.get(served.apex)
        return self._keep(served, History(snapshot) if kept is None else kept.followed_by(snapshot))

    def _keep(self, served: ServedZone, history: History) -> History:
        self._histories[served.apex], self._served[served.apex] = history, served
        return history

    def due(self, now: Instant) -> tuple[Name, ...]:
        """Return the zones whose signatures must be made anew, under a greater serial."""
        return tuple(apex for apex, one in self._histories.items() if one.latest.is_due(now))

    @property
    def next_due(self) -> Instant | None:
        """Return when the signatures of some zone must be made anew; None: never."""
        dues = (one.latest.due for one in self._histories.values())
        return min((one for one in dues if one is not None), default=None)

    def __contains__(self, apex: Name) -> bool:
        """Tell whether somebody transferred the zone *apex*."""
        return apex in self._histories


def _honest(served: ServedZone) -> ServedZone:
    """Return *served* without faults."""
    if served.signer is None:
        return served
    return replace(served, signer=replace(served.signer, hooks=Hooks()))
