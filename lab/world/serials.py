"""Serial numbers: what a zone publishes never changes while its serial stands still.

Secondaries and caches of transfers know a version by its serial alone (RFC 1034 section 4.3.5). So
whatever changes the records, the keys, the way of signing, or the DS of a child raises it here.
"""

from collections.abc import Iterable
from dataclasses import fields
from hashlib import sha256

from dns.name import Name
from dns.serial import Serial

from lab.nameserver.difference import Difference, difference
from lab.nameserver.signer import Signer
from lab.nameserver.zone import following
from lab.world.build import World
from lab.world.growth import differing

# What a signer has beside what it publishes.
_NOT_PUBLISHED = {"apex", "keys", "hooks", "cache"}


def is_newer(one: int, than: int) -> bool:
    """Tell whether a secondary that has *than* would fetch *one* (RFC 1982 section 3.2)."""
    return bool(Serial(one) > Serial(than))


def surroundings(world: World, apex: Name) -> bytes:
    """Return a digest of what zone *apex* publishes beside its records.

    That is: keys and their duties, how it is signed, and the DS RRsets of its children.
    """
    children = world.growth.children(world.sources, world.delegations)
    parts = (world.signers, world.co_signers, world.delegations, children)
    known = world.growth.surroundings.of(parts, dict)
    if apex not in known:
        known[apex] = _surroundings(world, apex, children.get(apex, ()))
    return known[apex]


def _surroundings(world: World, apex: Name, children: Iterable[Name]) -> bytes:
    facts: list[object] = []
    if apex in world.signers:
        facts.append(_way_of_signing(world.signers[apex]))
    if apex in world.co_signers:
        second = world.co_signers[apex]
        facts.append(
            [*_way_of_signing(second.signer), second.knows.value, sorted(second.addresses)]
        )
    facts.extend(
        (str(child), sorted(one.to_text() for one in world.delegations[child]))
        for child in sorted(children)
        if world.delegations[child]
    )
    return sha256(repr(facts).encode()).digest()


def _way_of_signing(signer: Signer) -> list[object]:
    keys = zip(signer.keys.keys, signer.keys.duties, strict=True)
    others = [one.name for one in fields(signer) if one.name not in _NOT_PUBLISHED]
    return [
        sorted((key.dnskey.to_text(), int(duties.value)) for key, duties in keys),
        [(name, repr(getattr(signer, name))) for name in others],
    ]


def changes(before: World, after: World) -> dict[Name, Difference]:
    """Return which zones publish something else in *after*, and how their records differ."""
    return after.growth.changes.of((before, after), lambda: _changes(before, after))


def _changes(before: World, after: World) -> dict[Name, Difference]:
    parts = ("signers", "co_signers", "delegations")
    is_in_records = all(getattr(before, one) is getattr(after, one) for one in parts)
    others = differing(before.sources, after.sources) if is_in_records else None
    found = {}
    for apex in after.sources if others is None else others:
        old, new = before.sources.get(apex), after.sources[apex]
        change = Difference() if old is None else difference(old, new)
        if old is None or change or surroundings(before, apex) != surroundings(after, apex):
            found[apex] = change
    return found


def with_new_serials(before: World, after: World) -> World:
    """Return *after*, in which each zone that changed has a greater serial than it had."""
    for apex in changes(before, after):
        old = before.sources.get(apex)
        if old is not None and not is_newer(after.sources[apex].serial, old.serial):
            after = after.with_source(after.sources[apex].with_serial(following(old.serial)))
    return after


def with_serials_of(world: World, other: World, apexes: Iterable[Name]) -> World:
    """Return *world* with the serials that *apexes* have in *other*."""
    for apex in apexes:
        world = world.with_source(world.sources[apex].with_serial(other.sources[apex].serial))
    return world
