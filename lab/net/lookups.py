"""Look clients up within bounds: so many at a time, so long each, and a "no" is remembered.

Whoever connects can make a server ask the DNS, at a nameserver of his choice, which may answer
slowly or not at all. The allow-list is looked at before anything comes here.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dns.name import Name
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as LateError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel

from lab.core.instant import Instant
from lab.core.status import Proven, SecurityStatus
from lab.dane.bounds import LookupLimits, Tally
from lab.dane.decision import Decision
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.policy import ClientPolicy, identify
from lab.net.turns import Turns
from lab.tls.authentication import Presented, claim_of, judge_client
from lab.validator.shelf import Shelf

log = Logger()

Find: TypeAlias = Callable[[Name], Awaitable[TlsaEvidence]]
"""Looks up and validates the TLSA RRset of a name."""


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
        self._turns = Turns(self._limits)
        self._noes: Shelf[Name, TlsaEvidence] = Shelf(self._limits.remembered)

    async def __call__(self, name: Name) -> TlsaEvidence:
        """Return what the DNS says about the TLSA RRset of *name*, or said shortly before."""
        known = self._noes.get(name, self._now())
        if known is not None:
            return known.value
        if not await self._turns.take(name):
            log.emit(LogLevel.warn, "not looked up: {name}, too many lookups wait", name=str(name))
            return _no_answer(name)
        try:
            evidence = await self._in_time(name)
        finally:
            self._turns.give_back(name)
        self._noes.put(name, evidence, self._now(), self._lifetime(evidence))
        return evidence

    def counted(self) -> Tally:
        """Return what there was since this was asked last; the counts go on in what is returned."""
        self._turns.tally = Tally()
        return self._turns.tally

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
