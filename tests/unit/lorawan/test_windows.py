"""A device hears what comes in one of its two windows, and nothing else."""

from dataclasses import replace

import pytest

from lab.lorawan.device import Session
from lab.lorawan.identifiers import NetId
from lab.lorawan.keys import SessionKeys, Version
from lab.lorawan.packets import TICKS, Transmit
from lab.lorawan.regions import EU868, US915
from lab.lorawan.windows import Sent, caught, join_windows, next_sent

ENDED = TICKS - 1_000_000
WINDOWS = join_windows(Sent(868_300_000, 5), EU868)
FIRST = Transmit(b"", (ENDED + 5_000_000) % TICKS, 868_300_000, "SF7BW125")
SECOND = Transmit(b"", (ENDED + 6_000_000) % TICKS, 869_525_000, "SF12BW125")


def test_both_windows_are_where_the_region_has_them() -> None:
    assert caught(WINDOWS, ENDED, FIRST) == WINDOWS[0]
    assert caught(WINDOWS, ENDED, SECOND) == WINDOWS[1]


def test_what_is_sent_at_once_is_meant_for_the_first() -> None:
    assert caught(WINDOWS, ENDED, replace(FIRST, ticks=None)) == WINDOWS[0]


@pytest.mark.parametrize(
    "transmit",
    [
        replace(FIRST, ticks=ENDED),
        replace(FIRST, ticks=SECOND.ticks),
        replace(FIRST, ticks=(ENDED + 5_100_000) % TICKS),
        replace(FIRST, frequency=868_100_000),
        replace(FIRST, data_rate="SF8BW125"),
        replace(SECOND, data_rate="SF7BW125"),
    ],
)
def test_another_moment_frequency_or_data_rate_is_not_heard(transmit: Transmit) -> None:
    assert caught(WINDOWS, ENDED, transmit) is None


@pytest.mark.parametrize(
    ("data_rate", "mask", "numbers"),
    [
        (0, 0, range(64)),
        (4, 0, range(64, 72)),
        (0, 0xFF << 8 | 1 << 65, range(8, 16)),
        (4, 0xFF << 8 | 1 << 65, range(65, 66)),
        (4, 0xFF << 8, range(64, 72)),
    ],
)
def test_a_device_hops_on_channels_that_it_may_use_and_that_are_wide_enough(
    data_rate: int, mask: int, numbers: range
) -> None:
    net_id = NetId.from_text("00050a")
    keys = SessionKeys.of_1_0(bytes(16), bytes(16))
    session = Session(net_id.dev_addr(7), net_id, keys, Version.LORAWAN_1_0, ch_mask=mask)
    used = {next_sent(US915, data_rate, counter, session).frequency for counter in range(72)}
    assert used == {US915.channels[one] for one in numbers}
