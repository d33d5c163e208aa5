"""Put what earlier runs of the lab changed on top of what files and keys say now.

A journaled change is repeated as a set operation: records go, records come. So it does not matter
whether the master file was edited meanwhile. The serial never goes back, and never stands still
when something else is published than before.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

from dns.name import Name

from lab.core.errors import ZoneError
from lab.core.frozen import dataclass
from lab.core.rrsets import RRset
from lab.nameserver.difference import Difference
from lab.nameserver.tree import home_of
from lab.nameserver.zone import Zone, following
from lab.world.build import World
from lab.world.materials import Materials
from lab.world.serials import is_newer, surroundings


@dataclass(frozen=True, slots=True)
class Origin:
    """Identify what a zone is made of before any journaled change.

    Attributes:
        file: digest of the master file.
        generated: digest of the records that the lab adds: TLSA of the operators' certificates.
    """

    file: bytes
    generated: bytes


@dataclass(frozen=True, slots=True)
class Memory:
    """Hold what is known of a zone from an earlier run.

    Attributes:
        serial: the last one that was served.
        origin: what the changes were made to.
        surroundings: digest of keys, way of signing and DS of children; see `world.serials`.
        transferred: whether secondaries may hold the zone with that serial.
        changes: in the order in which they were made, without serials.
    """

    serial: int
    origin: Origin
    surroundings: bytes
    transferred: bool = False
    changes: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """Hold the lab as it was left.

    Attributes:
        world: with the journaled changes and serials.
        memories: what to know of each zone from now on; the same object where nothing changed.
        remarks: sentences for the user, about files that were edited meanwhile.
    """

    world: World
    memories: Mapping[Name, Memory]
    remarks: tuple[str, ...]


def origins(materials: Materials) -> dict[Name, Origin]:
    """Return what each zone is made of."""
    generated: dict[Name, list[str]] = {apex: [] for apex in materials.texts}
    for rrset in _generated(materials):
        home = home_of(rrset.owner, generated)
        assert home is not None  # `build` has seen to it
        generated[home].append(str(rrset.to_dns()))
    return {
        apex: Origin(
            sha256(text.encode()).digest(), sha256("\n".join(generated[apex]).encode()).digest()
        )
        for apex, text in materials.texts.items()
    }


def _generated(materials: Materials) -> Iterable[RRset]:
    """Return what the lab adds for operators; where there are none, nothing is loaded for them."""
    if not materials.operators:
        return ()
    from lab.world.publishing import server_rrsets  # noqa: PLC0415 as just said

    return server_rrsets(materials)


def restore(world: World, memories: Mapping[Name, Memory]) -> Restored:
    """Return *world*, which was just built, as the run that left *memories* left it."""
    remarks: list[str] = []
    kept: dict[Name, Memory] = {}
    changed: dict[Name, Zone] = {}
    for apex, origin in origins(world.materials).items():
        memory = memories.get(apex)
        now = surroundings(world, apex)
        if memory is None:
            kept[apex] = Memory(world.sources[apex].serial, origin, now)
            continue
        built = world.sources[apex]
        zone, lost = _replayed(built, memory.changes)
        serial = _serial(built, memory, origin, now)
        if zone is not built or serial != built.serial:
            changed[apex] = zone.with_serial(serial)
        fresh = Memory(serial, origin, now, transferred=False, changes=memory.changes)
        kept[apex] = memory if fresh == memory else fresh
        remarks += _remarks(apex, built, memory, fresh)
        remarks += lost
    restored = replace(world, sources={**world.sources, **changed}) if changed else world
    return Restored(restored, kept, tuple(remarks))


def _replayed(zone: Zone, changes: tuple[Difference, ...]) -> tuple[Zone, list[str]]:
    lost = []
    for change in changes:
        try:
            zone = change.applied_to(zone)
        except ZoneError as error:
            lost.append(f"{zone.apex}: a change of an earlier run is left out: {error}")
    return zone, lost


def _serial(built: Zone, memory: Memory, origin: Origin, surroundings_now: bytes) -> int:
    is_same_zone = origin == memory.origin
    if is_same_zone and surroundings_now == memory.surroundings and not memory.transferred:
        return memory.serial
    if is_same_zone or not is_newer(built.serial, memory.serial):
        return following(memory.serial)
    # Who edits a file and raises its serial means this serial, but nobody has it with changes.
    return following(built.serial) if memory.changes else built.serial


def _remarks(apex: Name, built: Zone, before: Memory, now: Memory) -> Iterator[str]:
    if now.origin.file == before.origin.file:
        return
    if now.changes:
        yield (
            f"{apex}: the master file was edited since the last run; the changes made to the"
            f" running zone are applied to it again, with serial {now.serial}"
        )
    elif now.serial != built.serial:
        yield (
            f"{apex}: the master file was edited but its serial {built.serial} is not greater than"
            f" {before.serial}, which was served already; the lab serves {now.serial}"
        )
