from collections.abc import Callable

import pytest
from dns.rdatatype import RdataType

from lab.dnssec.keys import Duty, KeySet
from lab.faults.rrsigs import RrsigMissing
from lab.nameserver.zone import following
from lab.world.build import World, build
from lab.world.serials import (
    changes,
    is_newer,
    surroundings,
    with_new_serials,
    with_serials_of,
)
from tests.fakes import keys_of, name
from tests.unit.world.small import materials

ROOT, OP, BARE = name("."), name("op."), name("bare.op.")


@pytest.fixture(scope="module")
def world() -> World:
    return build(materials())


@pytest.mark.parametrize(
    ("serial", "expected"), [(0, 1), (7, 8), (2**31 - 1, 2**31), (2**32 - 2, 2**32 - 1)]
)
def test_the_serial_after_one_is_one_more(serial: int, expected: int) -> None:
    assert following(serial) == expected
    assert is_newer(expected, serial)


def test_the_serial_after_the_last_one_is_not_zero() -> None:
    assert following(2**32 - 1) == 1
    assert is_newer(1, 2**32 - 1)


def add_record(world: World) -> World:
    return world.with_records(OP, "new 60 A 192.0.2.1")


def standby(world: World) -> World:
    keys = world.signers[OP].keys
    more = (*keys.keys, *keys_of(OP).keys)
    return world.with_keys(OP, KeySet(more, (*keys.duties, Duty.PUBLISHED)))


def without_ds(world: World) -> World:
    return world.with_delegation(OP, ())


def break_it(world: World) -> World:
    return world.with_fault(RrsigMissing(owner=name("js.op."), type=RdataType.A))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [(add_record, (OP,)), (standby, (OP,)), (without_ds, (ROOT,)), (break_it, ())],
)
def test_what_is_published_raises_the_serial_of_its_zone(
    world: World, edit: Callable[[World], World], expected: tuple[object, ...]
) -> None:
    after = with_new_serials(world, edit(world))
    raised = {apex for apex in world.sources if is_newer(after.sources[apex].serial, 7)}
    assert raised == set(expected)
    assert set(changes(world, after)) == set(expected)


def test_a_serial_that_grew_by_itself_stays(world: World) -> None:
    edited = add_record(world)
    edited = edited.with_source(edited.sources[OP].with_serial(2022))
    assert with_new_serials(world, edited).sources[OP].serial == 2022


def test_a_serial_does_not_go_back(world: World) -> None:
    edited = world.with_source(world.sources[OP].with_serial(3))
    assert with_new_serials(world, edited).sources[OP].serial == 8


def test_a_change_and_back_has_two_serials(world: World) -> None:
    there = with_new_serials(world, add_record(world))
    back = with_new_serials(there, there.with_source(world.sources[OP]))
    assert back.sources[OP].serial == 9


def test_an_order_of_duty_changes_what_surrounds_a_zone(world: World) -> None:
    keys = world.signers[OP].keys
    idle = world.with_keys(OP, KeySet(keys.keys, (Duty.PUBLISHED,) * len(keys.keys)))
    assert surroundings(idle, OP) != surroundings(world, OP)
    assert surroundings(idle, BARE) == surroundings(world, BARE)


def test_serials_can_be_taken_from_another_world(world: World) -> None:
    other = with_new_serials(world, add_record(world))
    assert with_serials_of(world, other, [OP]).sources[OP].serial == 8
