"""What the lab publishes in the zones of its operators: records of servers, join servers, devices.

A world without operators has none of them, and need not load what this needs.
"""

from collections.abc import Iterator

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.rrsets import RRset
from lab.dane.tlsa import parse_parameters, server_owner
from lab.nameserver.tree import home_of
from lab.world.build import World
from lab.world.identities import identity_rrsets
from lab.world.materials import Materials
from lab.world.registry import registry_rrsets
from lab.world.tlsa import TLSA_TTL, tlsa_of, tlsa_rrsets


def published_rrsets(materials: Materials) -> Iterator[RRset]:
    """Iterate over all records that are made for the operators and their devices."""
    yield from server_rrsets(materials)
    yield from identity_rrsets(materials)


def server_rrsets(materials: Materials) -> Iterator[RRset]:
    """Iterate over those that depend on where servers listen and what they show."""
    yield from tlsa_rrsets(materials)
    yield from registry_rrsets(materials)


def tlsa_owner(world: World, identity: str, *, of_server: bool) -> Name:
    """Return where the TLSA RRset of an identity stands.

    Raises:
        InputError: there is no such identity, or no such server.
    """
    config = world.identity(identity)
    if not of_server:
        return config.client
    if config.address is None:
        raise InputError(f"{identity} is a client only and has no TLSA record for a server")
    return server_owner(config.host, world.materials.tls_port)


def with_tlsa(world: World, identity: str, *, of_server: bool, form: str = "") -> World:
    """Return the world in which the TLSA RRset of an identity is what *form* says.

    Args:
        world: where it changes.
        identity: whose certificate is meant, e.g. "tsp.ns".
        of_server: the record for the server, not that for the client.
        form: usage, selector and matching type; empty: what operators.toml says.

    Raises:
        InputError: the identity is unknown, or has no form of its own.
        ZoneError: no zone of the lab holds the owner name.
    """
    owner = tlsa_owner(world, identity, of_server=of_server)
    own = world.identity(identity).tlsa
    parameters = parse_parameters(form) if form else own
    if parameters is None:
        raise InputError(f"{identity} publishes nothing of its own; say in which form")
    rdata = tlsa_of(parameters, world.materials.identities[identity])
    apex = home_of(owner, world.sources)
    assert apex is not None
    rrset = RRset(owner, RdataType.TLSA, TLSA_TTL, (rdata,))
    return world.with_source(world.sources[apex].with_rrsets([rrset]))
