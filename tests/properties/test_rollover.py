"""Whatever is rolled whenever: no mixture of what caches may hold is without a valid chain.

The caches here are an adversary of their own: they keep everything that was ever published for its
whole TTL, and they ask our validator, which knows nothing of the state machine.
"""

from dataclasses import dataclass, field, replace
from functools import cache

import pytest
from dns.name import from_text
from dns.rdata import from_text as rdata
from dns.rdatatype import RdataType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.core.instant import DAY, Instant, Window
from lab.core.rrsets import RRset, SignedRRset
from lab.core.status import SecurityStatus
from lab.dnssec.algorithms import algorithm
from lab.dnssec.caches import RECORDS, Record, RecordState
from lab.dnssec.delegation import make_ds
from lab.dnssec.keylife import Goal, KeyLife, Member, Order, Timing
from lab.dnssec.keys import Duty, KeyRole, SigningKey, generate
from lab.dnssec.rollover import advance, at_once, first_life, succeed
from lab.dnssec.signing import SigningJob, sign
from lab.validator.chain import judge_keys
from lab.validator.effort import Effort
from lab.validator.entry import Entry
from lab.validator.rrset import judge_rrset
from lab.validator.settings import Settings

APEX = from_text("example.")
NOW = Instant(1_800_000_000)
WINDOW = Window(NOW - DAY, NOW + 1000 * DAY)
EDDSA, ECDSA = 15, 13
KSK, ZSK, CSK = KeyRole.KSK, KeyRole.ZSK, KeyRole.CSK
LAYOUTS = ((KSK, ZSK), (CSK,))

Names = frozenset[str]
Keys = tuple[Names, Names]


@cache
def pair(name: str) -> SigningKey:
    """Return the key pair called *name*, such as "ksk-15-3"."""
    role, number, _ = name.split("-")
    return generate(APEX, KeyRole(role), algorithm(int(number)))


@cache
def signed(rdtype: RdataType, content: Names, signers: Names) -> SignedRRset:
    """Return the DNSKEY RRset of *content*, or an address, signed by *signers*."""
    keys = tuple(pair(one).dnskey for one in sorted(content))
    rdatas = keys if rdtype == RdataType.DNSKEY else (rdata("IN", "A", "192.0.2.1"),)
    rrset = RRset(APEX, rdtype, 60, rdatas)
    rrsigs = (sign(SigningJob(rrset, pair(one), WINDOW, APEX)) for one in sorted(signers))
    return SignedRRset(rrset, tuple(rrsigs), 60)


@cache
def verdict(parent: Names, keys: Keys, zone: Names, known: int) -> SecurityStatus:
    """Return what a validator that only knows the algorithm *known* makes of such a cache."""
    mind = Settings((), (), algorithms=frozenset({known}))
    entry = Entry(APEX, tuple(make_ds(APEX, pair(one).dnskey, 2) for one in sorted(parent)))
    link = judge_keys(entry, signed(RdataType.DNSKEY, *keys), mind, NOW)
    if link.status is not SecurityStatus.SECURE:
        return link.status
    address = signed(RdataType.A, frozenset(), zone)
    valid = judge_rrset(address, link.keys(mind), NOW, Effort(mind.limits)).valid
    return SecurityStatus.SECURE if valid else SecurityStatus.BOGUS


@dataclass
class Seen:
    """Keep every version of one thing, with the time at which it was replaced."""

    versions: list[tuple[object, Instant | None]] = field(default_factory=list)

    def see(self, version: object, now: Instant) -> None:
        if self.versions and self.versions[-1][0] == version:
            return
        if self.versions:
            self.versions[-1] = (self.versions[-1][0], now)
        self.versions.append((version, None))

    def cached(self, now: Instant, ttl: int) -> set[object]:
        """Return what caches may hold; they count whole seconds, and the last one is theirs."""
        return {one for one, until in self.versions if until is None or until + ttl >= now}


