"""What there is to know about the keys of one zone: goals, orders, and what caches may believe.

Every key has a goal and an order in which its records come; they go in the reverse order. What to
do next is decided in `rollover`, and put into words in `outlook`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import Enum
from typing import TypeAlias, assert_never

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.dnssec.caches import (
    PLACES,
    RECORDS,
    Content,
    Histories,
    Item,
    Place,
    Record,
    RecordState,
    broken_mixtures,
)
from lab.dnssec.keys import Duty, KeyRole

_KEYS = frozenset({Record.DNSKEY, Record.KRRSIG})
_DS = frozenset({Record.DS})
_ZONE = frozenset({Record.ZRRSIG})


class Order(Enum):
    """Name the order in which the records of a key come; it skips those that its role has not.

    Attributes:
        PUBLISH_FIRST: ZSK pre-publication, KSK double signature, the usual order of a CSK (RFC 6781
            sections 4.1.1.1, 4.1.2, 4.1.3).
        DS_FIRST: KSK double-DS (RFC 6781 section 4.1.2, RFC 7583 section 3.3.2).
        SIGN_FIRST: for a new algorithm (RFC 6781 section 4.1.4).
        AT_ONCE: in an emergency.
    """

    PUBLISH_FIRST = "publish-first"
    DS_FIRST = "ds-first"
    SIGN_FIRST = "sign-first"
    AT_ONCE = "at-once"


STAGES: Mapping[Order, tuple[frozenset[Record], ...]] = {
    Order.PUBLISH_FIRST: (_KEYS, _ZONE | _DS),
    Order.DS_FIRST: (_DS, _KEYS, _ZONE),
    Order.SIGN_FIRST: (_ZONE, _KEYS, _DS),
    Order.AT_ONCE: (_KEYS | _ZONE | _DS,),
}


class Goal(Enum):
    """Tell what is to become of a key.

    Attributes:
        ACTIVE: all that its role does.
        STANDBY: known by DNSKEY and DS, so that it can take over at once; it signs nothing.
        WITHDRAWN: nothing; when no cache remembers it, it is forgotten.
    """

    ACTIVE = "active"
    STANDBY = "standby"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Member:
    """Describe one key of a zone, without its secret.

    Attributes:
        id: what the zone calls it, e.g. "ksk-2".
        role: decides which records it has.
        algorithm: number.
        born: when it was made.
        goal: what is to become of it.
        order: in which its records come.
    """

    id: str
    role: KeyRole
    algorithm: int
    born: Instant
    goal: Goal = Goal.ACTIVE
    order: Order = Order.PUBLISH_FIRST

    @property
    def stages(self) -> tuple[frozenset[Record], ...]:
        """Return the records of its role in their order."""
        own = RECORDS[self.role]
        return tuple(stage & own for stage in STAGES[self.order] if stage & own)

    @property
    def target(self) -> frozenset[Record]:
        """Return the records that it has in the end, if the zone is delegated securely."""
        match self.goal:
            case Goal.ACTIVE:
                return RECORDS[self.role]
            case Goal.STANDBY:
                return RECORDS[self.role] & {Record.DNSKEY, Record.DS}
            case Goal.WITHDRAWN:
                return frozenset()
            case _:
                assert_never(self.goal)


@dataclass(frozen=True, slots=True)
class Timing:
    """Say how long caches may hold what, in seconds (RFC 7583 section 3.1).

    Attributes:
        keys_ttl: TTL of the DNSKEY RRset.
        zone_ttl: the longest TTL in the zone, negative answers included.
        ds_ttl: TTL of the DS RRset, or of its denial.
        propagation: until the slowest nameserver of the zone has a change.
        parent_propagation: the same for the parent.
        registration: until the parent has done whatever it was asked for, if it ever does.
        safety: added to each of them; at least 2, for clocks that count in whole seconds.
    """

    keys_ttl: int
    zone_ttl: int
    ds_ttl: int
    propagation: int = 0
    parent_propagation: int = 0
    registration: int = 0
    safety: int = 2

    def hold(self, place: Place) -> int:
        """Return how long a cache may hold what *place* publishes no more."""
        spans = {
            Place.KEYS: self.keys_ttl + self.propagation,
            Place.ZONE: self.zone_ttl + self.propagation,
            Place.PARENT: self.ds_ttl + self.parent_propagation,
        }
        return spans[place] + self.safety


Entered: TypeAlias = Mapping[Item, tuple[RecordState, Instant]]


@dataclass(frozen=True, slots=True)
class KeyLife:
    """Hold the keys of one zone with all that anybody may believe about them.

    Attributes:
        members: the keys, oldest first.
        histories: what was and is published, by place.
        entered: since when each record is in its state.
        secure: whether the parent ought to have a DS at all (RFC 8078 section 4).
    """

    members: tuple[Member, ...]
    histories: Histories
    entered: Entered = field(default_factory=dict)
    secure: bool = True

    @property
    def algorithms(self) -> dict[str, int]:
        """Return the algorithm number of each key."""
        return {one.id: one.algorithm for one in self.members}

    def state(self, item: Item) -> RecordState:
        """Return what caches know of one record."""
        return self.histories[PLACES[item[1]]].state(item)

    def records(self, member: Member) -> frozenset[Record]:
        """Return which records of *member* are published or asked for."""
        return frozenset(
            one for one in RECORDS[member.role] if (member.id, one) in self._wanted(PLACES[one])
        )

    def target(self, member: Member) -> frozenset[Record]:
        """Return which records *member* has in the end."""
        return member.target if self.secure else member.target - _DS

    def all_in(self, member: Member, records: Iterable[Record], state: RecordState) -> bool:
        """Tell whether all *records* of *member* are in *state*."""
        return all(self.state((member.id, one)) is state for one in records)

    def _wanted(self, place: Place) -> Content:
        return self.histories[place].wanted

    def duties(self, key: str) -> Duty:
        """Return what *key* is used for now."""
        given = {
            Record.DNSKEY: Duty.PUBLISHED,
            Record.KRRSIG: Duty.SIGNS_KEYS,
            Record.ZRRSIG: Duty.SIGNS_ZONE,
            Record.DS: Duty.DELEGATED,
        }
        duties = Duty.NONE
        for record, duty in given.items():
            if (key, record) in self._wanted(PLACES[record]):
                duties |= duty
        return duties

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what would be wrong for some resolver now; nothing if all are well."""
        return tuple(dict.fromkeys(broken_mixtures(self.histories, self.algorithms)))

    @property
    def is_sound(self) -> bool:
        """Tell whether every resolver has a valid chain, whatever it has cached."""
        return next(broken_mixtures(self.histories, self.algorithms), None) is None

    def next_event(self, timing: Timing) -> Instant | None:
        """Return when the next thing that may be believed is forgotten; None: nothing waits."""
        pasts = (past.expires for history in self.histories.values() for past in history.past)
        settles = self.histories[Place.PARENT].settles(timing.registration)
        events = (*pasts, *(() if settles is None else (settles,)))
        return min(events, default=None)
