"""What EU868 and US915 allow."""

import pytest

from lab.core.errors import InputError
from lab.lorawan.airtime import airtime_ms
from lab.lorawan.frames import Direction
from lab.lorawan.regions import (
    EU868,
    FRAME_OVERHEAD,
    REGIONS,
    US915,
    Region,
    pull_cf_list,
    pull_channel_masks,
    push_cf_list,
    push_channel_masks,
)


@pytest.mark.parametrize(
    ("region", "payloads"),
    [
        (EU868, {0: 51, 1: 51, 2: 51, 3: 115, 4: 222, 5: 222, 6: 222, 7: 222}),
        (US915, {0: 11, 1: 53, 2: 125, 3: 242, 4: 242, 8: 33, 9: 109, 10: 222, 13: 222}),
    ],
)
def test_so_much_fits_behind_a_repeater(region: Region, payloads: dict[int, int]) -> None:
    assert {one: region.data_rate(one).max_payload for one in payloads} == payloads
    assert {region.data_rate(one).max_mac_payload for one in payloads} == {
        payload + 8 for payload in payloads.values()
    }


@pytest.mark.parametrize(
    ("region", "uplink", "offsets"),
    [
        (EU868, 0, [0, 0, 0, 0, 0, 0]),
        (EU868, 5, [5, 4, 3, 2, 1, 0]),
        (EU868, 7, [7, 6, 5, 4, 3, 2]),
        (US915, 0, [10, 9, 8, 8]),
        (US915, 3, [13, 12, 11, 10]),
        (US915, 4, [13, 13, 12, 11]),
    ],
)
def test_the_first_window_follows_the_uplink(
    region: Region, uplink: int, offsets: list[int]
) -> None:
    # The tables of the Regional Parameters, one row each.
    found = [region.rx1_data_rate(uplink, offset) for offset in range(len(offsets))]
    assert found == offsets


def test_the_first_window_opens_on_the_uplink_s_channel_or_on_its_partner() -> None:
    assert EU868.rx1_frequency(867_100_000) == 867_100_000
    assert US915.rx1_frequency(902_300_000) == 923_300_000
    assert US915.rx1_frequency(904_100_000) == 923_900_000
    assert US915.rx1_frequency(914_200_000) == 927_500_000
    with pytest.raises(InputError, match="902400000 Hz is no uplink channel of US915"):
        US915.rx1_frequency(902_400_000)


@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)
def test_what_fits_may_be_sent(region: Region) -> None:
    for one in region.data_rates.values():
        longest = one.max_payload + FRAME_OVERHEAD
        if region.dwell_time_ms is not None and Direction.UP in one.directions:
            assert airtime_ms(longest, one.modulation) <= region.dwell_time_ms


def test_a_data_rate_is_found_by_the_name_that_gateways_use() -> None:
    assert EU868.data_rate_number("SF12BW125", Direction.UP) == 0
    assert EU868.data_rate_number("50000", Direction.UP) == 7
    assert US915.data_rate_number("SF8BW500", Direction.UP) == 4
    assert US915.data_rate_number("SF8BW500", Direction.DOWN) == 12
    with pytest.raises(InputError, match="US915 has no data rate 'SF12BW125' that goes up"):
        US915.data_rate_number("SF12BW125", Direction.UP)
    with pytest.raises(InputError, match="EU868 has no data rate DR8; it has DR0, DR1"):
        EU868.data_rate(8)


def test_europe_shares_by_time() -> None:
    shares = {one: EU868.duty_cycle(one) for one in (864_000_000, 868_100_000, 869_525_000)}
    assert list(shares.values()) == [0.001, 0.01, 0.1]
    assert EU868.duty_cycle(868_650_000) == 1
    assert US915.duty_cycle(902_300_000) == 1


def test_a_join_accept_names_more_channels() -> None:
    channels = tuple(867_100_000 + 200_000 * number for number in range(5))
    octets = push_cf_list(channels)
    # As The Things Stack and ChirpStack send it.
    assert octets.hex() == "184f84e85684b85e84886684586e8400"
    assert pull_cf_list(octets) == channels
    assert pull_cf_list(push_cf_list(channels[:2])) == channels[:2]
    assert pull_cf_list(octets[:-1] + b"\1") == ()
    assert pull_cf_list(b"") == ()


@pytest.mark.parametrize("frequencies", [(867_100_050,), (1_700_000_000,)])
def test_a_channel_must_be_writable(frequencies: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="a multiple of 100 Hz below"):
        push_cf_list(frequencies)


def test_only_five_channels_fit() -> None:
    with pytest.raises(InputError, match="a CFList names 5 channels, not 6"):
        push_cf_list((867_100_000,) * 6)


def test_a_join_accept_says_by_masks_which_channels_may_be_used() -> None:
    second_band = 0xFF << 8 | 1 << 65
    octets = push_channel_masks(second_band)
    # ChMask0 to ChMask4, little-endian, then what is reserved, then the type.
    assert octets.hex() == "00ff0000000000000200" + "00" * 5 + "01"
    assert pull_channel_masks(octets) == second_band
    assert pull_cf_list(octets) == ()
    assert pull_channel_masks(push_cf_list((867_100_000,))) == 0
    assert pull_channel_masks(b"") == 0


@pytest.mark.parametrize("mask", [0, 1 << 80])
def test_masks_are_for_channels_that_there_can_be(mask: int) -> None:
    with pytest.raises(InputError, match="channel masks for 80 channels"):
        push_channel_masks(mask)
