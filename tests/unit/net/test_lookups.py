"""Lookups of clients within bounds, on a clock of the test."""

from dataclasses import dataclass, field

import dns.name
import pytest
from dns.name import Name
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from lab.core.instant import Instant
from lab.core.status import Proven, SecurityStatus
from lab.dane.bounds import LookupLimits
from lab.dane.evidence import DnsStatus, Found, TlsaEvidence
from lab.dane.tlsa import TlsaRecord
from lab.net.lookups import Lookups

RECORDS = (TlsaRecord(3, 1, 1, bytes(32)),)
LIMITS = LookupLimits(at_once=2, waiting=2, seconds=5.0, failure_s=5, longest_s=300, remembered=3)


def evidence(name: Name, found: Found, status: SecurityStatus, ttl: int = 0) -> TlsaEvidence:
    """Return what a lookup came to."""
    records = RECORDS if found is Found.RECORDS else ()
    return TlsaEvidence(name, found, Proven(status, records), negative_ttl=ttl)


@dataclass
class Dns:
    """Answer when the test says so, and note who asked."""

    asked: list[Name] = field(default_factory=list)
    waiting: list["Deferred[TlsaEvidence]"] = field(default_factory=list)

    async def find(self, name: Name) -> TlsaEvidence:
        self.asked.append(name)
        answer: Deferred[TlsaEvidence] = Deferred()
        self.waiting.append(answer)
        return await answer


class Table:
    """Hold a server's lookups, the DNS and a clock."""

    def __init__(self) -> None:
        self.clock, self.dns = Clock(), Dns()
        now = lambda: Instant(self.clock.seconds())  # noqa: E731 one line
        self.lookups = Lookups(self.clock, self.dns.find, now, LIMITS)
        self.got: list[TlsaEvidence] = []

    def ask(self, text: str) -> None:
        """Ask for *text*; what comes is in `got`."""
        name = dns.name.from_text(text)
        Deferred.fromCoroutine(self.lookups(name)).addCallback(self.got.append)

    def answer(self, found: Found, status: SecurityStatus, ttl: int = 0) -> None:
        """Answer the last question."""
        name = self.dns.asked[-1]
        self.dns.waiting[-1].callback(evidence(name, found, status, ttl))


@pytest.fixture
def table() -> Table:
    return Table()


def test_records_are_asked_for_each_time(table: Table) -> None:
    for _ in range(2):
        table.ask("a.example")
        table.answer(Found.RECORDS, SecurityStatus.SECURE)
    assert len(table.dns.asked) == 2
    assert [one.dns_status for one in table.got] == [DnsStatus.SECURE] * 2


def test_a_proven_absence_is_remembered_as_long_as_its_soa_says(table: Table) -> None:
    table.ask("A.example")
    table.answer(Found.NXDOMAIN, SecurityStatus.SECURE, ttl=60)
    table.clock.advance(59)
    table.ask("a.EXAMPLE")
    assert (len(table.dns.asked), len(table.got)) == (1, 2)
    table.clock.advance(1)
    table.ask("a.example")
    assert len(table.dns.asked) == 2


def test_no_absence_is_remembered_for_longer_than_we_want(table: Table) -> None:
    table.ask("a.example")
    table.answer(Found.NODATA, SecurityStatus.SECURE, ttl=86400)
    table.clock.advance(300)
    table.ask("a.example")
    assert len(table.dns.asked) == 2


def test_a_failure_is_remembered_for_a_moment(table: Table) -> None:
    table.ask("a.example")
    table.answer(Found.SERVFAIL, SecurityStatus.BOGUS)
    table.ask("a.example")
    assert len(table.dns.asked) == 1
    table.clock.advance(5)
    table.ask("a.example")
    assert len(table.dns.asked) == 2


def test_what_is_remembered_is_forgotten_on_request_and_when_there_is_too_much(
    table: Table,
) -> None:
    for host in "abcd":
        table.ask(f"{host}.example")
        table.answer(Found.NXDOMAIN, SecurityStatus.SECURE, ttl=60)
    table.ask("a.example")
    assert len(table.dns.asked) == 5, "the oldest was forgotten"
    table.answer(Found.NXDOMAIN, SecurityStatus.SECURE, ttl=60)
    table.lookups.forget()
    table.ask("d.example")
    assert len(table.dns.asked) == 6


def test_only_so_many_are_looked_up_at_once_and_only_so_many_wait(table: Table) -> None:
    for host in "abcde":
        table.ask(f"{host}.example")
    assert [str(one) for one in table.dns.asked] == ["a.example.", "b.example."]
    (refused,) = table.got
    assert (str(refused.owner), refused.dns_status) == ("e.example.", DnsStatus.TIME_OUT)
    table.answer(Found.RECORDS, SecurityStatus.SECURE)
    assert str(table.dns.asked[-1]) == "c.example."


def test_a_lookup_that_drips_ends_in_time_and_gives_its_turn_to_the_next(table: Table) -> None:
    for host in "abc":
        table.ask(f"{host}.example")
    table.clock.advance(5.0)
    assert [one.dns_status for one in table.got] == [DnsStatus.TIME_OUT] * 2
    assert str(table.dns.asked[-1]) == "c.example."
