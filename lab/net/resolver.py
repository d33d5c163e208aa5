"""Look up what DANE needs of the DNS, validated from a trust anchor down, with one cache."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dns.name import Name

from lab.core.instant import Instant
from lab.dane.discovery import Endpoint, Service, discover_host
from lab.dane.evidence import TlsaEvidence
from lab.net.dns_client import RESOLUTION_S, DnsClient
from lab.net.drive import drive
from lab.tls.lookup import look_up_endpoint, look_up_tlsa, looking
from lab.validator.cache import Cache
from lab.validator.settings import Settings


@dataclass(frozen=True, slots=True)
class Resolver:
    """Find servers and TLSA records.

    Attributes:
        client: sockets.
        settings: root hints and trust anchor.
        now: the time by which signatures are judged.
        cache: what was judged, until its time is over.
    """

    client: DnsClient
    settings: Settings
    now: Callable[[], Instant]
    cache: Cache = field(default_factory=Cache)

    async def tlsa(self, owner: Name) -> TlsaEvidence:
        """Return what the DNS says about the TLSA RRset of *owner*."""
        dialogue = look_up_tlsa(owner, self.settings, self.now(), self.cache)
        return await drive(dialogue, self.client.within(RESOLUTION_S).ask)

    async def server(self, service: Service) -> tuple[Endpoint, tuple[Name, TlsaEvidence]]:
        """Return where *service* is, its TLSA base domain, and what is there (RFC 7671 7)."""
        ask, now = self.client.within(RESOLUTION_S).ask, self.now()
        discovery = looking(discover_host(service), self.settings, now, self.cache)
        (endpoint,) = await drive(discovery, ask)
        lookup = look_up_endpoint(endpoint, self.settings, now, self.cache)
        return endpoint, await drive(lookup, ask)