@dataclass
class Zone:
    """Operate one zone and its parent, on a clock that only `wait` moves."""

    timing: Timing
    delay: int
    life: KeyLife
    now: Instant = NOW
    truth: Timing | None = None
    made: int = 0
    parent: Names = frozenset()
    wishes: list[tuple[Instant, Names]] = field(default_factory=list)
    seen: tuple[Seen, Seen, Seen] = field(default_factory=lambda: (Seen(), Seen(), Seen()))

    def member(self, role: KeyRole, number: int) -> Member:
        self.made += 1
        return Member(f"{role.value}-{number}-{self.made}", role, number, self.now)

    def having(self, duty: Duty) -> Names:
        return frozenset(one.id for one in self.life.members if duty in self.life.duties(one.id))

    def tick(self) -> None:
        """Do what is due now, then let the adversary look."""
        while self.wishes and self.wishes[0][0] <= self.now:
            self.parent = self.wishes.pop(0)[1]
        self.life = advance(self.life, self.timing, self.parent, self.now)
        wish = self.having(Duty.DELEGATED)
        if wish != (self.wishes[-1][1] if self.wishes else self.parent):
            self.wishes.append((self.now + self.delay, wish))
        self.judge()

    def judge(self) -> None:
        keys: Keys = (self.having(Duty.PUBLISHED), self.having(Duty.SIGNS_KEYS))
        zone = self.having(Duty.SIGNS_ZONE)
        for seen, version in zip(self.seen, (self.parent, keys, zone), strict=True):
            seen.see(version, self.now)
        true = self.truth or self.timing
        ttls = (true.ds_ttl, true.keys_ttl, true.zone_ttl)
        parents, all_keys, zones = (
            seen.cached(self.now, ttl) for seen, ttl in zip(self.seen, ttls, strict=True)
        )
        for d in parents:
            assert isinstance(d, frozenset)
            for number in {pair(one).algorithm.number for one in d}:
                for k in all_keys:
                    for z in zones:
                        judged = verdict(d, k, z, int(number))
                        assert judged is SecurityStatus.SECURE, (d, k, z, number)

    def wait(self, seconds: int) -> None:
        """Let time pass, with everything that is due played at its time."""
        until = self.now + seconds
        while self.now < until:
            events = [self.life.next_event(self.timing), *(when for when, _ in self.wishes), until]
            self.now = Instant(min(one for one in events if one is not None and one > self.now))
            self.tick()

    def roll(self, roles: tuple[KeyRole, ...], number: int, order: Order) -> None:
        """Replace every key that does the work of *roles*."""
        old = [one for one in self.life.members if one.goal is Goal.ACTIVE]
        if len(roles) == 1 and roles[0] is not CSK:
            old = [one for one in old if one.role is roles[0]]
        new = [self.member(role, number) for role in roles]
        self.life = succeed(self.life, [one.id for one in old], new, order)
        self.tick()

    @property
    def active(self) -> list[Member]:
        return [one for one in self.life.members if one.goal is Goal.ACTIVE]

    def settle(self) -> int:
        """Wait until nothing changes any more; return how long that took."""
        start = self.now
        while self.life.next_event(self.timing) is not None or self.wishes:
            assert self.now - start < 40 * (3 * 3700 + self.delay)
            self.wait(100)
        return self.now - start


def zone_of(roles: tuple[KeyRole, ...], timing: Timing, delay: int) -> Zone:
    zone = Zone(timing, delay, KeyLife((), {}))
    zone.life = first_life([zone.member(one, ECDSA) for one in roles], timing, NOW)
    zone.parent = zone.having(Duty.DELEGATED)
    zone.tick()
    return zone


TIMINGS = st.builds(
    Timing,
    keys_ttl=st.integers(0, 3600),
    zone_ttl=st.integers(0, 3600),
    ds_ttl=st.integers(0, 3600),
)
DELAYS = st.integers(0, 5000)


