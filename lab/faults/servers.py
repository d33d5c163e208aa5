"""Faults of servers: what they say is not what the zone holds, signed or not."""

from abc import abstractmethod
from enum import Enum

import dns.flags
import dns.rcode
import dns.rrset
from dns.exception import DNSException
from dns.message import QueryMessage
from dns.name import root
from dns.rcode import Rcode
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.faults.fault import OnZone, fault
from lab.nameserver.query import Transport
from lab.nameserver.server import ANSWER_DELAY, FILLED_RESPONSE, Filled

_DNSSEC = frozenset({RdataType.RRSIG, RdataType.NSEC, RdataType.NSEC3, RdataType.DS})
_TTL = 60
_LONGEST_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OnServers(OnZone):
    """Change what the nameservers of a zone send, or whether they send it."""

    def apply(self, value: Filled | None, now: Instant) -> Filled | None:
        """Return what is sent, None for nothing; *now* plays no part."""
        del now
        return None if value is None else self.changed(value)

    @abstractmethod
    def changed(self, filled: Filled) -> Filled | None:
        """Return *filled* as it is sent, or None."""


def _empty(response: QueryMessage) -> None:
    response.sections[1:] = [[], [], []]


@fault("server-refuses", seam=FILLED_RESPONSE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRefuses(OnServers):
    """Let the nameservers of a zone answer with an error: not loaded, expired, not for you.

    A validator reports: rule walk.server-answers, status indeterminate, or bogus where the zone is
    known to be signed and its keys are not given (RFC 4035 section 4.3).

    Attributes:
        rcode: "REFUSED", "SERVFAIL", "NOTAUTH" or another one that is no answer.
        type: of the questions that are refused; none: all.
    """

    rcode: str = "REFUSED"
    type: RdataType | None = None

    def __post_init__(self) -> None:
        """Refuse what is no RCODE, while its author still sees it."""
        self._number()

    def _number(self) -> Rcode:
        try:
            return dns.rcode.from_text(self.rcode)
        except (DNSException, ValueError) as error:
            raise InputError(f"{self.rcode!r} is no RCODE", "rcode") from error

    def changed(self, filled: Filled) -> Filled:
        """Return the response, emptied."""
        if self.type not in {None, filled.response.question[0].rdtype}:
            return filled
        _empty(filled.response)
        filled.response.set_rcode(self._number())
        return filled

    def __str__(self) -> str:
        """Return it as `server-refuses in example.fr.`, and the type that it is limited to."""
        only = "" if self.type is None else f" {RdataType.to_text(self.type)}"
        return f"{OnServers.__str__(self)}{only}"


@fault("server-silent", seam=FILLED_RESPONSE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSilent(OnServers):
    """Let the nameservers of a zone say nothing: whoever asks waits, until he has waited enough.

    A validator reports: rule walk.server-answers, status indeterminate.
    """

    def changed(self, filled: Filled) -> None:
        """Return nothing instead of a response."""


@fault("server-slow", seam=ANSWER_DELAY)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSlow(OnZone):
    """Let the nameservers of a zone answer what is right, but only after a while.

    What comes too late is as good as silence: resolvers ask again, and then somewhere else.
    A validator reports: status secure, only later; beyond its patience rule walk.server-answers,
    status indeterminate.

    Attributes:
        seconds: how long they take for each answer, up to 60; a fraction may be meant.
    """

    seconds: float = 3.0

    def __post_init__(self) -> None:
        """Refuse a time that is no delay, or for which nobody waits."""
        if not 0 < self.seconds <= _LONGEST_S:
            raise InputError(f"expected more than 0 and at most {_LONGEST_S} seconds", "seconds")

    def apply(self, value: float, now: Instant) -> float:
        """Return a delay that is longer by `seconds`; *now* plays no part."""
        del now
        return min(value + self.seconds, _LONGEST_S)


class OverTcp(Enum):
    """Tell what a server does with those who come back over TCP."""

    ANSWERS = "answers"
    SILENT = "silent"


@fault("server-truncates", seam=FILLED_RESPONSE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTruncates(OnServers):
    """Cut every answer over UDP, so that all have to come over TCP, where perhaps nobody answers.

    A firewall that lets no TCP through is an old mistake (RFC 7766 section 5).
    A validator reports: status secure if TCP answers, else rule walk.server-answers, status
    indeterminate.

    Attributes:
        tcp: "answers" or "silent".
    """

    tcp: OverTcp = OverTcp.ANSWERS

    def changed(self, filled: Filled) -> Filled | None:
        """Return the response, over UDP with TC and without records."""
        if filled.peer.transport is not Transport.UDP:
            return filled if self.tcp is OverTcp.ANSWERS else None
        _empty(filled.response)
        filled.response.flags |= dns.flags.TC
        return filled


@fault("server-mtu", seam=FILLED_RESPONSE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMtu(OnServers):
    """Lose big datagrams on the way, as fragments of them are lost; who asks for small ones hears.

    A resolver that asks again with a smaller size gets TC, and comes over TCP (RFC 9715 section 3).
    A validator reports: status secure if TCP answers, else rule walk.server-answers, status
    indeterminate.

    Attributes:
        octets: the greatest answer that comes through over UDP.
        tcp: "answers" or "silent".
    """

    octets: int = 512
    tcp: OverTcp = OverTcp.ANSWERS

    def changed(self, filled: Filled) -> Filled | None:
        """Return the response, over UDP if it is small, or will be cut to what was asked for."""
        if filled.peer.transport is not Transport.UDP:
            return filled if self.tcp is OverTcp.ANSWERS else None
        fits = len(filled.response.to_wire()) <= self.octets or filled.room <= self.octets
        return filled if fits else None


@fault("server-unaware", seam=FILLED_RESPONSE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUnaware(OnServers):
    """Let the nameservers of a zone, or somebody before them, know nothing of DNSSEC.

    RRSIG, NSEC, NSEC3 and DS are sent to nobody who did not ask for just them; what DNSKEY is such
    a server need not know.
    A validator reports: rule rrsig.present or rule dnskey.signed-by-entry,
    status bogus (RFC 4035 section 5.2): that a zone is signed is known from above.
    """

    def changed(self, filled: Filled) -> Filled:
        """Return the response without these records."""
        asked = filled.response.question[0].rdtype
        for section in filled.response.sections[1:]:
            section[:] = [one for one in section if one.rdtype not in _DNSSEC - {asked}]
        return filled


@fault("server-lame", seam=FILLED_RESPONSE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLame(OnServers):
    """Let the nameservers of a zone send all who ask to the root, as those did that lost a zone.

    A validator reports: rule walk.server-authoritative, status indeterminate, or bogus where the
    zone is known to be signed and its keys are not given (RFC 1912 section 2.8).
    """

    def changed(self, filled: Filled) -> Filled:
        """Return a referral to the root, without authority."""
        _empty(filled.response)
        up = dns.rrset.from_text(root, _TTL, "IN", "NS", "a.root-servers.net.")
        filled.response.authority.append(up)
        filled.response.set_rcode(Rcode.NOERROR)
        filled.response.flags &= ~dns.flags.AA
        return filled
