"""Replace the certificate of an identity in a world, step by step (RFC 7671 section 8.1).

The next certificate lies ready beside the one in use; the TLSA RRsets of server and client name
both, and later only the next one. What is safe in which order says `dane.rollover`.
"""

from collections.abc import Iterable
from dataclasses import replace

from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TLSA import TLSA

from lab.core.errors import InputError
from lab.core.rrsets import RRset
from lab.dane.rollover import Deployment, Stage, Timing, rollover
from lab.dane.tlsa import TlsaRecord
from lab.nameserver.tree import home_of
from lab.pki.identity import Identity
from lab.world.build import World
from lab.world.publishing import tlsa_owner
from lab.world.tlsa import TLSA_TTL

_NEXT = "{}, next"


def with_next(world: World, name: str, identity: Identity) -> World:
    """Return the world in which *identity* lies ready to become that of *name*."""
    return _with_identities(world, {_NEXT.format(name): identity})


def rollover_of(world: World, name: str, propagation: int = 0) -> tuple[Stage, ...]:
    """Return the stages from the certificate in use to the one that lies ready.

    Raises:
        InputError: there is no such identity, none lies ready, or nothing is published.
    """
    return rollover(*_deployments(world, name), Timing(TLSA_TTL, propagation))


def with_stage(world: World, name: str, records: Iterable[TlsaRecord]) -> World:
    """Return the world in which the TLSA RRsets of *name* hold *records*."""
    rdatas = tuple(
        TLSA(RdataClass.IN, RdataType.TLSA, one.usage, one.selector, one.matching, one.data)
        for one in records
    )
    for owner in _owners(world, name):
        apex = home_of(owner, world.sources)
        assert apex is not None, "a world publishes nothing that it has no zone for"
        rrset = RRset(owner, RdataType.TLSA, TLSA_TTL, rdatas)
        world = world.with_source(world.sources[apex].with_rrsets([rrset]))
    return world


def with_both(world: World, name: str) -> World:
    """Return the world in which the TLSA RRsets of *name* name both certificates."""
    return with_stage(world, name, rollover_of(world, name)[0].records)


def with_next_only(world: World, name: str) -> World:
    """Return the world in which they name the certificate that lies ready, alone."""
    _, new = _deployments(world, name)
    return with_stage(world, name, new.records())


def with_deployed(world: World, name: str) -> World:
    """Return the world in which *name* shows the certificate that lay ready.

    Its records stay as they are: a rollover that goes on names it alone in the end.
    """
    return _with_identities(world, {name: next_of(world, name)})


def next_of(world: World, name: str) -> Identity:
    """Return the certificate that lies ready for *name*.

    Raises:
        InputError: none does.
    """
    ready = world.materials.identities.get(_NEXT.format(name))
    if ready is None:
        raise InputError(f"no new certificate lies ready for {name}")
    return ready


def _deployments(world: World, name: str) -> tuple[Deployment, Deployment]:
    form = world.identity(name).tlsa
    if form is None:
        raise InputError(f"{name} publishes no TLSA record that could be replaced")
    old, new = world.materials.identities[name], next_of(world, name)
    return Deployment(old.chain, (form,)), Deployment(new.chain, (form,))


def _owners(world: World, name: str) -> tuple[Name, ...]:
    client = tlsa_owner(world, name, of_server=False)
    if world.identity(name).address is None:
        return (client,)
    return client, tlsa_owner(world, name, of_server=True)


def _with_identities(world: World, more: dict[str, Identity]) -> World:
    identities = {**world.materials.identities, **more}
    return replace(world, materials=replace(world.materials, identities=identities))
