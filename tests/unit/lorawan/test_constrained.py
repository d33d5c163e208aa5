"""What a certificate, a key, a digest and a name cost on air."""

from random import Random

import pytest

from lab.lorawan.constrained import PROOFS, Cost, cost, least_cost
from lab.lorawan.frames import Direction
from lab.lorawan.regions import EU868, US915, Region
from lab.lorawan.transfer import send_down, send_up

UP, DOWN = Direction.UP, Direction.DOWN

# Octets; frames and milliseconds in EU868 at DR0 and at DR5, in US915 at DR0. Rounded to seconds
# with two digits they are those of the table that was worked out for this lab by other code.
UPLINKS = [
    (0, (0, 0), (0, 0), (0, 0)),
    (24, (1, 1974.272), (1, 82.176), (3, 1112.064)),
    (32, (1, 2138.112), (1, 92.416), (4, 1482.752)),
    (91, (3, 6578.176), (1, 179.456), (10, 3706.88)),
    (140, (4, 9371.648), (1, 251.136), (15, 5519.36)),
    (316, (8, 19726.336), (3, 610.048), (33, 12191.744)),
    (2048, (42, 115851.264), (11, 3520.256), (206, 76320.768)),
]


@pytest.mark.parametrize(("octets", "slow", "fast", "american"), UPLINKS)
def test_an_uplink_costs_so_many_frames_and_milliseconds(
    octets: int, slow: tuple[int, float], fast: tuple[int, float], american: tuple[int, float]
) -> None:
    for (region, data_rate), (frames, ms) in zip(
        ((EU868, 0), (EU868, 5), (US915, 0)), (slow, fast, american), strict=True
    ):
        assert least_cost(octets, UP, region, data_rate) == Cost(frames, round(ms * 1000))


@pytest.mark.parametrize(
    ("octets", "region", "data_rate", "frames"),
    [
        (140, EU868, 0, 3),
        (140, US915, 10, 1),
        (140, US915, 8, 5),
        (2048, EU868, 0, 41),
        (2048, US915, 10, 10),
        (2048, US915, 8, 63),
        (0, EU868, 0, 0),
    ],
)
def test_a_downlink_costs_so_many_frames(
    octets: int, region: Region, data_rate: int, frames: int
) -> None:
    assert least_cost(octets, DOWN, region, data_rate).frames == frames


def test_a_big_certificate_takes_hours_of_a_duty_cycle_but_is_not_impossible() -> None:
    assert least_cost(2048, UP, EU868, 0).span_s(0.01) / 3600 == pytest.approx(3.2, abs=0.05)
    assert least_cost(140, UP, EU868, 0).span_s(0.01) / 60 == pytest.approx(15.6, abs=0.05)


def test_a_smaller_proof_never_costs_more() -> None:
    for region, data_rate in ((EU868, 0), (EU868, 5), (US915, 0)):
        times = [least_cost(one.octets, UP, region, data_rate).airtime_us for one in PROOFS]
        assert times == sorted(times)
        assert times[0] == 0


def test_loss_costs_frames() -> None:
    chance = Random(3)
    lossy = send_up(bytes(2048), 51, lambda _, __: chance.random() > 0.2)
    assert lossy.packet == b"\x16" + bytes(2048)
    assert cost(lossy, UP, EU868, 0).frames > least_cost(2048, UP, EU868, 0).frames
    assert cost(lossy, DOWN, EU868, 0).frames >= 1


def test_every_tile_of_a_downlink_costs_an_uplink_as_well() -> None:
    transfer = send_down(bytes(140), 51)
    assert cost(transfer, DOWN, EU868, 0).frames == cost(transfer, UP, EU868, 0).frames == 3
