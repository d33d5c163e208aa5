"""Faults that act now: at one server or at all of them, and cleared one by one."""

from dataclasses import replace

import pytest
from dns.rdatatype import RdataType

from lab.core.errors import InputError
from lab.core.question import Server
from lab.faults.denial import DenialMissing
from lab.faults.rrsigs import RrsigMissing
from lab.world.acting import identifier
from lab.world.build import World, build
from tests.fakes import name, query, tell
from tests.unit.world.small import materials

OP, OWNER = name("op."), name("js.op.")
HERE, THERE = Server(name("ns.op."), "127.53.0.2"), Server(name("ns2.op."), "127.53.0.9")
MISSING = RrsigMissing(owner=OWNER, type=RdataType.A)
DENIAL = DenialMissing(zone=OP)


def two_servers() -> World:
    """Return a world in which the zone op. has two nameservers."""
    honest = build(materials())
    configs = tuple(
        replace(one, nameservers=(HERE, THERE)) if one.apex == OP else one
        for one in honest.materials.configs
    )
    return replace(honest, materials=replace(honest.materials, configs=configs))


WORLD = two_servers()


def signed_at(world: World) -> list[bool]:
    """Tell of each server whether its answer has a signature."""
    answers = (
        tell(world.name_servers[one.address], query(OWNER, "A")).answer for one in (HERE, THERE)
    )
    return [any(one.rdtype == RdataType.RRSIG for one in answer) for answer in answers]


@pytest.mark.parametrize("server", ["ns2.op", "NS2.op.", "127.53.0.9"])
def test_a_fault_may_act_at_one_server(server: str) -> None:
    broken = WORLD.with_fault(MISSING, server)
    assert signed_at(WORLD) == [True, True]
    assert signed_at(broken) == [True, False]
    assert signed_at(broken.with_fault(MISSING)) == [False, False]
    (acting,) = broken.hooks.faults
    assert str(acting) == "rrsig-missing on js.op. A at ns2.op. (127.53.0.9)"


def test_a_server_that_does_not_serve_the_zone_is_refused() -> None:
    with pytest.raises(InputError, match=r"no such nameserver 'ns.root'.*ns2.op. \(127.53.0.9\)"):
        WORLD.with_fault(DENIAL, "ns.root")


def test_faults_are_cleared_by_kind_or_by_id() -> None:
    broken = WORLD.with_fault(MISSING).with_fault(MISSING, "ns2.op").with_fault(DENIAL)
    first, second, third = broken.hooks.faults
    assert broken.without_faults("rrsig-missing").hooks.faults == (third,)
    assert broken.without_faults(identifier(second)).hooks.faults == (first, third)
    assert broken.without_faults().hooks.faults == ()
    assert len({identifier(one) for one in broken.hooks.faults}) == 3
    with pytest.raises(InputError, match=r"no fault 'rrsig-cut' acts; there are: [0-9a-f]{4} "):
        broken.without_faults("rrsig-cut")
