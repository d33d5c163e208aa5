"""What time brings to signatures, certificates, keys and caches, told in order."""

from itertools import pairwise

from dns.rdatatype import RdataType

from lab.core.instant import DAY
from lab.dnssec.keylife import Order
from lab.dnssec.keys import KeyRole, generate
from lab.dnssec.signing import SigningPolicy
from lab.world.build import build
from lab.world.keylife import Succession, lived, rolled
from lab.world.moments import Change, Journey, Moment, coming, forgotten, journey, key_steps
from tests.fakes import NOW, name
from tests.unit.world.small import materials

OP = name("op.")
POLICY = SigningPolicy()


def test_what_lies_outside_a_journey_is_left_out_and_the_rest_is_in_order() -> None:
    moments = [Moment(NOW + 60 * n, Change.KEY, str(n)) for n in (3, 0, 1, 4, 2)]
    told = journey(NOW, NOW + 180, moments)
    assert [one.about for one in told.moments] == ["1", "2", "3"]


def test_signatures_are_made_anew_each_period_and_those_of_before_expire() -> None:
    world = build(materials())
    until = NOW + 28 * DAY
    told = journey(NOW, until, coming(world, NOW, until))
    of_zone = [one for one in told.moments if one.about == "op."]
    renewed = [one.at for one in of_zone if one.change is Change.RENEWED]
    assert len(renewed) == 28 * DAY // POLICY.period
    assert {b - a for a, b in pairwise(renewed)} == {POLICY.period}
    assert [one.at for one in of_zone if one.change is Change.EXPIRED] == [POLICY.outlived(NOW) + 1]


def test_no_signature_of_before_outlives_the_moment_that_is_told() -> None:
    for later in range(0, POLICY.period, 3599):
        now = NOW + later
        ends = [POLICY.window(now, place).expiration for place in range(0, POLICY.jitter + 1, 600)]
        assert POLICY.outlived(now) - 600 <= max(ends) <= POLICY.outlived(now)


def test_all_signatures_have_been_made_anew_when_that_is_told() -> None:
    (at,) = POLICY.renewals(NOW, NOW + POLICY.period)
    for place in range(0, POLICY.jitter + 1, 600):
        assert POLICY.window(at, place) != POLICY.window(NOW, place)


def test_the_end_of_a_certificate_is_told_once() -> None:
    world = build(materials())
    ends = [one for one in coming(world, NOW, NOW) if one.change is Change.CERTIFICATE]
    assert {"op.js"} <= {one.about for one in ends}
    assert len({(one.about, one.at) for one in ends}) == len(ends)
    leaf = world.materials.identities["op.js"].leaf
    (told,) = (one.at for one in ends if one.about == "op.js")
    assert told == int(leaf.not_valid_after_utc.timestamp()) + 1


def test_a_rollover_is_told_step_by_step() -> None:
    world = lived(build(materials()), NOW)
    known = world.config(OP).algorithm
    fresh = Succession(OP, (generate(OP, KeyRole.CSK, known),), (KeyRole.CSK,), Order.PUBLISH_FIRST)
    after = rolled(world, fresh, NOW + 5)
    steps = [*key_steps(world, after, NOW + 5)]
    assert Moment(NOW + 5, Change.KEY, "op. csk-2: DNSKEY is rumoured") in steps
    assert not [*key_steps(after, after, NOW + 5)]


def test_another_ds_is_told() -> None:
    world = build(materials())
    (told,) = key_steps(world, world.with_delegation(OP, ()), NOW)
    assert told == Moment(NOW, Change.DS, "op. (none)")


def test_what_a_cache_holds_ends_at_its_time() -> None:
    (told,) = forgotten([(OP, RdataType.SOA, NOW + 60)])
    assert told == Moment(NOW + 60, Change.CACHE, "op. SOA")


def test_what_happens_at_once_is_one_line() -> None:
    moments = tuple(Moment(NOW + 1, Change.RENEWED, f"z{n}.") for n in range(7))
    report = Journey(NOW, NOW + 2, moments).report()
    (line,) = report.parts
    assert line.conclusion == "z0., z1., z2., z3., z4. and 2 more"
    assert report.conclusion == "7 changes"
