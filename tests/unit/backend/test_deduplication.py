"""Copies of one frame become one uplink."""

from dataclasses import replace

from lab.backend.deduplication import MAX_COPIES, MAX_OPEN, Gathering
from lab.lorawan.identifiers import Eui64
from lab.lorawan.packets import Received

HEARD = Received(b"frame", 1000, 868_100_000, "SF7BW125", -100, 2.0)


def gateway(number: int) -> Eui64:
    return Eui64(number.to_bytes(8))


def test_the_gateway_that_heard_it_best_comes_first() -> None:
    gathering = Gathering()
    assert gathering.take(gateway(1), HEARD)
    assert not gathering.take(gateway(2), replace(HEARD, snr=7.5, ticks=77))
    assert not gathering.take(gateway(3), replace(HEARD, snr=-3.0))
    uplink = gathering.close(HEARD.octets)
    assert [one.gateway for one in uplink.receptions] == [gateway(2), gateway(1), gateway(3)]
    assert uplink.best.packet.ticks == 77


def test_a_gateway_counts_once() -> None:
    gathering = Gathering()
    gathering.take(gateway(1), HEARD)
    assert not gathering.take(gateway(1), HEARD)
    assert len(gathering.close(HEARD.octets).receptions) == 1


def test_other_octets_are_another_frame() -> None:
    gathering = Gathering()
    assert gathering.take(gateway(1), HEARD)
    assert gathering.take(gateway(1), replace(HEARD, octets=b"other"))


def test_the_same_frame_after_its_window_is_another_uplink() -> None:
    gathering = Gathering()
    gathering.take(gateway(1), HEARD)
    gathering.close(HEARD.octets)
    assert gathering.take(gateway(2), HEARD)


def test_a_flood_of_frames_or_copies_is_bounded() -> None:
    gathering = Gathering()
    for number in range(MAX_COPIES + 5):
        gathering.take(gateway(number), HEARD)
    assert len(gathering.close(HEARD.octets).receptions) == MAX_COPIES
    opened = [
        gathering.take(gateway(1), replace(HEARD, octets=number.to_bytes(4)))
        for number in range(MAX_OPEN + 5)
    ]
    assert opened == [True] * MAX_OPEN + [False] * 5
