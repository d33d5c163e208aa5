"""Look up what DANE needs of the DNS, validated from a trust anchor down, with one cache."""

from collections.abc import Callable
from dataclasses import field

from dns.name import Name

from lab.core.dialogue import Dialogue, ResultT
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.dane.discovery import Endpoint, Look, Seen, Service, discover_host
from lab.dane.evidence import TlsaEvidence
from lab.net.dns_client import DnsClient
from lab.net.dns_exchange import RESOLUTION_S
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
        (endpoint,) = await self.look(discover_host(service))
        return endpoint, await self.tlsa_of(endpoint)

    async def look(self, discovery: Dialogue[Look, Seen, ResultT]) -> ResultT:
        """Return what *discovery* finds, validated."""
        dialogue = looking(discovery, self.settings, self.now(), self.cache)
        return await drive(dialogue, self.client.within(RESOLUTION_S).ask)

    async def tlsa_of(self, endpoint: Endpoint) -> tuple[Name, TlsaEvidence]:
        """Return the TLSA base domain that decides about *endpoint*, and what is there."""
        dialogue = look_up_endpoint(endpoint, self.settings, self.now(), self.cache)
        return await drive(dialogue, self.client.within(RESOLUTION_S).ask)
