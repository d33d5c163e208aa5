"""Passive roaming: TSP hears a device whose home is Afnic."""

from dataclasses import replace
from functools import partial

import pytest

from lab.backend.downlinks import header_to
from lab.backend.messages import refuse
from lab.backend.network import Windows
from lab.backend.network_rules import DEVICE_KNOWN
from lab.backend.objects import UplinkMetadata
from lab.backend.results import ResultCode
from lab.backend.roaming_messages import PRStartReq, PRStopReq, XmitDataReq
from lab.core.checks import Outcome
from lab.lorawan.device import Confirmation, Saying, join, uplink
from lab.lorawan.frames import RejoinKind
from lab.lorawan.hearing import Joined, Message
from lab.lorawan.identifiers import NetId
from lab.lorawan.keys import Version
from tests.lorawan import AFNIC, DEV_EUI, JOIN_EUI, NOW, TSP, World

PAYLOAD = b"21.5"
HOUR = 3600


@pytest.fixture(params=list(Version), ids=lambda one: one.value)
def version(request: pytest.FixtureRequest) -> Version:
    found = request.param
    assert isinstance(found, Version)
    return found


def roaming(version: Version, lifetime: int) -> World:
    world = World(version, lifetime)
    assert isinstance(world.joins(world.visited), Joined)
    return world


def asked(world: World) -> list[str]:
    return [kind for _, kind in world.visited.asked]


def test_a_visitor_is_let_in_by_its_home(version: Version) -> None:
    world = roaming(version, 0)
    assert asked(world) == ["HomeNSReq", "PRStartReq"]
    session = world.device.session
    assert session is not None
    assert session.net_id == AFNIC
    assert world.visited.sent[0][1].ticks == 1000 + 5_000_000
    assert world.home.sent == []


def test_the_visited_network_has_no_key(version: Version) -> None:
    world = roaming(version, HOUR)
    assert world.visited.sessions == {}
    (visitor,) = world.visited.visitors.values()
    assert (visitor.dev_eui, visitor.home, visitor.until) == (DEV_EUI, AFNIC, NOW + HOUR)


def test_stateless_every_uplink_asks_anew(version: Version) -> None:
    world = roaming(version, 0)
    for _ in range(2):
        report = world.says(world.visited, Saying(7, PAYLOAD))
        assert report.outcome is Outcome.PASSED
    assert asked(world)[2:] == ["PRStartReq", "PRStartReq"]
    assert world.visited.visitors == {}
    assert [one.payload for one in world.application.readings] == [PAYLOAD, PAYLOAD]


def test_stateful_uplinks_are_forwarded_until_the_time_is_over(version: Version) -> None:
    world = roaming(version, HOUR)
    world.says(world.visited, Saying(7, PAYLOAD))
    world.visited.now = world.home.now = NOW + HOUR + 1
    world.says(world.visited, Saying(7, PAYLOAD))
    assert asked(world)[2:] == ["XmitDataReq", "PRStartReq"]
    assert len(world.application.readings) == 2


@pytest.mark.parametrize("lifetime", [0, HOUR])
def test_a_downlink_goes_by_the_gateway_that_heard_the_device(
    version: Version, lifetime: int
) -> None:
    world = roaming(version, lifetime)
    world.says(world.visited, Saying(7, PAYLOAD, Confirmation.CONFIRMED))
    assert world.visited.sent[1][1].ticks == 1000 + 1_000_000
    assert isinstance(world.listens(world.visited), Message)
    assert world.home.sent == []


@pytest.mark.parametrize("windows", Windows)
def test_the_home_tells_the_visited_network_which_windows_there_are(windows: Windows) -> None:
    world = World(Version.LORAWAN_1_0, HOUR)
    world.home.network = replace(world.home.network, windows=windows)
    assert isinstance(world.joins(world.visited), Joined)
    second = 1000 + 6_000_000
    if windows is Windows.SECOND:
        assert world.visited.sent[0][1].ticks == second
    else:
        assert world.visited.otherwise is not None
        assert world.visited.otherwise.ticks == second


def test_without_agreement_the_home_refuses(version: Version) -> None:
    world = World(version)
    world.home.network = replace(world.home.network, agreements={})
    request, _ = join(world.device)
    report = world.visited.hears(request.push())
    assert report.outcome is Outcome.FAILED
    assert "NoRoamingAgreement" in str(report)
    assert world.visited.sent == []


