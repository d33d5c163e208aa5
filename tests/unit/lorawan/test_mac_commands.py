"""MAC commands by their table; octets are those of brocaar/lorawan `mac_commands_test.go`."""

import pytest

from lab.core.errors import InputError
from lab.lorawan.frames import Direction
from lab.lorawan.mac_commands import (
    LAYOUTS,
    MacCommand,
    command,
    pull_commands,
    push_commands,
    signed,
)

UP, DOWN = Direction.UP, Direction.DOWN

COMMANDS = [
    ("020a0f", DOWN, command("LinkCheckAns", margin=10, gw_cnt=15)),
    ("02", UP, command("LinkCheckReq")),
    ("035200043f", DOWN, command("LinkADRReq", data_rate=5, tx_power=2, ch_mask=0x0400,
                                 ch_mask_cntl=3, nb_trans=15)),
    ("0307", UP, command("LinkADRAns", channel_mask_ack=1, data_rate_ack=1, power_ack=1)),
    ("0504d2ad84", DOWN, command("RXParamSetupReq", rx2_data_rate=4, frequency=8_695_250)),
    ("06723f", UP, command("DevStatusAns", battery=114, margin=63)),
    ("07 03 184f84 50", DOWN, command("NewChannelReq", ch_index=3, frequency=8_671_000,
                                      min_dr=0, max_dr=5)),
    ("0403", DOWN, command("DutyCycleReq", max_duty_cycle=3)),
    ("0504", UP, command("RXParamSetupAns", rx1_dr_offset_ack=1)),
    ("0702", UP, command("NewChannelAns", data_rate_range_ok=1)),
    ("0925", DOWN, command("TxParamSetupReq", downlink_dwell_time=1, max_eirp=5)),
    ("0a03184f84", DOWN, command("DlChannelReq", ch_index=3, frequency=8_671_000)),
    ("0c43", DOWN, command("ADRParamSetupReq", limit_exp=4, delay_exp=3)),
    ("0e231a", DOWN, command("ForceRejoinReq", period=3, max_retries=2, rejoin_type=2,
                             data_rate=3)),
    ("0f21", DOWN, command("RejoinParamSetupReq", max_time=2, max_count=1)),
    ("11184f8405", DOWN, command("PingSlotChannelReq", frequency=8_671_000, data_rate=5)),
    ("0805", DOWN, command("RXTimingSetupReq", delay=5)),
    ("0b01", UP, command("RekeyInd", minor=1)),
    ("0d0100000080", DOWN, command("DeviceTimeAns", seconds=1, fraction=128)),
]  # fmt: skip


@pytest.mark.parametrize(("octets", "direction", "expected"), COMMANDS)
def test_a_command_is_read_and_written(
    octets: str, direction: Direction, expected: MacCommand
) -> None:
    assert expected.push() == bytes.fromhex(octets)
    read = pull_commands(direction, bytes.fromhex(octets))
    assert (read.known, read.unread) == ((expected,), b"")


def test_several_commands_follow_each_other() -> None:
    sent = (
        command("LinkADRAns", power_ack=1),
        command("DevStatusAns", battery=255),
        command("LinkCheckReq"),
    )
    assert pull_commands(UP, push_commands(sent)).known == sent


@pytest.mark.parametrize("tail", ["80aabb", "0672"])
def test_after_an_unknown_or_cut_command_nothing_is_read(tail: str) -> None:
    read = pull_commands(UP, bytes.fromhex("02" + tail))
    assert read.known == (command("LinkCheckReq"),)
    assert read.unread == bytes.fromhex(tail)


def test_the_same_number_means_another_command_the_other_way() -> None:
    assert pull_commands(UP, b"\x06\xff\x05").known[0].name == "DevStatusAns"
    assert pull_commands(DOWN, b"\x06").known[0].name == "DevStatusReq"


def test_reserved_bits_are_ignored_and_sent_as_zero() -> None:
    read = pull_commands(UP, b"\x03\xff").known[0]
    assert read.push() == b"\x03\x07"


@pytest.mark.parametrize(("field", "decibel"), [(0, 0), (31, 31), (32, -32), (63, -1)])
def test_a_margin_is_signed(field: int, decibel: int) -> None:
    assert signed(command("DevStatusAns", margin=field)["margin"]) == decibel


def test_what_does_not_exist_or_fit_is_told() -> None:
    with pytest.raises(InputError, match="there is no MAC command 'LinkCheck'"):
        command("LinkCheck")
    with pytest.raises(InputError, match="LinkCheckAns has no field 'gateways'"):
        command("LinkCheckAns", gateways=2)
    with pytest.raises(InputError, match="margin of DevStatusAns has 6 bits, 64 does not fit"):
        command("DevStatusAns", margin=64)


def test_every_layout_is_whole_octets() -> None:
    assert all(sum(bits for _, bits in one.fields) % 8 == 0 for one in LAYOUTS.values())
