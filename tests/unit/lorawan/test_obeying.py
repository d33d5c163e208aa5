"""A device does what MAC commands want, and says so in its next uplink."""

import pytest

from lab.lorawan.device import Device, Saying, uplink
from lab.lorawan.mac_commands import MacCommand, command, pull_commands, push_commands
from lab.lorawan.mhdr import Direction
from lab.lorawan.obeying import obey
from lab.lorawan.regions import EU868, US915
from lab.lorawan.windows import Sent, data_windows, next_sent
from tests.unit.lorawan.test_device import joined, session_of

FAST = command("LinkADRReq", data_rate=4, ch_mask=0b011, nb_trans=1)


def told(*commands: MacCommand) -> Device:
    return obey(joined(), push_commands(commands), EU868, 7.4)


def answers(device: Device) -> tuple[MacCommand, ...]:
    return pull_commands(Direction.UP, session_of(device).answers).known


def test_a_data_rate_is_taken_with_its_channels() -> None:
    session = session_of(told(FAST))
    assert (session.data_rate, session.ch_mask) == (4, 0b011)


def test_the_next_frame_goes_as_the_network_wants_it() -> None:
    frames = [next_sent(EU868, 0, counter, session_of(told(FAST))) for counter in range(3)]
    assert [one.data_rate for one in frames] == [4, 4, 4]
    assert [one.frequency for one in frames] == [868_100_000, 868_300_000, 868_100_000]
    before = next_sent(EU868, 0, 2, session_of(joined()))
    assert (before.data_rate, before.frequency) == (0, 868_500_000)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"data_rate": 7}, "data_rate_ack"),
        ({"data_rate": 9}, "data_rate_ack"),
        ({"ch_mask": 0}, "channel_mask_ack"),
        ({"ch_mask": 0b1000}, "channel_mask_ack"),
        ({"tx_power": 8}, "power_ack"),
    ],
)
def test_what_cannot_be_changes_nothing(change: dict[str, int], refused: str) -> None:
    device = told(command("LinkADRReq", **({"data_rate": 4, "ch_mask": 0b011} | change)))
    assert session_of(device).data_rate is None
    (answer,) = answers(device)
    assert [name for name, value in answer.values if not value] == [refused]


def test_answers_travel_once_with_the_next_uplink() -> None:
    frame, after = uplink(told(FAST, command("DevStatusReq")), Saying(1, b"x"))
    good = command("LinkADRAns", channel_mask_ack=1, data_rate_ack=1, power_ack=1)
    status = command("DevStatusAns", battery=255, margin=7)
    assert frame.f_opts == push_commands((good, status))
    assert uplink(after, Saying(1, b"x"))[0].f_opts == b""


def test_a_bad_signal_is_told_in_six_bits() -> None:
    device = obey(joined(), command("DevStatusReq").push(), EU868, -5.0)
    assert answers(device)[0]["margin"] == 64 - 5


def test_windows_are_moved() -> None:
    asked = command("RXParamSetupReq", rx2_data_rate=3, rx1_dr_offset=2, frequency=8_690_000)
    session = session_of(told(asked, command("RXTimingSetupReq", delay=3)))
    first, second = data_windows(Sent(868_100_000, 5), EU868, session)
    assert (first.after, first.data_rate) == (3_000_000, "SF9BW125")
    assert (second.frequency, second.data_rate) == (869_000_000, "SF9BW125")


def test_windows_that_the_region_does_not_have_are_refused() -> None:
    asked = command("RXParamSetupReq", rx2_data_rate=0, frequency=9_233_000)
    device = obey(joined(), asked.push(), US915, 1.0)
    assert not answers(device)[0]["rx2_data_rate_ack"]
    assert session_of(device).rx2_frequency == 0


@pytest.mark.parametrize(
    "name", ["DutyCycle", "NewChannel", "ADRParamSetup", "DlChannel", "RejoinParamSetup"]
)
def test_other_commands_are_answered(name: str) -> None:
    assert [one.name for one in answers(told(command(f"{name}Req")))] == [f"{name}Ans"]


def test_answers_for_which_there_is_no_room_are_left_out() -> None:
    device = told(*[command("DevStatusReq")] * 6)
    assert len(session_of(device).answers) == 15
