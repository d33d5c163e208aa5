"""A network server lets devices in, takes their frames once, and answers in their window."""

from dataclasses import replace

import pytest

from lab.backend.application_server import Outgoing
from lab.backend.network import Windows
from lab.backend.network_rules import DEVICE_KNOWN, FRAME_READABLE, MIC_RIGHT, PARTNER_REACHED
from lab.core.checks import Outcome
from lab.lorawan.device import Confirmation, Saying, join, uplink
from lab.lorawan.frames import DataFrame, FCtrl, pull_frame
from lab.lorawan.hearing import Joined, Message
from lab.lorawan.keys import Version
from lab.lorawan.mac_commands import command
from lab.lorawan.regions import EU868, US915
from tests.lorawan import AFNIC, AS_ID, DEV_EUI, FREQUENCY, GATEWAY, JOIN_EUI, World

VERSIONS = list(Version)
PAYLOAD = b"21.5"


@pytest.fixture(params=VERSIONS, ids=lambda one: one.value)
def world(request: pytest.FixtureRequest) -> World:
    made = World(request.param)
    assert isinstance(made.joins(made.home), Joined)
    return made


def test_device_network_and_application_have_the_same_keys(world: World) -> None:
    session = world.device.session
    assert session is not None
    kept = world.home.sessions[DEV_EUI]
    assert replace(kept.keys, app_s_key=session.keys.app_s_key) == session.keys
    assert kept.dev_addr == session.dev_addr
    assert AFNIC.owns(kept.dev_addr)
    world.says(world.home, Saying(1, PAYLOAD))
    assert world.application.sessions[DEV_EUI].app_s_key == session.keys.app_s_key


def test_the_network_does_not_get_the_application_key(world: World) -> None:
    kept = world.home.sessions[DEV_EUI]
    assert kept.keys.app_s_key == b""
    assert kept.app_s_key is not None
    assert kept.app_s_key.kek_label == "as"


def test_a_join_accept_goes_out_five_seconds_later_by_the_best_gateway() -> None:
    world = World()
    world.joins(world.home)
    gateway, transmit = world.home.sent[0]
    assert gateway == GATEWAY
    assert transmit.ticks == 1000 + 5_000_000
    assert (transmit.frequency, transmit.data_rate) == (FREQUENCY, "SF7BW125")


def test_a_device_hears_nothing_if_its_join_server_is_not_found() -> None:
    world = World()
    del world.home.partners[JOIN_EUI]
    request, _ = join(world.device)
    report = world.home.hears(request.push())
    assert report.outcome is Outcome.FAILED
    assert PARTNER_REACHED.id in [one.rule.id for one in report.reasons()]
    assert world.home.sent == []
    assert world.home.sessions == {}


def test_an_uplink_is_read_by_the_application_alone(world: World) -> None:
    report = world.says(world.home, Saying(7, PAYLOAD))
    assert report.outcome is Outcome.PASSED
    (reading,) = world.application.readings
    assert (reading.f_port, reading.f_cnt, reading.payload) == (7, 0, PAYLOAD)
    assert world.home.sent[1:] == []


def test_a_key_that_does_not_come_along_is_asked_for() -> None:
    world = World()
    world.join_server.wraps = False
    world.joins(world.home)
    world.says(world.home, Saying(7, PAYLOAD))
    world.says(world.home, Saying(7, PAYLOAD))
    assert world.application.asked == ["AppSKeyReq"]
    assert [one.payload for one in world.application.readings] == [PAYLOAD, PAYLOAD]


def test_a_replayed_frame_reaches_nobody(world: World) -> None:
    frame, _ = uplink(world.device, Saying(7, PAYLOAD, data_rate=5, channel=1))
    world.home.hears(frame.push())
    report = world.home.hears(frame.push())
    assert report.conclusion == "once more"
    later, world.device = uplink(world.device, Saying(7, PAYLOAD, data_rate=5, channel=1))
    world.says(world.home, Saying(7, PAYLOAD))
    report = world.home.hears(later.push())
    assert report.first_failure() is not None
    assert len(world.application.readings) == 2


def test_a_frame_with_another_octet_is_dropped(world: World) -> None:
    frame, _ = uplink(world.device, Saying(7, PAYLOAD, data_rate=5, channel=1))
    octets = bytearray(frame.push())
    octets[10] ^= 1
    failure = world.home.hears(bytes(octets)).first_failure()
    assert failure is not None
    assert failure.rule is MIC_RIGHT
    assert world.application.readings == []


def test_a_confirmed_uplink_is_acknowledged_one_second_later(world: World) -> None:
    world.says(world.home, Saying(7, PAYLOAD, Confirmation.CONFIRMED))
    _, transmit = world.home.sent[-1]
    assert transmit.ticks == 1000 + 1_000_000
    heard = world.listens(world.home)
    assert isinstance(heard, Message)
    assert heard.acknowledges == 0


