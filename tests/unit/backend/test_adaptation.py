"""A network tells a device that it hears well to send faster."""

from dataclasses import replace

import pytest

from lab.backend.adaptation import ENOUGH
from lab.lorawan.device import Saying, uplink
from lab.lorawan.frames import FCtrl
from lab.lorawan.hearing import Message
from lab.lorawan.keys import Version
from lab.lorawan.mac_commands import MacCommand, command, pull_commands, push_commands
from lab.lorawan.mhdr import Direction
from lab.lorawan.obeying import obey
from lab.lorawan.regions import EU868
from tests.lorawan import DEV_EUI, World

SAYING = Saying(1, b"x", flags=FCtrl.ADR, channel=1)


@pytest.fixture(params=list(Version), ids=lambda one: one.value)
def world(request: pytest.FixtureRequest) -> World:
    made = World(request.param)
    made.joins(made.home)
    return made


def says(world: World, saying: Saying = SAYING, rate: str = "SF12BW125") -> None:
    """Let the device speak; its gateways hear it with 4 dB."""
    frame, world.device = uplink(world.device, saying)
    world.home.hears(frame.push(), data_rate=rate)


def heard(world: World) -> tuple[MacCommand, ...]:
    told = world.listens(world.home)
    assert isinstance(told, Message)
    world.device = obey(told.device, told.commands, EU868, 4.0)
    return pull_commands(Direction.DOWN, told.commands).known


def test_a_device_that_is_heard_well_is_told_to_send_faster_and_does(world: World) -> None:
    for _ in range(ENOUGH - 1):
        says(world)
    assert len(world.home.sent) == 1
    says(world)
    # 4 dB where -20 would do: 24, of which 10 are kept and 3 are a step.
    faster, status = heard(world)
    assert (faster.name, faster["data_rate"], faster["ch_mask"]) == ("LinkADRReq", 4, 0b111)
    assert status.name == "DevStatusReq"
    assert world.device.session is not None
    assert world.device.session.data_rate == 4
    says(world, replace(SAYING, data_rate=4), "SF8BW125")
    kept = world.home.sessions[DEV_EUI]
    assert (kept.battery, kept.margin, kept.data_rate) == (255, 4, 4)
    assert not kept.refuses_adr
    # Now 14 dB are to spare, 4 of them for one step more; it has told how it hears.
    for _ in range(ENOUGH):
        says(world, replace(SAYING, data_rate=4), "SF8BW125")
    (faster,) = heard(world)
    assert faster["data_rate"] == 5
    for _ in range(2 * ENOUGH):
        says(world, replace(SAYING, data_rate=5), "SF7BW125")
    assert len(world.home.sent) == 3


def test_a_device_that_does_not_allow_it_is_left_alone(world: World) -> None:
    for _ in range(2 * ENOUGH):
        says(world, replace(SAYING, flags=FCtrl.NONE))
    assert len(world.home.sent) == 1


def test_a_device_that_refuses_is_not_asked_again(world: World) -> None:
    for _ in range(ENOUGH):
        says(world)
    refusal = command("LinkADRAns", channel_mask_ack=1, power_ack=1)
    status = command("DevStatusAns", battery=9, margin=60)
    says(world, replace(SAYING, commands=push_commands((refusal, status))))
    kept = world.home.sessions[DEV_EUI]
    assert (kept.refuses_adr, kept.margin) == (True, -4)
    for _ in range(2 * ENOUGH):
        says(world)
    assert len(world.home.sent) == 2