@st.composite
def stories(draw: st.DrawFn) -> Zone:
    """Draw a zone with random TTLs, roll its keys at random times, overlapping, and watch."""
    delay = draw(DELAYS)
    timing = replace(draw(TIMINGS), registration=delay)
    zone = zone_of(draw(st.sampled_from(LAYOUTS)), timing, delay)
    for _ in range(draw(st.integers(1, 5))):
        zone.wait(draw(st.integers(1, 9000)))
        active = {one.role for one in zone.active}
        numbers = {one.algorithm for one in zone.active}
        match draw(st.sampled_from(("role", "role", "algorithm", "layout"))):
            case "role":
                order = draw(st.sampled_from((Order.PUBLISH_FIRST, Order.DS_FIRST, Order.AT_ONCE)))
                zone.roll((draw(st.sampled_from(sorted(active, key=str))),), min(numbers), order)
            case "algorithm":
                number = draw(st.sampled_from((EDDSA, ECDSA)))
                roles = next(one for one in LAYOUTS if set(one) == active)
                zone.roll(roles, number, draw(st.sampled_from((Order.SIGN_FIRST, Order.AT_ONCE))))
            case _:
                roles = next(one for one in LAYOUTS if set(one) != active)
                zone.roll(roles, min(numbers), draw(st.sampled_from(Order)))
    return zone


def finished(zone: Zone) -> bool:
    """Tell whether the keys that should be there are, completely, and no others."""
    return all(
        one.goal is Goal.ACTIVE
        and zone.life.all_in(one, RECORDS[one.role], RecordState.OMNIPRESENT)
        for one in zone.life.members
    )


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
@given(stories())
def test_whatever_is_rolled_every_cache_has_a_chain_and_the_end_is_reached(zone: Zone) -> None:
    zone.settle()
    assert finished(zone), zone.life
    assert zone.parent == zone.having(Duty.DELEGATED)


HOUR = Timing(keys_ttl=3600, zone_ttl=3600, ds_ttl=3600, registration=60)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("roles", LAYOUTS, ids=["split", "csk"])
@pytest.mark.parametrize("number", [ECDSA, EDDSA])
def test_every_style_ends_for_every_layout(
    order: Order, roles: tuple[KeyRole, ...], number: int
) -> None:
    zone = zone_of(roles, HOUR, 60)
    zone.roll(roles, number, order)
    zone.settle()
    assert finished(zone)
    assert {one.algorithm for one in zone.life.members} == {number}


def test_the_adversary_finds_a_key_that_goes_too_early() -> None:
    zone = zone_of((KSK, ZSK), HOUR, 60)
    new = zone.member(ZSK, ECDSA)
    zone.life = succeed(zone.life, ["zsk-13-2"], [new], Order.PUBLISH_FIRST)
    zone.life = at_once(zone.life, HOUR, zone.now)
    assert zone.life.problems
    with pytest.raises(AssertionError):
        zone.judge()


FORGOTTEN = {"keys_ttl": (ZSK, Order.PUBLISH_FIRST), "zone_ttl": (ZSK, Order.PUBLISH_FIRST)}


@pytest.mark.parametrize("ttl", ["keys_ttl", "zone_ttl", "ds_ttl"])
def test_the_adversary_finds_a_ttl_that_was_forgotten(ttl: str) -> None:
    role, order = FORGOTTEN.get(ttl, (KSK, Order.DS_FIRST))
    zone = zone_of((KSK, ZSK), HOUR, 0)
    zone.timing = replace(HOUR, **{ttl: 0})
    zone.life = first_life(zone.life.members, zone.timing, NOW)
    zone.truth = HOUR

    def go() -> None:
        zone.roll((role,), ECDSA, order)
        zone.settle()

    with pytest.raises(AssertionError):
        go()


def test_records_are_hidden_rumoured_omnipresent_unretentive_in_turn() -> None:
    zone = zone_of((KSK, ZSK), HOUR, 60)
    zone.roll((ZSK,), ECDSA, Order.PUBLISH_FIRST)
    met: dict[str, list[RecordState]] = {"zsk-13-2": [], "zsk-13-3": []}
    for _ in range(40):
        for key, states in met.items():
            state = zone.life.state((key, Record.ZRRSIG))
            if state not in states[-1:]:
                states.append(state)
        zone.wait(300)
    hidden, rumoured, omnipresent, unretentive = RecordState
    assert met == {
        "zsk-13-2": [omnipresent, unretentive, hidden],
        "zsk-13-3": [hidden, rumoured, omnipresent],
    }
