"""What the registry of JoinEUIs publishes for those join servers that no alias in its file names.

As TLSA records these say at which port a server listens, or stand at a name that has it, so they
are made when the lab knows it. Two ways beside an alias: NAPTR and SRV, as Backend Interfaces 1.0
section 19 has it, and an address at the JoinEUI's own name, with the TLSA records there.
"""

from collections.abc import Iterator

import dns.name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from lab.core.rrsets import RRset
from lab.dane.tlsa import server_owner
from lab.lorawan.identifiers import join_eui_name
from lab.world.lorawan import JoinEuiConfig, Way
from lab.world.materials import Materials
from lab.world.operators import IdentityConfig
from lab.world.tlsa import TLSA_TTL, tlsa_of

# The labels of TS002-1.0 section 19; the first record is for HTTP without TLS, which nobody here
# does: whoever asks has to drop it.
_SERVICES = ((50, b"LWN", "_LWN._X2H"), (90, b"LWNS", "_LWN._J2H"))
_PREFERENCE = 50


def registry_rrsets(materials: Materials) -> Iterator[RRset]:
    """Iterate over the RRsets that lead from JoinEUIs to join servers."""
    servers = {one.name: one for operator in materials.operators for one in operator.identities}
    redirected = {}
    for config in materials.lorawan.join_euis.values():
        server = servers[f"{config.operator}.js"]
        match config.way:
            case Way.ALIAS:
                continue
            case Way.ADDRESS:
                yield from _address(config, server, materials)
            case Way.NAPTR:
                redirected[server.name] = server
                yield _naptr(config, server)
    yield from (_srv(one, materials.tls_port) for one in redirected.values())


def _naptr(config: JoinEuiConfig, server: IdentityConfig) -> RRset:
    domain = server.host.parent()
    rdatas = tuple(
        NAPTR(
            RdataClass.IN,
            RdataType.NAPTR,
            order,
            _PREFERENCE,
            b"S",
            service,
            b"",
            dns.name.from_text(labels, domain),
        )
        for order, service, labels in _SERVICES
    )
    return RRset(join_eui_name(config.join_eui), RdataType.NAPTR, TLSA_TTL, rdatas)


def _srv(server: IdentityConfig, port: int) -> RRset:
    _, _, labels = _SERVICES[-1]
    owner = dns.name.from_text(labels, server.host.parent())
    rdata = SRV(RdataClass.IN, RdataType.SRV, 0, 1, port, server.host)
    return RRset(owner, RdataType.SRV, TLSA_TTL, (rdata,))


def _address(
    config: JoinEuiConfig, server: IdentityConfig, materials: Materials
) -> Iterator[RRset]:
    name = join_eui_name(config.join_eui)
    rdata = A(RdataClass.IN, RdataType.A, server.address)
    yield RRset(name, RdataType.A, TLSA_TTL, (rdata,))
    if server.tlsa is not None:
        # RFC 7671 section 7: without alias the TLSA base domain is the name that was asked for.
        tlsa = tlsa_of(server.tlsa, materials.identities[server.name])
        owner = server_owner(name, materials.tls_port)
        yield RRset(owner, RdataType.TLSA, TLSA_TTL, (tlsa,))
