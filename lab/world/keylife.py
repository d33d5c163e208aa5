"""The life of each zone's keys as part of the world: states and secrets, and the steps they take.

`dnssec.rollover` decides on names of keys; here those become the keys that a zone signs with, and
the TTLs of the zones in the world become the timing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import InputError, LabError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.dnssec.caches import Place
from lab.dnssec.keylife import Goal, Member, Order, Timing
from lab.dnssec.keys import Duty, KeyRole, SigningKey
from lab.dnssec.rollover import advance, at_once, first_life, succeed
from lab.dnssec.zonelife import ZoneLife
from lab.nameserver.tree import parent_of
from lab.nameserver.zone import Zone
from lab.world.build import World


def timing(world: World, apex: Name) -> Timing:
    """Return how long caches may hold what belongs to the keys of zone *apex*."""
    zone = world.sources[apex]
    parent = parent_of(apex, world.sources)
    delays = world.config(apex).delays
    return Timing(
        keys_ttl=zone.soa.ttl,
        zone_ttl=max(_ttls(zone)),
        ds_ttl=0 if parent is None else _ds_ttl(world.sources[parent], apex),
        propagation=delays.propagation,
        parent_propagation=delays.parent_propagation,
        registration=delays.registration,
        safety=delays.safety,
    )


def _ttls(zone: Zone) -> Iterator[int]:
    yield zone.negative_ttl
    for owner in zone.owners():
        yield from (one.ttl for one in zone.rrsets(owner))


def _ds_ttl(parent: Zone, apex: Name) -> int:
    ns = parent.rrset(apex, RdataType.NS)
    return max(parent.soa.ttl if ns is None else ns.ttl, parent.negative_ttl)


def life_of(world: World, apex: Name, now: Instant) -> ZoneLife:
    """Return the life of the keys of *apex*; it begins *now* if nothing is known of it.

    Raises:
        InputError: there is no such zone, or it is not signed.
    """
    if apex not in world.signers:
        names = ", ".join(str(one) for one in world.signers)
        raise InputError(f"{apex} is no signed zone of this lab; there are {names}")
    known = world.lives.get(apex)
    return known if known is not None else _begun(world, apex, now)


def _begun(world: World, apex: Name, now: Instant) -> ZoneLife:
    keys = world.signers[apex].keys
    config = world.config(apex)
    labels = (one.label for one in config.policy.keys)
    secrets = dict(zip(labels, keys.keys, strict=True))
    orders = config.delays.orders
    members = [
        Member(label, key.role, int(key.algorithm.number), now, _goal(duties), orders[key.role])
        for (label, key), duties in zip(secrets.items(), keys.duties, strict=True)
    ]
    return ZoneLife(first_life(members, timing(world, apex), now), secrets)


def _goal(duties: Duty) -> Goal:
    return Goal.ACTIVE if duties & (Duty.SIGNS_KEYS | Duty.SIGNS_ZONE) else Goal.STANDBY


def with_life(world: World, apex: Name, zone_life: ZoneLife) -> World:
    """Return the world in which the keys of *apex* are as *zone_life* says."""
    if zone_life == world.lives.get(apex):
        return world
    lives = {**world.lives, apex: zone_life}
    return replace(world.with_keys(apex, zone_life.keys), lives=lives)


def lived(world: World, now: Instant) -> World:
    """Return the world after every step of every zone that is safe *now*."""
    for apex in world.signers:
        world = _advanced(world, apex, life_of(world, apex, now), now)
    return world


def _advanced(world: World, apex: Name, zone_life: ZoneLife, now: Instant) -> World:
    life = advance(zone_life.life, timing(world, apex), delegated(world, apex, zone_life), now)
    return with_life(world, apex, zone_life.with_life(life))


def delegated(world: World, apex: Name, zone_life: ZoneLife) -> frozenset[str]:
    """Return the keys of which the parent publishes a DS."""
    if parent_of(apex, world.sources) is None:
        # The trust anchor stands for a DS, and this lab hands it out itself.
        return frozenset(one for one, _ in zone_life.life.histories[Place.PARENT].current)
    seen = {(one.key_tag, one.algorithm) for one in world.delegations.get(apex, ())}
    return frozenset(
        label for label, key in zone_life.secrets.items() if (key.tag, key.algorithm.number) in seen
    )


def next_event(world: World) -> Instant | None:
    """Return when the keys of some zone have something to do next."""
    events = (one.life.next_event(timing(world, apex)) for apex, one in world.lives.items())
    return min((one for one in events if one is not None), default=None)


@dataclass(frozen=True, slots=True)
class Succession:
    """Say which keys of a zone come in the place of others.

    Attributes:
        apex: of the zone.
        keys: the new ones.
        roles: whose keys go; empty: all.
        order: in which their records come.
    """

    apex: Name
    keys: tuple[SigningKey, ...]
    roles: tuple[KeyRole, ...]
    order: Order


def rolled(world: World, change: Succession, now: Instant) -> World:
    """Return the world in which *change* has begun.

    Raises:
        LabError: it cannot be done here.
    """
    apex, zone_life = change.apex, life_of(world, change.apex, now)
    if parent_of(apex, world.sources) is None and KeyRole.ZSK not in change.roles:
        raise LabError(
            f"the key-signing key of {apex} is the trust anchor that every client was given; it "
            "cannot be rolled without RFC 5011, which this lab does not do"
        )
    old = [
        one.id
        for one in zone_life.life.members
        if one.goal is Goal.ACTIVE and (not change.roles or one.role in change.roles)
    ]
    fresh = dict(zip(_labels(zone_life, change.keys), change.keys, strict=True))
    members = [
        Member(label, key.role, int(key.algorithm.number), now) for label, key in fresh.items()
    ]
    life = succeed(zone_life.life, old, members, change.order)
    begun = ZoneLife(life, {**zone_life.secrets, **fresh})
    return _advanced(world, apex, begun, now)


def forced(world: World, apex: Name, now: Instant) -> World:
    """Return the world in which the keys of *apex* are where they shall be, whatever it breaks."""
    zone_life = life_of(world, apex, now)
    life = at_once(zone_life.life, timing(world, apex), now)
    return with_life(world, apex, zone_life.with_life(life))


def _labels(zone_life: ZoneLife, keys: Iterable[SigningKey]) -> Iterator[str]:
    """Iterate over names for new keys: "ksk-2" after "ksk"; no name is used twice."""
    tails = (one.rpartition("-")[2] for one in zone_life.secrets)
    count = max((int(tail) for tail in tails if tail.isdigit()), default=1)
    for number, key in enumerate(keys, count + 1):
        yield f"{key.role.value}-{number}"
