"""A wrong clock is wrong for one, and right for everybody else."""

import pytest

from lab.core.errors import InputError
from lab.core.parameters import Seconds
from lab.core.seams import Hooks
from lab.faults.clocks import RESOLVER, ClockWrong, time_of
from lab.world.concern import refuse_idle
from tests.fakes import NOW
from tests.unit.scenario.stage import honest_world


def test_a_clock_is_ahead_or_behind_for_its_owner_alone() -> None:
    ahead, behind = ClockWrong(by=Seconds(60)), ClockWrong(of="tsp.ns", by=Seconds(-60))
    hooks = Hooks((ahead, behind))
    shown = {one: time_of(hooks, one, NOW) - NOW for one in (RESOLVER, "tsp.ns", "tsp.js")}
    assert shown == {RESOLVER: 60, "tsp.ns": -60, "tsp.js": 0}


def test_a_clock_that_nobody_has_is_refused() -> None:
    with pytest.raises(InputError, match="expected 'resolver' or an identity"):
        ClockWrong(of="everybody", by=Seconds(1))
    with pytest.raises(InputError, match=r"unknown identity 'tsp\.nobody'"):
        refuse_idle(honest_world(), ClockWrong(of="tsp.nobody", by=Seconds(1)))
    refuse_idle(honest_world(), ClockWrong(by=Seconds(1)))
