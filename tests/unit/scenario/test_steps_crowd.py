"""Steps about crowds: what they ask of the edge, and what they make of the numbers."""

import dns.name
import pytest

from lab.core.dialogue import answer_all
from lab.core.errors import InputError
from lab.core.parameters import Seconds
from lab.dane.bounds import LookupLimits, Tally
from lab.scenario.action import Action, IdentityName, Observation, Result
from lab.scenario.crowd import BeginCrowd, CrowdResult, EndCrowd
from lab.scenario.edits import Edit
from lab.scenario.step import Step
from lab.scenario.steps_crowd import CrowdGoneStep, CrowdStep, LookupLimitsStep
from tests.unit.scenario.stage import honest_world

BELOW = dns.name.from_text("x.example.")
CLIENT, SERVER = IdentityName("intruder.ns"), IdentityName("afnic.js")
GONE = CrowdResult(24, 0, Tally(at_once=3, waiting=2, not_asked=20), 4.5)


def played(step: Step, result: Result = None) -> tuple[list[Action], Observation]:
    asked: list[Action] = []

    def answer(action: Action) -> Result:
        asked.append(action)
        return result

    return asked, answer_all(step.play(), answer).result


def test_each_of_a_crowd_claims_a_name_of_its_own() -> None:
    step = CrowdStep(client=CLIENT, server=SERVER, count=2, below=BELOW)
    (action,), _ = played(step)
    assert isinstance(action, BeginCrowd)
    assert [str(one) for one in action.claims] == ["_1-client.x.example.", "_2-client.x.example."]


def test_limits_are_those_of_one_server() -> None:
    step = LookupLimitsStep(server=SERVER, at_once=8, of_one_domain=2, waiting=6)
    (action,), _ = played(step)
    assert isinstance(action, Edit)
    assert action.edit(honest_world()).limits == {"afnic.js": LookupLimits(8, 2, 6, 8.0)}


@pytest.mark.parametrize(
    ("lookups", "within", "as_expected"),
    [(3, 5, True), (2, 5, False), (3, 4, False), (None, None, True)],
)
def test_a_crowd_is_compared_with_the_bounds(
    lookups: int | None, within: int | None, *, as_expected: bool
) -> None:
    bound = None if within is None else Seconds(within)
    asked, seen = played(CrowdGoneStep(lookups=lookups, within=bound), GONE)
    assert asked == [EndCrowd()]
    assert seen.as_expected is as_expected
    assert "24 connections, 0 let in" in seen.seen


@pytest.mark.parametrize(("lookups", "expected"), [(1, "1 lookup"), (3, "3 lookups")])
def test_one_lookup_is_no_plural(lookups: int, expected: str) -> None:
    _, seen = played(CrowdGoneStep(lookups=lookups), GONE)
    assert seen.expected == expected


@pytest.mark.parametrize("count", [0, 101])
def test_a_crowd_has_some_members_and_not_too_many(count: int) -> None:
    with pytest.raises(InputError, match="1 to 100 clients"):
        CrowdStep(client=CLIENT, server=SERVER, count=count, below=BELOW)


def test_limits_that_let_nobody_in_are_refused() -> None:
    with pytest.raises(InputError, match="each limit is 1 or more"):
        LookupLimitsStep(server=SERVER, at_once=0)
