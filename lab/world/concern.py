"""Does a fault concern anything in the lab? Whoever mistypes a name is told, and does not wait."""

from collections.abc import Iterable

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.parameters import suggestion
from lab.faults.certificates import OnIdentity
from lab.faults.clocks import RESOLVER, ClockWrong
from lab.faults.fault import NamedFault, OnDelegation, OnOwner, OnRRset, OnZone
from lab.nameserver.tree import home_of, parent_of
from lab.nameserver.zone import Zone
from lab.world.build import World

# Their owners are hashes, or made up for one answer (RFC 5155 section 3, RFC 4470 section 3).
_OF_DENIALS = frozenset({RdataType.NSEC, RdataType.NSEC3})


def refuse_idle(world: World, fault: NamedFault) -> None:
    """Refuse a fault that would change nothing, since what it names is not there or not signed.

    Raises:
        InputError: one sentence, with a name that may be meant.
    """
    match fault:
        case OnIdentity():
            world.identity(fault.identity)
        case ClockWrong(of=of):
            if of != RESOLVER:
                world.identity(of)
        case OnZone():
            _refuse_unsigned(world, _zone(world, fault.zone))
        case OnDelegation():
            _refuse_unsigned(world, _parent(world, fault.child))
        case OnOwner():
            _refuse_unsigned(world, _home(world, fault.owner))
        case OnRRset(owner=None, zone=Name() as apex):
            _refuse_unsigned(world, _zone(world, apex))
        case OnRRset(owner=Name() as owner, type=RdataType.DS):
            _refuse_unsigned(world, _parent(world, owner))
        case OnRRset(owner=Name() as owner) if fault.type not in _OF_DENIALS:
            _refuse_unsigned(world, _home(world, owner))


def _refuse_unsigned(world: World, zone: Zone) -> None:
    if zone.apex not in world.signers:
        raise InputError(f"{zone.apex} is not signed: faults act where answers are signed")


def _zone(world: World, apex: Name) -> Zone:
    if apex not in world.sources:
        raise _missing("zone", apex, world.sources)
    return world.sources[apex]


def _parent(world: World, child: Name) -> Zone:
    apex = parent_of(child, world.sources)
    if apex is None or not world.sources[apex].is_cut(child):
        raise _missing("delegation of", child, world.sources)
    return world.sources[apex]


def _home(world: World, owner: Name) -> Zone:
    """Return the zone that has records of *owner*, or a wildcard for it, or delegates it."""
    apex = home_of(owner, world.sources)
    if apex is None:
        raise _missing("name", owner, world.sources)
    zone = world.sources[apex]
    place = zone.place(owner)
    wildcard = zone.rrsets(Name((b"*", *place.closest_encloser.labels)))
    if not (place.exists or place.cut or wildcard):
        raise _missing("name", owner, zone.owners())
    return zone


def _missing(thing: str, name: Name, there: Iterable[Name]) -> InputError:
    return InputError(
        f"there is no {thing} {name} in the lab{suggestion(str(name), map(str, there))}"
    )
