"""A device with a session asks for another one; its network judges who asks."""

from dataclasses import replace

import pytest

from lab.backend.network_rules import DEVICE_KNOWN, MIC_RIGHT, REJOIN_FRESH
from lab.core.checks import Outcome
from lab.core.rules import Rule
from lab.lorawan.device import Saying
from lab.lorawan.frames import RejoinKind
from lab.lorawan.keys import Version
from lab.lorawan.rejoining import rejoin
from tests.lorawan import AFNIC, DEV_EUI, JOIN_EUI, Edge, World

KINDS = list(RejoinKind)
OF_SESSION = [RejoinKind.RESET, RejoinKind.REKEY]


@pytest.fixture
def world() -> World:
    made = World(Version.LORAWAN_1_1)
    made.joins(made.home)
    return made


def refused(edge: Edge, octets: bytes, rule: Rule) -> None:
    sent = len(edge.sent)
    report = edge.hears(octets)
    assert report.outcome is Outcome.FAILED
    assert rule.id in [one.rule.id for one in report.reasons()]
    assert len(edge.sent) == sent


@pytest.mark.parametrize("kind", KINDS)
def test_device_network_and_application_have_the_same_new_keys(
    world: World, kind: RejoinKind
) -> None:
    before = world.device.session
    world.rejoins(world.home, kind)
    world.says(world.home, Saying(1, b"x"))
    session = world.device.session
    assert session is not None
    assert before is not None
    assert session.keys != before.keys
    kept = world.home.sessions[DEV_EUI]
    assert replace(kept.keys, app_s_key=session.keys.app_s_key) == session.keys
    assert world.application.sessions[DEV_EUI].app_s_key == session.keys.app_s_key
    assert world.home.asked[1] == (JOIN_EUI, "RejoinReq")


@pytest.mark.parametrize("kind", KINDS)
def test_the_old_session_works_until_the_new_one_is_used(world: World, kind: RejoinKind) -> None:
    request, asking = rejoin(world.device, kind)
    world.home.hears(request.push())
    # The answer is lost.
    world.device = asking
    heard = world.listens(world.home)
    world.device = asking
    assert world.says(world.home, Saying(1, b"old")).outcome is Outcome.PASSED
    world.device = getattr(heard, "device", asking)
    assert world.says(world.home, Saying(1, b"new")).outcome is Outcome.PASSED
    world.device = asking
    assert world.says(world.home, Saying(1, b"old")).outcome is Outcome.FAILED


@pytest.mark.parametrize("kind", OF_SESSION)
def test_a_recorded_request_is_refused(world: World, kind: RejoinKind) -> None:
    octets = world.rejoins(world.home, kind)
    refused(world.home, octets, REJOIN_FRESH)
    world.says(world.home, Saying(1, b"x"))
    # The session whose key it was signed with is over.
    refused(world.home, octets, MIC_RIGHT)


def test_a_device_that_heard_the_answer_may_ask_again_before_it_speaks(world: World) -> None:
    world.rejoins(world.home, RejoinKind.RESET)
    world.rejoins(world.home, RejoinKind.RESET)
    assert world.says(world.home, Saying(1, b"x")).outcome is Outcome.PASSED


def test_a_forged_request_is_refused_before_anybody_is_asked(world: World) -> None:
    request, _ = rejoin(world.device, RejoinKind.RESET)
    asked = len(world.home.asked)
    refused(world.home, replace(request, mic=bytes(4)).push(), MIC_RIGHT)
    assert len(world.home.asked) == asked


def test_a_device_whose_network_has_lost_its_session_comes_back_by_its_join_eui(
    world: World,
) -> None:
    world.home.sessions.clear()
    request, _ = rejoin(world.device, RejoinKind.RESET)
    refused(world.home, request.push(), MIC_RIGHT)
    world.rejoins(world.home, RejoinKind.ROAM)
    assert world.says(world.home, Saying(1, b"x")).outcome is Outcome.PASSED


@pytest.mark.parametrize("kind", KINDS)
def test_a_visitor_rejoins_through_the_network_that_hears_it(kind: RejoinKind) -> None:
    world = World(Version.LORAWAN_1_1)
    world.joins(world.visited)
    world.visited.asked.clear()
    world.rejoins(world.visited, kind)
    homes = [(JOIN_EUI, "HomeNSReq")] if kind is RejoinKind.ROAM else []
    assert world.visited.asked == [*homes, (AFNIC, "PRStartReq")]
    assert world.says(world.visited, Saying(1, b"x")).outcome is Outcome.PASSED


def test_a_visitor_of_a_network_without_agreement_hears_nothing() -> None:
    world = World(Version.LORAWAN_1_1)
    world.joins(world.visited)
    world.visited.network = replace(world.visited.network, agreements={})
    request, _ = rejoin(world.device, RejoinKind.RESET)
    refused(world.visited, request.push(), DEVICE_KNOWN)
