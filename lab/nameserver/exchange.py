"""One query with everything that an answer may depend on besides the zones."""

from dataclasses import field
from enum import Enum

import dns.edns
from dns.edns import CookieOption, Option, OptionType
from dns.message import Message

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.nameserver.cookies import Standing, judge_cookie
from lab.nameserver.query import Peer

IDLE_S = 10.0
# Stands among the messages of an answer for a time in which nothing is sent: the next one is to be
# asked for a little later.
NOT_YET = b""


class CookiePolicy(Enum):
    """Tell what becomes of a query over UDP whose cookie proves nothing."""

    OFFERED = "offered"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Service:
    """Say what one address tells about itself, and how it treats strangers.

    Attributes:
        identity: name of the server for NSID and id.server; empty: it is not told.
        version: for version.bind; empty: it is not told.
        secrets: for server cookies, the present one first; none: cookies are not supported.
        cookies: whether a good cookie is demanded of those who send one.
        idle_s: seconds for which an idle connection is kept open, as told to clients.
    """

    identity: str = ""
    version: str = ""
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    cookies: CookiePolicy = CookiePolicy.OFFERED
    idle_s: float = IDLE_S


@dataclass(frozen=True, slots=True)
class Exchange:
    """Hold one query, who sent it, when, and to which service.

    Attributes:
        query: decoded.
        peer: who asks, over which transport.
        now: the lab's present.
        service: what the address that was asked tells about itself.
    """

    query: Message
    peer: Peer
    now: Instant
    service: Service = field(default_factory=Service)

    def option(self, number: OptionType) -> Option | None:
        """Return the first EDNS option *number* of the query, or None."""
        return next((one for one in self.query.options if one.otype == number), None)

    @property
    def cookie(self) -> CookieOption | None:
        """Return the cookie of the query; None if it has none, or if we take none."""
        # RFC 7873 section 5.2: only the first one counts.
        option = self.option(OptionType.COOKIE) if self.service.secrets else None
        return option if isinstance(option, dns.edns.CookieOption) else None

    @property
    def standing(self) -> Standing:
        """Return what the cookie of the query proves."""
        return judge_cookie(self.cookie, self.peer.host, self.now, self.service.secrets)
