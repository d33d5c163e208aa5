"""Response rate limiting: be no amplifier for those who forge the addresses of others.

Decides: is one more answer of this kind sent to this network, cut short, or dropped. Whoever proves
its address, by TCP, a server cookie (RFC 7873 section 5.2.5) or TSIG, is never limited. There is no
RFC; the scheme is that of Vixie and Schryver ("DNS RRL", 2012), as in BIND, NSD and Knot.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import field
from enum import Enum
from ipaddress import ip_network
from typing import TypeAlias

from dns.name import Name
from dns.rcode import Rcode

from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.nameserver.cookies import Standing, judge_cookie
from lab.nameserver.event import QueryEvent
from lab.nameserver.query import Transport, push_failure
from lab.nameserver.ready_question import pull_question

_TC_OCTET, _TC_BIT = 2, 0x02

ZoneOf: TypeAlias = Callable[[Name], Name | None]
Account: TypeAlias = tuple[str, Rcode | None, str]


class Verdict(Enum):
    """Tell what is sent."""

    SEND = "send"
    SLIP = "slip"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Say how much is too much.

    Attributes:
        per_second: answers of one kind to one network.
        all_per_second: answers of all kinds to one network, as names below a wildcard never end.
        slip: every how manieth limited answer is sent with TC, so that a real client can use TCP.
        window_s: seconds for which excess is remembered.
        prefixes: length of a network's prefix, by IP version.
        accounts: how many are kept; the one unused for longest is forgotten first.
    """

    per_second: int
    all_per_second: int
    slip: int = 2
    window_s: int = 15
    prefixes: tuple[tuple[int, int], ...] = ((4, 24), (6, 56))
    accounts: int = 10_000

    @classmethod
    def of(cls, per_second: int) -> "RateLimit":
        """Return the limit that allows *per_second* of a kind, and ten times that of all kinds."""
        return cls(per_second, 10 * per_second)


@dataclass(slots=True)
class _Balance:
    """Hold what may still be sent, at a moment; it grows with time."""

    left: float
    at: float
    limited: int = 0


@dataclass(slots=True)
class RateLimiter:
    """Keep account of what is sent to whom.

    Attributes:
        limit: how much is too much.
        zone_of: returns the apex of the zone of ours that a name lies in; None: of none.
        counts: how many answers were cut short or dropped, by the name of the verdict.
    """

    limit: RateLimit
    zone_of: ZoneOf
    counts: Counter[str] = field(default_factory=Counter)
    _balances: OrderedDict[Account, _Balance] = field(default_factory=OrderedDict)

    def passed(
        self, event: QueryEvent, secrets: tuple[bytes, ...], lab_now: Instant
    ) -> bytes | None:
        """Return what is sent to the asker: the answer, a short one with TC, or None.

        Args:
            event: the query with its answer; its time is what accounts are kept by.
            secrets: of server cookies.
            lab_now: the moment at which cookies are judged.
        """
        if event.answer is None or event.transport is not Transport.UDP:
            return event.answer
        if _is_known(event, secrets, lab_now):
            # Nor is it charged: others in its network may need what is left.
            return event.answer
        verdict = self.judge(event)
        if verdict is Verdict.SEND:
            return event.answer
        self.counts[verdict.value] += 1
        return _cut_short(event.query) if verdict is Verdict.SLIP else None

    def judge(self, event: QueryEvent) -> Verdict:
        """Enter one answer into its accounts, and return what becomes of it."""
        network = self._network(event.peer.host)
        verdict = self._charge((network, None, ""), self.limit.all_per_second, event.time)
        of_kind = self._charge(
            (network, event.rcode, self._kind(event)), self.limit.per_second, event.time
        )
        return of_kind if verdict is Verdict.SEND else verdict

    def _charge(self, account: Account, rate: int, now: float) -> Verdict:
        balance = self._balances.pop(account, None) or _Balance(float(rate), now)
        elapsed = max(0.0, now - balance.at)
        balance.left = min(float(rate), balance.left + elapsed * rate) - 1
        balance.left = max(balance.left, -float(rate * self.limit.window_s))
        balance.at = now
        self._balances[account] = balance
        if len(self._balances) > self.limit.accounts:
            self._balances.popitem(last=False)
        if balance.left >= 0:
            balance.limited = 0
            return Verdict.SEND
        balance.limited += 1
        return Verdict.DROP if balance.limited % self.limit.slip else Verdict.SLIP

    def _network(self, host: str) -> str:
        version = 6 if ":" in host else 4
        length = dict(self.limit.prefixes)[version]
        return str(ip_network(f"{host}/{length}", strict=False))

    def _kind(self, event: QueryEvent) -> str:
        """Return what makes answers alike: names that do not exist are, within a zone."""
        if event.question is None or event.rcode not in {Rcode.NOERROR, Rcode.NXDOMAIN}:
            return ""
        qname, qtype, _ = event.question
        if event.rcode == Rcode.NXDOMAIN:
            return str(self.zone_of(qname))
        return f"{qname.canonicalize()} {int(qtype)}"


def _is_known(event: QueryEvent, secrets: tuple[bytes, ...], now: Instant) -> bool:
    """Return whether the asker has proved that it has the address it writes from."""
    if pull_question(event.query) is not None:
        # A plain question has neither cookie nor TSIG, and that is quickly seen.
        return False
    if event.key is not None and event.rcode != Rcode.NOTAUTH:
        return True
    cookie = event.cookie
    return judge_cookie(cookie, event.peer.host, now, secrets) is Standing.VALID


def _cut_short(query: bytes) -> bytes:
    """Return an empty answer with TC: no longer than the query was."""
    answer = bytearray(push_failure(query, Rcode.NOERROR))
    answer[_TC_OCTET] |= _TC_BIT
    return bytes(answer)
