"""Look clients up within bounds: so many at a time, so long each, and a "no" is remembered.

Whoever connects can make a server ask the DNS, at a nameserver of his choice, which may answer
slowly or not at all. The allow-list is looked at before anything comes here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from dns.name import Name
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.defer import TimeoutError as LateError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel

from lab.core.instant import Instant
from lab.core.status import Proven, SecurityStatus
from lab.dane.decision import Decision
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.policy import ClientPolicy, identify
from lab.tls.authentication import Presented, claim_of, judge_client
from lab.validator.shelf import Shelf

log = Logger()

Find: TypeAlias = Callable[[Name], Awaitable[TlsaEvidence]]
"""Looks up and validates the TLSA RRset of a name."""


@dataclass(frozen=True, slots=True)
class LookupLimits:
    """Bound what strangers can make us do.

    Attributes:
        at_once: lookups at the same time.
        waiting: names that wait for their turn; more are refused as if there were no answer.
        seconds: for one lookup, from its turn on; the gate itself has a limit above it.
        failure_s: how long a failed lookup is remembered, in seconds (RFC 9520 section 3.2).
        longest_s: how long an absent or insecure name is remembered at most.
        remembered: names that are remembered; the one not wanted for longest is forgotten first.
    """

    at_once: int = 16
    waiting: int = 64
    seconds: float = 8.0
    failure_s: int = 5
    longest_s: int = 300
    remembered: int = 1024


class Lookups:
    """Look names up for a server."""

    def __init__(
        self,
        reactor: IReactorTime,
        find: Find,
        now: Callable[[], Instant],
        limits: LookupLimits | None = None,
    ) -> None:
        """Ask *find*; *now* is the clock by which a "no" is forgotten."""
        self._reactor, self._find, self._now = reactor, find, now
        self._limits = limits or LookupLimits()
        self._turns = DeferredSemaphore(self._limits.at_once)
        self._noes: Shelf[Name, TlsaEvidence] = Shelf(self._limits.remembered)

    async def __call__(self, name: Name) -> TlsaEvidence:
        """Return what the DNS says about the TLSA RRset of *name*, or said shortly before."""
        known = self._noes.get(name, self._now())
        if known is not None:
            return known.value
        if len(self._turns.waiting) >= self._limits.waiting:
            log.emit(LogLevel.warn, "not looked up: {name}, too many lookups wait", name=str(name))
            return _no_answer(name)
        await self._turns.acquire()
        try:
            evidence = await self._in_time(name)
        finally:
            self._turns.release()
        self._noes.put(name, evidence, self._now(), self._lifetime(evidence))
        return evidence

    def forget(self) -> None:
        """Remember nothing any more."""
        self._noes = Shelf(self._limits.remembered)

    async def _in_time(self, name: Name) -> TlsaEvidence:
        async def find() -> TlsaEvidence:
            return await self._find(name)

        looking: Deferred[TlsaEvidence] = Deferred.fromCoroutine(find())
        looking.addTimeout(self._limits.seconds, self._reactor)
        try:
            return await looking
        except LateError:
            return _no_answer(name)

    def _lifetime(self, evidence: TlsaEvidence) -> int:
        """Return how many seconds a "no" holds; 0 for records, which are asked for each time."""
        match evidence.dns_status:
            case DnsStatus.SECURE | DnsStatus.INSECURE:
                return 0
            case DnsStatus.SECURE_ABSENT:
                # RFC 2308 section 5: the lesser of TTL and MINIMUM of the SOA.
                return min(evidence.negative_ttl, self._limits.longest_s)
            case DnsStatus.BOGUS | DnsStatus.INDETERMINATE | DnsStatus.TIME_OUT:
                return self._limits.failure_s


async def judged_client(
    presented: Presented, policy: ClientPolicy, lookups: Lookups, now: Callable[[], Instant]
) -> Decision:
    """Decide, as a server, about the client that showed *presented*; *lookups* are bounded."""
    identified = identify(claim_of(presented), policy)
    if isinstance(identified, Decision):
        return identified
    evidence = await lookups(identified.name)
    return judge_client(presented, identified, policy, evidence, now())


def _no_answer(name: Name) -> TlsaEvidence:
    return TlsaEvidence(name, Found.TIMEOUT, Proven(SecurityStatus.INDETERMINATE, ()))
