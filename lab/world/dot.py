"""DNS over TLS (RFC 7858): which nameservers offer it, and the TLSA records that pin their keys.

Those of the zones of operators do: an operator has a certification authority, and so each of its
nameservers has a certificate with its own name in it. The TLSA record pins its key, as those who
ask know no CA (RFC 7671 section 5.1).
"""

from collections.abc import Iterable, Iterator, Mapping

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.frozen import dataclass
from lab.core.question import Server
from lab.core.rrsets import RRset
from lab.dane.tlsa import make_tlsa, parse_parameters, server_owner
from lab.pki.identity import Identity
from lab.world.config import ZoneConfig
from lab.world.operators import OperatorConfig

TLSA_TTL = 60
_PINNED_KEY = parse_parameters("3 1 1")


@dataclass(frozen=True, slots=True)
class DotServer:
    """Describe one nameserver that answers over TLS.

    Attributes:
        operator: who vouches for it, e.g. "afnic".
        server: its name and address.
        identity: its key and certificate, of the operator whose zone it serves.
        port: where it listens.
    """

    operator: str
    server: Server
    identity: Identity
    port: int

    @property
    def tlsa_owner(self) -> Name:
        """Return where its TLSA RRset stands, e.g. `_853._tcp.ns1.afnic.fr.`."""
        return server_owner(self.server.name, self.port)

    @property
    def tlsa(self) -> RRset:
        """Return the TLSA RRset that pins its key."""
        form = _PINNED_KEY
        leaf = self.identity.chain[0]
        rdata = make_tlsa(leaf, form.usage, form.selector, form.matching)
        return RRset(self.tlsa_owner, RdataType.TLSA, TLSA_TTL, (rdata,))


def servers_with_dot(
    configs: Iterable[ZoneConfig], operators: Iterable[OperatorConfig]
) -> Iterator[tuple[OperatorConfig, Server]]:
    """Iterate over the nameservers that offer TLS, with the operator that vouches for each."""
    owners = {one.zone: one for one in operators if one.zone is not None}
    for config in configs:
        operator = owners.get(config.apex)
        if operator is None:
            continue
        for server in config.nameservers:
            # Nobody can vouch for a name that is not its own.
            if server.name.is_subdomain(config.apex):
                yield operator, server


def dot_servers(
    configs: Iterable[ZoneConfig],
    operators: Iterable[OperatorConfig],
    identities: Mapping[Name, Identity],
    port: int,
) -> tuple[DotServer, ...]:
    """Return the nameservers that offer TLS and have a certificate among *identities*."""
    return tuple(
        DotServer(operator.name, server, identities[server.name], port)
        for operator, server in servers_with_dot(configs, operators)
        if server.name in identities
    )
