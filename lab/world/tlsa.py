"""The TLSA records that the operators publish: those of their certificates."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TLSA import TLSA

from lab.core.rrsets import RRset
from lab.dane.tlsa import Parameters, make_tlsa, server_owner
from lab.pki.identity import Identity
from lab.world.dot import DotServer, dot_servers

if TYPE_CHECKING:
    from lab.world.materials import Materials

TLSA_TTL = 60


def tlsa_rrsets(materials: "Materials") -> Iterator[RRset]:
    """Iterate over the TLSA RRsets that the operators publish, for servers and for clients."""
    yield from (one.tlsa for one in dot_of(materials))
    for operator in materials.operators:
        for config in operator.identities:
            if config.tlsa is None:
                continue
            rdata = tlsa_of(config.tlsa, materials.identities[config.name])
            yield RRset(config.client, RdataType.TLSA, TLSA_TTL, (rdata,))
            if config.address is not None:
                owner = server_owner(config.host, materials.tls_port)
                yield RRset(owner, RdataType.TLSA, TLSA_TTL, (rdata,))


def dot_of(materials: "Materials") -> tuple[DotServer, ...]:
    """Return the nameservers that answer over TLS."""
    identities = materials.dot_identities
    return dot_servers(materials.configs, materials.operators, identities, materials.dot_port)


def tlsa_of(parameters: Parameters, identity: Identity) -> TLSA:
    """Return the record: usages 1 and 3 name the leaf, 0 and 2 the operator's root."""
    certificate = identity.chain[-1 if parameters.usage.names_authority else 0]
    return make_tlsa(certificate, parameters.usage, parameters.selector, parameters.matching)
