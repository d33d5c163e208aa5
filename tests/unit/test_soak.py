"""What a soak finds wrong, and what it lets pass."""

from dataclasses import replace

import dns.message
import dns.rrset
import pytest
from dns.rdatatype import RdataType

from lab.core.instant import DAY
from lab.nameserver.server import NameServer
from tests.bench.questions import APEX, host, zone
from tests.bench.sampling import failures
from tests.bench.soak import Soaked, told
from tests.bench.watching import Clock
from tests.fakes import NOW, PEER, query, served, tell

GOOD = Soaked(
    limit=1000,
    rate=800,
    answers=48_000,
    lost=0,
    judged=100,
    wrong=(),
    p99_ms=3.5,
    done={"updates": 7},
    memory_mib=(50, 60, 60, 62, 61, 62),
)
SERVER = NameServer(served({APEX: zone(2)}))
(KEYS, *_) = tell(SERVER, query(APEX, "DNSKEY")).answer


def answer(name: str = host(1)) -> dns.message.Message:
    return tell(SERVER, query(f"{name}.{APEX}", "A", payload=4096))


@pytest.mark.parametrize(
    ("soaked", "good"),
    [
        (GOOD, True),
        (replace(GOOD, lost=1), False),
        (replace(GOOD, wrong=("host A: SERVFAIL",)), False),
        (replace(GOOD, memory_mib=(50, 60, 60, 62, 80, 100)), False),
    ],
)
def test_loss_errors_and_growing_memory_are_not_good(soaked: Soaked, *, good: bool) -> None:
    assert soaked.good is good


def test_what_was_found_is_told() -> None:
    lines = told(replace(GOOD, lost=3, wrong=("host A: SERVFAIL",))).splitlines()
    assert "answers: 48,000; lost: 3" in lines
    assert "meanwhile: 7 updates" in lines
    assert "wrong: host A: SERVFAIL" in lines
    assert lines[-2].endswith("flat")


@pytest.mark.parametrize("name", [host(1), "x0"])
def test_a_true_answer_verifies_at_one_of_the_times(name: str) -> None:
    assert failures(answer(name), KEYS, (NOW - 10**8, NOW)) == []


def test_an_answer_fails_outside_of_the_time_of_its_signatures() -> None:
    assert f"{host(1)}.{APEX} A" in failures(answer(), KEYS, (NOW + 10**8,))


def test_an_address_that_nobody_signed_fails() -> None:
    forged = answer()
    (address, *rest) = forged.answer
    other = dns.rrset.from_text(address.name, address.ttl, "IN", "A", "192.0.2.66")
    forged.answer = [other, *rest]
    assert failures(forged, KEYS, (NOW,)) == [f"{host(1)}.{APEX} A"]


def test_an_answer_without_signatures_fails() -> None:
    bare = answer()
    bare.answer = [one for one in bare.answer if one.rdtype != RdataType.RRSIG]
    assert f"{host(1)}.{APEX} A" in failures(bare, KEYS, (NOW,))


def test_a_clock_that_is_moved_may_mean_two_times_before_and_after_that_is_done() -> None:
    clock = Clock()
    clock.expect(DAY)
    earlier, later = sorted(clock.times())
    assert later - earlier == pytest.approx(DAY)
    clock.stands(DAY + 1)
    clock.expect(DAY)
    earlier, later = sorted(clock.times())
    assert later - earlier == pytest.approx(DAY)
    assert clock.offsets == (DAY + 1, 2 * DAY + 1)


def test_what_is_signed_at_the_new_time_may_not_be_valid_at_the_old_one() -> None:
    later = NOW + 7 * DAY
    asked = query(f"{host(1)}.{APEX}", "A", payload=4096)
    fresh = dns.message.from_wire(SERVER.respond(asked.to_wire(), PEER, later) or b"")
    assert f"{host(1)}.{APEX} A" in failures(fresh, KEYS, (NOW - DAY,))
    assert failures(fresh, KEYS, (NOW - DAY, later)) == []