def test_an_acknowledgement_that_was_lost_is_given_again(world: World) -> None:
    saying = Saying(7, PAYLOAD, Confirmation.CONFIRMED, data_rate=5, channel=1)
    frame, world.device = uplink(world.device, saying)
    world.home.hears(frame.push())
    world.home.hears(frame.push())
    assert len(world.home.sent) == 3
    assert len(world.application.readings) == 1
    assert isinstance(world.listens(world.home), Message)


def test_what_cannot_be_sent_in_the_first_window_goes_into_the_second(world: World) -> None:
    world.says(world.home, Saying(7, PAYLOAD, Confirmation.CONFIRMED))
    _, first = world.home.sent[-1]
    second = world.home.otherwise
    assert second is not None
    assert second.octets == first.octets
    assert second.ticks == 1000 + 2_000_000
    assert (second.frequency, second.data_rate) == (EU868.rx2_frequency, "SF12BW125")


def test_who_repeats_itself_is_answered_in_the_second_window(world: World) -> None:
    saying = Saying(7, PAYLOAD, Confirmation.CONFIRMED, data_rate=5, channel=1)
    frame, world.device = uplink(world.device, saying)
    for ticks, frequency in ((1_001_000, FREQUENCY), (2_001_000, EU868.rx2_frequency)):
        world.home.hears(frame.push())
        _, transmit = world.home.sent[-1]
        assert (transmit.ticks, transmit.frequency) == (ticks, frequency)
    assert world.home.otherwise is None


def test_a_network_may_use_the_second_window_alone() -> None:
    world = World()
    world.home.network = replace(world.home.network, windows=Windows.SECOND)
    assert isinstance(world.joins(world.home), Joined)
    _, transmit = world.home.sent[0]
    assert (transmit.ticks, transmit.frequency) == (1000 + 6_000_000, EU868.rx2_frequency)
    assert world.home.otherwise is None


def test_a_payload_for_the_device_goes_into_the_window_of_its_uplink(world: World) -> None:
    world.application.outgoing.append(Outgoing(9, b"on", confirmed=True))
    world.says(world.home, Saying(7, PAYLOAD))
    heard = world.listens(world.home)
    assert isinstance(heard, Message)
    assert (heard.f_port, heard.payload) == (9, b"on")
    world.says(world.home, Saying(7, PAYLOAD))
    assert world.home.sessions[DEV_EUI].unacknowledged is None
    assert len(world.application.readings) == 2


@pytest.mark.parametrize("waiting", [(), (Outgoing(9, b"on"),)], ids=["alone", "with-payload"])
def test_a_link_check_is_answered_with_what_was_heard(
    world: World, waiting: tuple[Outgoing, ...]
) -> None:
    world.application.outgoing.extend(waiting)
    request = command("LinkCheckReq").push()
    world.says(world.home, Saying(7, PAYLOAD, commands=request))
    sent = pull_frame(world.home.last_sent)
    heard = world.listens(world.home)
    assert isinstance(heard, Message)
    # 4 dB were measured, SF7 needs -7.5.
    assert heard.commands == command("LinkCheckAns", margin=11, gw_cnt=1).push()
    assert heard.payload == (b"on" if waiting else b"")
    # LoRaWAN 1.1 encrypts commands, 1.0 does not.
    assert isinstance(sent, DataFrame)
    is_clear = world.device.version is Version.LORAWAN_1_0
    assert (sent.f_opts == heard.commands) is is_clear


@pytest.mark.parametrize("octets", [b"", b"\x20" + bytes(16), b"\xe0proprietary"])
def test_what_no_device_sends_is_dropped(octets: bytes) -> None:
    failure = World().home.hears(octets).first_failure()
    assert failure is not None
    assert failure.rule is FRAME_READABLE


def test_a_device_that_nobody_knows_is_not_let_in() -> None:
    world = World()
    world.visited.network = replace(world.visited.network, agreements={})
    request, _ = join(world.device)
    failure = world.visited.hears(request.push()).first_failure()
    assert failure is not None
    assert failure.rule is DEVICE_KNOWN
    assert world.visited.sent == []


def test_a_frame_that_asks_for_nothing_is_not_answered(world: World) -> None:
    world.says(world.home, Saying(None))
    assert len(world.home.sent) == 1
    assert (AS_ID, "XmitDataReq") not in world.home.asked


def test_the_device_acknowledges_only_what_it_heard(world: World) -> None:
    frame, _ = uplink(world.device, Saying(1, b"x"))
    assert FCtrl.ACK not in frame.f_ctrl


def test_a_device_in_america_is_told_its_channels_by_masks() -> None:
    world = World()
    world.home.network = replace(world.home.network, region=US915)
    request, world.device = join(world.device)
    world.home.hears(request.push(), frequency=US915.channels[9], data_rate="SF10BW125")
    heard = world.listens(world.home)
    assert isinstance(heard, Joined)
    assert heard.device.session is not None
    assert heard.device.session.ch_mask == (1 << 72) - 1
