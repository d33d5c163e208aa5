"""What secondaries were given: the signed zone of the newest serial, and the steps towards it.

A snapshot is made once for each serial, so all transfers of a serial agree to the octet. It is
signed as of one moment, which stays the same from serial to serial as long as signatures made then
are good: what did not change keeps its signature, and an incremental transfer (RFC 1995) is short.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias, cast

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.ANY.SOA import SOA
from dns.serial import Serial

from lab.core.instant import Instant, serial_to_instant
from lab.core.rrsets import RRset
from lab.core.seams import Hooks
from lab.dnssec.signing import SigningJob, sign
from lab.nameserver.publication import publication
from lab.nameserver.signer import SignatureCache
from lab.nameserver.tree import ServedZone

# RFC 1995 section 5 lets the server forget old versions: then the whole zone is sent.
STEPS_LIMIT = 100
# A zone is signed anew when this part of the life of its signatures is left.
REFRESH_PART = 4

_Key: TypeAlias = tuple[Name, RdataType, RdataType]


@dataclass(frozen=True)
class Snapshot:
    """Hold the whole of a zone at one serial, as it is transferred.

    Attributes:
        rrsets: the SOA first; each RRSIG RRset by itself.
        signed_at: the moment as of which it is signed.
    """

    rrsets: tuple[RRset, ...]
    signed_at: Instant

    @property
    def soa(self) -> RRset:
        """Return the SOA RRset."""
        return self.rrsets[0]

    @property
    def serial(self) -> int:
        """Return the serial number."""
        return cast("SOA", self.soa.rdatas[0]).serial

    @cached_property
    def size(self) -> int:
        """Return the number of records."""
        return sum(len(one.rdatas) for one in self.rrsets)

    @cached_property
    def by_key(self) -> Mapping[_Key, RRset]:
        """Return the RRsets by owner, type and covered type."""
        return {_key_of(one): one for one in self.rrsets}

    @cached_property
    def expires(self) -> Instant | None:
        """Return when the first signature expires; None for an unsigned zone."""
        ends = (
            serial_to_instant(one.expiration, self.signed_at)
            for rrset in self.rrsets
            for one in rrset.rdatas
            if isinstance(one, RRSIG)
        )
        return min(ends, default=None)

    @cached_property
    def due(self) -> Instant | None:
        """Return when to sign anew, well before the first signature expires; None: never."""
        if self.expires is None:
            return None
        return self.expires - (self.expires - self.signed_at) // REFRESH_PART

    def is_due(self, now: Instant) -> bool:
        """Tell whether it is time to sign anew, also because the clock was set back."""
        return self.due is not None and not self.signed_at <= now < self.due


def _key_of(rrset: RRset) -> _Key:
    covers = rrset.rdatas[0].covers() if rrset.rdtype == RdataType.RRSIG else RdataType.NONE
    return (rrset.owner, rrset.rdtype, covers)


@dataclass(frozen=True, slots=True)
class Step:
    """Say what leads from one serial to the next (RFC 1995 section 4).

    Attributes:
        since: the older serial.
        removed: the older SOA first.
        added: the newer SOA first.
    """

    since: int
    removed: tuple[RRset, ...]
    added: tuple[RRset, ...]

    @property
    def size(self) -> int:
        """Return the number of records that are sent for it."""
        return sum(len(one.rdatas) for one in (*self.removed, *self.added))


def step_between(older: Snapshot, newer: Snapshot) -> Step:
    """Return what leads from *older* to *newer*."""
    return Step(older.serial, _only_in_first(older, newer), _only_in_first(newer, older))


def _only_in_first(first: Snapshot, second: Snapshot) -> tuple[RRset, ...]:
    only = [first.soa]
    for key, rrset in first.by_key.items():
        other = second.by_key.get(key)
        if rrset.rdtype == RdataType.SOA or rrset == other:
            continue
        rdatas = _rdatas_not_in(rrset, other)
        if rdatas:
            only.append(replace(rrset, rdatas=rdatas))
    return tuple(only)


def _rdatas_not_in(rrset: RRset, other: RRset | None) -> tuple[Rdata, ...]:
    if other is None or other.ttl != rrset.ttl:
        return rrset.rdatas
    there = set(other.rdatas)
    return tuple(one for one in rrset.rdatas if one not in there)


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

    def followed_by(self, snapshot: Snapshot) -> "History":
        """Return the history with a newer snapshot; one that is not newer begins another one."""
        if not Serial(snapshot.serial) > Serial(self.latest.serial):
            return History(snapshot)
        steps = (*self.steps, step_between(self.latest, snapshot))[-STEPS_LIMIT:]
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


class _Heirloom(SignatureCache):
    """Hand the signatures of one snapshot down to the next one, and no others."""

    def __init__(self, before: "_Heirloom | None") -> None:
        super().__init__()
        self._inherited = {} if before is None else before.own
        self.own: dict[SigningJob, RRSIG] = {}

    def sign(self, job: SigningJob) -> RRSIG:
        inherited = self._inherited.get(job)
        self.own[job] = sign(job) if inherited is None else inherited
        return self.own[job]

    def settle(self) -> None:
        """Let go of what was not needed any more."""
        self._inherited = {}


class Publications:
    """Keep the histories of the zones that somebody transferred; nothing is signed before."""

    def __init__(self) -> None:
        """Start with none."""
        self._histories: dict[Name, History] = {}
        self._heirlooms: dict[Name, _Heirloom] = {}

    def of(self, served: ServedZone, now: Instant) -> History:
        """Return the history of a zone up to the serial that it has now."""
        kept = self._histories.get(served.apex)
        if kept is not None and kept.latest.serial == served.zone.serial:
            return kept
        signed_at = now if kept is None or kept.latest.is_due(now) else kept.latest.signed_at
        snapshot = Snapshot(self._published(served, signed_at), signed_at)
        history = History(snapshot) if kept is None else kept.followed_by(snapshot)
        self._histories[served.apex] = history
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

    def _published(self, served: ServedZone, signed_at: Instant) -> tuple[RRset, ...]:
        """Return the zone without faults, with the signatures of the last snapshot if they fit."""
        if served.signer is None:
            return publication(served, signed_at)
        heirloom = _Heirloom(self._heirlooms.get(served.apex))
        signer = replace(served.signer, hooks=Hooks(), cache=heirloom)
        rrsets = publication(replace(served, signer=signer), signed_at)
        heirloom.settle()
        self._heirlooms[served.apex] = heirloom
        return rrsets
