"""The state machine of key life: which record comes and goes next, and when that is safe.

A step is taken as soon as no mixture of what caches may hold (`caches`) would be left without a
valid chain (RFC 6781, RFC 7583). This one rule makes every kind of rollover; the order in which the
records of a key come gives it its style.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.dnssec.caches import PLACES, RECORDS, History, Item, Place, Record, RecordState
from lab.dnssec.keylife import Goal, KeyLife, Member, Order, Timing


def first_life(members: Iterable[Member], timing: Timing, now: Instant) -> KeyLife:
    """Return the life of a zone that nobody has seen yet: what it publishes is all there is."""
    keys = tuple(members)
    items: dict[Place, set[Item]] = {place: set() for place in Place}
    for member in keys:
        for record in member.target:
            items[PLACES[record]].add((member.id, record))
    histories = {place: History(frozenset(items[place]), timing.hold(place)) for place in Place}
    return _noted(KeyLife(keys, histories), now)


def advance(
    life: KeyLife, timing: Timing, delegated: frozenset[str] | None, now: Instant
) -> KeyLife:
    """Return *life* after every step that is safe *now*.

    Args:
        life: as it was.
        timing: TTLs and delays of today.
        delegated: the keys of which the parent publishes a DS; None: not looked.
        now: the lab's present.
    """
    histories = {place: one.at(now, timing.hold(place)) for place, one in life.histories.items()}
    if delegated is not None:
        seen = frozenset((key, Record.DS) for key in delegated)
        histories[Place.PARENT] = histories[Place.PARENT].observed(
            seen, now, timing.hold(Place.PARENT), timing.registration
        )
    after = replace(life, histories=histories)
    while (step := _step(after, timing, now)) is not None:
        after = step
    return _noted(_buried(after), now)


def succeed(life: KeyLife, old: Iterable[str], new: Iterable[Member], order: Order) -> KeyLife:
    """Return *life* with other goals: the keys *old* go, the keys *new* come, both in *order*.

    A member of *new* that is there already (a standby key) takes over. Nothing moves before
    `advance`.
    """
    going = frozenset(old)
    coming = {one.id: replace(one, order=order) for one in new}
    kept = (
        replace(one, goal=Goal.WITHDRAWN, order=order) if one.id in going else one
        for one in life.members
        if one.id not in coming
    )
    return replace(life, members=(*kept, *coming.values()))


def at_once(life: KeyLife, timing: Timing, now: Instant) -> KeyLife:
    """Return *life* with every goal reached *now*, whatever it breaks: `problems` says what."""
    return _noted(moved(life, _all_moves(life), timing, now), now)


@dataclass(frozen=True, slots=True)
class _Move:
    """Add or remove one record."""

    item: Item
    adds: bool


def _step(life: KeyLife, timing: Timing, now: Instant) -> KeyLife | None:
    """Return *life* after the greatest step that is safe, in the orders of the keys."""
    staged = tuple(_staged(life))
    taken = _safest(life, staged, timing, now)
    if taken is None and life.next_event(timing) is None and not life.histories[Place.PARENT].asked:
        # Two rollovers in different styles can wait for each other; with nothing left to wait for,
        # any order will do that is safe.
        taken = _safest(life, tuple(_all_moves(life)), timing, now)
    return taken


def _safest(
    life: KeyLife, moves: tuple[_Move, ...], timing: Timing, now: Instant
) -> KeyLife | None:
    """Return *life* after as many of *moves* as are safe together; None if none is."""
    groups = _grouped(moves)
    taken: frozenset[_Move] = frozenset()
    best: KeyLife | None = None
    for candidate in _candidates(groups):
        if candidate <= taken:
            continue
        after = moved(life, taken | candidate, timing, now)
        if _keeps_ds(life, after) and _no_worse(after, life):
            taken, best = taken | candidate, after
    return best


def _grouped(moves: Iterable[_Move]) -> tuple[frozenset[_Move], ...]:
    """Return *moves* in groups that make sense only together: a key, and its signature over it."""
    groups: dict[tuple[str, Place, bool], set[_Move]] = {}
    for one in moves:
        groups.setdefault((one.item[0], PLACES[one.item[1]], one.adds), set()).add(one)
    return tuple(map(frozenset, groups.values()))


def _candidates(groups: tuple[frozenset[_Move], ...]) -> Iterator[frozenset[_Move]]:
    """Iterate over what to try in turn; pairs first, because an exchange is one step, not two."""
    yield frozenset().union(*groups)
    yield frozenset(one for group in groups for one in group if one.adds)
    for first, second in combinations(groups, 2):
        yield first | second
    yield from groups


def _no_worse(after: KeyLife, before: KeyLife) -> bool:
    """Tell whether every mixture is a chain; what is broken already may be mended in steps."""
    if after.is_sound:
        return True
    return not before.is_sound and set(after.problems) <= set(before.problems)


def _keeps_ds(before: KeyLife, after: KeyLife) -> bool:
    """Tell whether the zone stays delegated securely, unless it is to become insecure."""
    was, becomes = (one.histories[Place.PARENT].wanted for one in (before, after))
    return bool(becomes) or not was or not after.secure


def moved(life: KeyLife, moves: Iterable[_Move], timing: Timing, now: Instant) -> KeyLife:
    """Return *life* with *moves* made; the parent is only asked."""
    contents = {place: set(history.wanted) for place, history in life.histories.items()}
    for one in moves:
        content = contents[PLACES[one.item[1]]]
        (content.add if one.adds else content.discard)(one.item)
    histories = {
        place: history.requested(frozenset(contents[place]), now)
        if place is Place.PARENT
        else history.published(frozenset(contents[place]), now, timing.hold(place))
        for place, history in life.histories.items()
    }
    return replace(life, histories=histories)


def _staged(life: KeyLife) -> Iterator[_Move]:
    """Iterate over the moves whose turn it is."""
    for member in life.members:
        target, has = life.target(member), life.records(member)
        for stage in member.stages:
            missing = (stage & target) - has
            yield from (_Move((member.id, one), adds=True) for one in sorted_(missing))
            if not life.all_in(member, stage & target, RecordState.OMNIPRESENT):
                break
        for stage in reversed(member.stages):
            leftover = (stage & has) - target
            yield from (_Move((member.id, one), adds=False) for one in sorted_(leftover))
            if not life.all_in(member, stage - target, RecordState.HIDDEN):
                break


def _all_moves(life: KeyLife) -> Iterator[_Move]:
    for member in life.members:
        target, has = life.target(member), life.records(member)
        yield from (_Move((member.id, one), adds=True) for one in sorted_(target - has))
        yield from (_Move((member.id, one), adds=False) for one in sorted_(has - target))


def sorted_(records: Iterable[Record]) -> list[Record]:
    """Return *records* in the order in which `Record` lists them."""
    return [one for one in Record if one in frozenset(records)]


def _buried(life: KeyLife) -> KeyLife:
    """Forget the keys that are withdrawn and that nobody remembers."""
    kept = tuple(
        one
        for one in life.members
        if one.goal is not Goal.WITHDRAWN
        or not life.all_in(one, RECORDS[one.role], RecordState.HIDDEN)
    )
    return replace(life, members=kept)


def _noted(life: KeyLife, now: Instant) -> KeyLife:
    """Write down since when each record is in its state."""
    entered: dict[Item, tuple[RecordState, Instant]] = {}
    for member in life.members:
        for record in sorted_(RECORDS[member.role]):
            item = (member.id, record)
            state = life.state(item)
            before = life.entered.get(item)
            entered[item] = before if before and before[0] is state else (state, now)
    return replace(life, entered=entered)
