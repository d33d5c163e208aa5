"""Times on air: The Things Stack's and brocaar's tables, and the figures that people quote."""

import pytest

from lab.core.errors import InputError
from lab.lorawan.airtime import Fsk, LoRa, airtime_ms, airtime_us

# Octets, modulation, microseconds: pkg/toa/toa_test.go, and brocaar airtime_test.go (the last).
TABLE = [
    *((10, LoRa(7 + at, 125_000), us) for at, us in enumerate(
        (41_216, 72_192, 144_384, 288_768, 577_536, 991_232)
    )),
    (10, LoRa(7, 250_000), 20_608),
    (10, LoRa(7, 500_000), 10_304),
    (10, LoRa(7, 125_000, coding_rate=2), 45_312),
    (10, LoRa(7, 125_000, coding_rate=4), 53_504),
    (13, LoRa(7, 125_000), 46_336),
    (16, LoRa(7, 125_000), 51_456),
    (13, LoRa(12, 125_000, optimized=False), 1_155_072),
]  # fmt: skip


@pytest.mark.parametrize(("octets", "modulation", "us"), TABLE)
def test_a_frame_takes_so_long(octets: int, modulation: LoRa, us: int) -> None:
    assert airtime_us(octets, modulation) == us


@pytest.mark.parametrize(
    ("octets", "factor", "ms"), [(23, 12, 1482.8), (23, 10, 370.7), (23, 7, 61.7), (64, 12, 2793.5)]
)
def test_a_join_request_and_a_full_frame(octets: int, factor: int, ms: float) -> None:
    assert airtime_ms(octets, LoRa(factor, 125_000)) == pytest.approx(ms, abs=0.05)


def test_a_gateway_saves_the_crc() -> None:
    with_crc, without = (LoRa(7, 125_000, crc=crc) for crc in (True, False))
    assert airtime_us(10, with_crc) - airtime_us(10, without) == 5 * 1024


def test_fsk_is_bits_over_rate() -> None:
    assert airtime_us(10, Fsk()) == (5 + 3 + 1 + 10 + 2) * 8 * 20


def test_the_optimization_begins_at_symbols_of_16_ms() -> None:
    for slow, optimized in ((LoRa(11, 125_000), True), (LoRa(10, 125_000), False),
                            (LoRa(12, 250_000), True)):  # fmt: skip
        told = LoRa(slow.spreading_factor, slow.bandwidth, optimized=optimized)
        assert airtime_us(60, slow) == airtime_us(60, told)


@pytest.mark.parametrize(
    ("factor", "bandwidth", "rate", "words"),
    [
        (13, 125_000, 1, "a spreading factor is 5 to 12, not 13"),
        (7, 0, 1, "a bandwidth is some Hz, not 0"),
        (7, 125_000, 5, r"a coding rate is 1 \(4/5\) to 4 \(4/8\), not 5"),
    ],
)
def test_what_no_radio_does_is_refused(factor: int, bandwidth: int, rate: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        LoRa(factor, bandwidth, rate)