def test_a_device_whose_home_its_join_server_does_not_tell_is_known_to_nobody(
    version: Version,
) -> None:
    world = World(version)
    refused = partial(refuse, code=ResultCode.NO_ROAMING_AGREEMENT, why="")
    world.visited.partners[JOIN_EUI] = refused
    request, _ = join(world.device)
    report = world.visited.hears(request.push())
    assert DEVICE_KNOWN.id in [one.rule.id for one in report.reasons()]
    assert world.visited.sent == []


def test_a_forged_frame_of_a_visitor_is_not_taken(version: Version) -> None:
    world = roaming(version, 0)
    frame, _ = uplink(world.device, Saying(7, PAYLOAD))
    report = world.visited.hears(replace(frame, mic=bytes(4)).push())
    assert report.outcome is Outcome.FAILED
    assert "MICFailed" in str(report)


def test_an_address_that_no_partner_has_is_dropped() -> None:
    world = roaming(Version.LORAWAN_1_0, 0)
    frame, _ = uplink(world.device, Saying(7, PAYLOAD))
    world.visited.network = replace(world.visited.network, agreements={})
    assert world.visited.hears(frame.push()).conclusion == "nobody takes it"


def test_a_visit_can_be_ended() -> None:
    world = roaming(Version.LORAWAN_1_0, HOUR)
    (address,) = world.visited.visitors
    head = header_to(TSP, world.home.ground)
    stop = PRStopReq(header=head, dev_eui=DEV_EUI, dev_addr=address)
    assert world.visited.handles(stop).result.code is ResultCode.SUCCESS
    assert world.visited.visitors == {}


def test_only_its_home_can_end_a_visit() -> None:
    world = roaming(Version.LORAWAN_1_0, HOUR)
    (address,) = world.visited.visitors
    head = replace(header_to(TSP, world.home.ground), sender_id=NetId.from_text("00050c"))
    world.visited.handles(PRStopReq(header=head, dev_eui=DEV_EUI, dev_addr=address))
    assert list(world.visited.visitors) == [address]


def test_a_visit_ends_when_the_device_has_joined_at_home(version: Version) -> None:
    world = roaming(version, HOUR)
    assert isinstance(world.joins(world.home), Joined)
    for _ in range(2):
        world.says(world.home, Saying(7, PAYLOAD))
    assert [kind for to, kind in world.home.asked if to == TSP] == ["PRStopReq"]
    assert world.visited.visitors == {}
    report = world.says(world.visited, Saying(7, PAYLOAD))
    assert report.outcome is Outcome.PASSED
    assert asked(world)[2:] == ["PRStartReq"]
    world.says(world.visited, Saying(7, PAYLOAD))
    assert asked(world)[3:] == ["XmitDataReq"]


def test_a_visit_that_began_with_a_frame_ends_with_a_rejoin_at_home() -> None:
    world = World(Version.LORAWAN_1_1, HOUR)
    world.joins(world.home)
    world.says(world.visited, Saying(7, PAYLOAD))
    assert len(world.visited.visitors) == 1
    world.rejoins(world.home, RejoinKind.RESET)
    assert len(world.visited.visitors) == 1
    world.says(world.home, Saying(7, PAYLOAD))
    assert world.visited.visitors == {}


def test_who_joins_again_in_the_same_network_goes_on_visiting_it(version: Version) -> None:
    world = roaming(version, HOUR)
    world.joins(world.visited)
    world.says(world.visited, Saying(7, PAYLOAD))
    assert "PRStopReq" not in [kind for _, kind in world.home.asked]


def test_a_visit_that_is_over_by_itself_is_not_ended(version: Version) -> None:
    world = roaming(version, HOUR)
    world.home.now = NOW + HOUR + 1
    world.joins(world.home)
    world.says(world.home, Saying(7, PAYLOAD))
    assert "PRStopReq" not in [kind for _, kind in world.home.asked]


def test_the_visited_network_can_end_a_visit_too() -> None:
    world = roaming(Version.LORAWAN_1_0, HOUR)
    head = header_to(AFNIC, world.visited.ground)
    world.home.handles(PRStopReq(header=head, dev_eui=DEV_EUI))
    assert world.home.sessions[DEV_EUI].visits == ()


def test_octets_that_are_no_frame_are_refused() -> None:
    world = roaming(Version.LORAWAN_1_0, HOUR)
    head = header_to(AFNIC, world.visited.ground)
    told = UplinkMetadata(data_rate=5, ul_freq=868.1)
    for request in (
        PRStartReq(header=head, phy_payload=b"\xff", ul_metadata=told),
        XmitDataReq(header=head, phy_payload=b"\xff", ul_metadata=told),
    ):
        assert world.home.handles(request).result.code is ResultCode.MALFORMED_REQUEST
