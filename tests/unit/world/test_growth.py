from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import pytest
from dns.rdatatype import RdataType

from lab.faults.rrsigs import RrsigMissing
from lab.world.build import World, build
from lab.world.growth import Growth
from tests.fakes import name
from tests.unit.world.small import materials

ROOT, OP = name("."), name("op.")


@pytest.fixture
def world() -> World:
    return build(materials())


EDITS: dict[str, Callable[[World], World]] = {
    "a record": lambda world: world.with_records(OP, "new 60 A 192.0.2.1"),
    "one less": lambda world: world.without_records(name("js.op."), RdataType.A),
    "no DS": lambda world: world.with_delegation(OP, ()),
    "a fault": lambda world: world.with_fault(RrsigMissing(owner=name("js.op."), type=RdataType.A)),
    "two": lambda world: world.with_records(OP, "b 60 A 192.0.2.1").with_records(
        ROOT, "c 60 TXT x"
    ),
}


def contents(world: World) -> list[object]:
    return [
        (address, apex, [leaf.ordered for _, leaf in served.zone.walk()], served.signer)
        for address, server in world.name_servers.items()
        for apex, served in server.zones.items()
    ]


@pytest.mark.parametrize(("case", "after"), list(permutations(EDITS, 2)))
def test_what_grows_on_is_what_grows_anew(case: str, after: str, world: World) -> None:
    world.name_servers  # noqa: B018 so that there is something to keep
    world = EDITS[case](world)
    world.name_servers  # noqa: B018
    changed = EDITS[after](world)
    anew = replace(changed, growth=Growth())
    assert contents(changed) == contents(anew)


def test_zones_that_do_not_change_are_kept(world: World) -> None:
    changed = EDITS["a record"](world)
    assert changed.served[ROOT] is world.served[ROOT]
    assert changed.served[OP] is not world.served[OP]
    servers = zip(world.name_servers.values(), changed.name_servers.values(), strict=True)
    assert all(
        ROOT not in one.zones or one.zones[ROOT] is other.zones[ROOT] for one, other in servers
    )
