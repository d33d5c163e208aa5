"""How long an answer is ready, and what cannot crowd it out. What it says: tests/properties."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from dns.name import Name
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.instant import Instant
from lab.nameserver.counters import Tally
from lab.nameserver.ready import ABSENT, ReadyAnswers
from lab.nameserver.ready_denial import ReadyDenials
from lab.nameserver.server import NameServer
from lab.nameserver.tree import ServedZone
from tests.fakes import NOW, PEER, name, query, served, tell

TEXT = """@ 60 SOA ns h 1 2 3 4 60
@   60 NS ns
ns  60 A  192.0.2.1
www 60 MX 10 ns
"""
WWW = query("www.example.", "MX").to_wire()


@dataclass
class Asked:
    """Hold ready answers, and how often an answer had to be made in full."""

    names: NameServer = field(default_factory=lambda: NameServer(served({"example.": TEXT})))
    made: Counter[bytes] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.ready = ReadyAnswers(self.names, self.booked)

    def booked(self, wire: bytes, _answer: bytes) -> Tally:
        self.made[wire] += 1
        return Tally()

    def ask(self, wire: bytes, now: Instant = NOW) -> bytes:
        sent = self.ready.answer(wire, now)
        assert sent is not None
        return sent[0]


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_who_asks_again_gets_what_was_made_for_the_first(asked: Asked) -> None:
    first = asked.ask(WWW)
    assert asked.ask(b"\0\0" + WWW[2:]) == first
    assert asked.made.total() == 1


def test_another_case_of_letters_gets_the_same_in_its_own_case(asked: Asked) -> None:
    first = asked.ask(WWW)
    upper = query("WWW.Example.", "MX").to_wire()
    assert asked.ask(upper) == first.replace(b"\3www\7example", b"\3WWW\7Example", 1)
    assert asked.made.total() == 1


def test_an_answer_is_ready_until_its_signature_gives_way(asked: Asked) -> None:
    answer = tell(asked.names, query("www.example.", "MX"))
    (rrsig,) = (one for rrset in answer.answer for one in rrset if isinstance(one, RRSIG))
    signer = asked.names.zones[name("example.")].signer
    assert signer is not None
    last = signer.policy.replaced_at(Instant(rrsig.expiration)) - 1
    before = asked.ask(WWW)
    assert asked.ask(WWW, last) == before
    assert asked.made.total() == 1
    assert asked.ask(WWW, last + 1) != before
    assert asked.made.total() == 2


def test_an_answer_is_not_ready_before_it_was_made(asked: Asked) -> None:
    asked.ask(WWW)
    asked.ask(WWW, NOW - 1)
    assert asked.made.total() == 2


def test_names_that_do_not_exist_crowd_out_none_that_do(asked: Asked) -> None:
    asked.ask(WWW)
    for number in range(4 * ABSENT):
        asked.ask(query(f"x{number}.example.", edns=None).to_wire())
    asked.ask(WWW)
    assert asked.made[WWW] == 1


def test_what_a_gap_says_is_counted_with_others_of_its_code() -> None:
    booked = []

    def book(wire: bytes, answer: bytes) -> Tally:
        booked.append((wire, answer))
        return Tally()

    names = NameServer(served({"example.": TEXT}))
    ready = ReadyAnswers(names, book, ReadyDenials(names))
    answers = [ready.answer(query(f"{one}.example.").to_wire(), NOW) for one in ("a", "B", "cc")]
    assert None not in answers
    assert len({id(one[1]) for one in answers if one is not None}) == 1
    assert len(booked) == 1


OTHER = query("www.other.", "MX").to_wire()


def two_zones() -> dict[Name, ServedZone]:
    return served({"example.": TEXT, "other.": TEXT})


def test_what_the_next_nameserver_says_of_the_same_zone_is_ready() -> None:
    zones = two_zones()
    asked = Asked(NameServer(zones))
    for wire in (WWW, OTHER):
        asked.ask(wire)
    asked.ready.go_on(NameServer({**zones, name("other."): two_zones()[name("other.")]}))
    for wire in (WWW, OTHER):
        asked.ask(wire)
    assert asked.made == {WWW: 1, OTHER: 2}


def test_a_zone_more_may_be_closer_so_nothing_stays_ready() -> None:
    asked = Asked(NameServer(two_zones()))
    before = asked.ask(WWW)
    asked.ready.go_on(NameServer({**asked.names.zones, **served({"www.example.": TEXT})}))
    assert asked.ask(WWW) != before


HOST = "host 60 A 192.0.2.2\n"
ADDRESS = query("host.example.").to_wire()


@pytest.mark.parametrize(
    ("piece", "is_ready"),
    [
        ("www 60 A 192.0.2.3", True),
        ("deeper.host 60 A 192.0.2.3", True),
        ("host 60 A 192.0.2.3", False),
        ("host 60 NS ns", False),
    ],
)
def test_an_update_leaves_ready_what_rests_on_other_owners(piece: str, *, is_ready: bool) -> None:
    zones = served({"example.": TEXT + HOST})
    (before,) = zones.values()
    asked = Asked(NameServer(zones))
    kept, mail = asked.ready.answer(ADDRESS, NOW), asked.ready.answer(WWW, NOW)
    after = ServedZone(before.zone.with_records(piece, "update").with_serial(2), before.signer)
    asked.ready.go_on(NameServer({after.apex: after}))
    assert (asked.ready.answer(ADDRESS, NOW) is kept) == is_ready
    # An answer that may bring other records, too, rests on the whole zone.
    assert asked.ready.answer(WWW, NOW) is not mail


def test_records_below_a_cut_are_not_the_zones_to_answer_with() -> None:
    names = NameServer(
        served({"example.": f"{TEXT}child 60 NS ns.child\nns.child 60 A 192.0.2.3\n"})
    )
    asked = query("ns.child.example.")
    kept = Asked(names).ask(asked.to_wire())
    assert kept == names.respond(asked.to_wire(), PEER, NOW)[2:]  # type: ignore[index]  # not silent
