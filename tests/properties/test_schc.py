"""Properties of SCHC: a packet arrives as it was, or the sender knows that it may not have."""

import contextlib
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import PeerError
from lab.lorawan.frames import Direction
from lab.lorawan.schc import State
from lab.lorawan.schc_downlink import DownlinkReceiver, DownlinkSender
from lab.lorawan.schc_uplink import UplinkReceiver, UplinkSender
from lab.lorawan.schc_uplink_messages import Ack, pull_ack
from lab.lorawan.transfer import Transfer, run

packets = st.integers(1, 2520).flatmap(
    lambda size: st.integers(0, 255).map(lambda seed: Random(seed).randbytes(size))
)
uplink_mtus, downlink_mtus = st.integers(11, 242), st.integers(8, 242)


def carried(packet: bytes, mtu: int, direction: Direction, loss: float, chance: Random) -> Transfer:
    def heard(_way: Direction, _payload: bytes) -> bool:
        return chance.random() >= loss

    if direction is Direction.UP:
        return run(UplinkSender.start(packet, mtu), UplinkReceiver(), direction, heard)
    return run(DownlinkSender.start(packet, mtu), DownlinkReceiver(), direction, heard)


@given(packets, uplink_mtus, downlink_mtus)
def test_without_loss_a_packet_arrives(packet: bytes, up: int, down: int) -> None:
    for direction, mtu in ((Direction.UP, up), (Direction.DOWN, down)):
        transfer = carried(packet, mtu, direction, 0, Random(0))
        assert (transfer.packet, transfer.state) == (packet, State.DONE)
        sent = [one.payload for one in transfer.messages if one.direction is direction]
        assert all(len(one) <= mtu for one in sent)


@given(packets, uplink_mtus, st.floats(0, 0.95), st.integers(0, 2**32), st.sampled_from(Direction))
def test_with_loss_it_arrives_whole_or_is_given_up(
    packet: bytes, mtu: int, loss: float, seed: int, direction: Direction
) -> None:
    transfer = carried(packet, mtu, direction, loss, Random(seed))
    assert transfer.packet in {packet, b""}
    assert transfer.state in {State.DONE, State.ABORTED}
    if transfer.state is State.DONE:
        assert transfer.packet == packet


@given(packets, uplink_mtus, st.data())
def test_whatever_is_lost_of_the_first_round_arrives_in_the_end(
    packet: bytes, mtu: int, data: st.DataObject
) -> None:
    frames = len(carried(packet, mtu, Direction.UP, 0, Random(0)).messages) - 1
    arrives = iter(data.draw(st.lists(st.booleans(), min_size=frames, max_size=frames)))

    def heard(way: Direction, _payload: bytes) -> bool:
        return way is Direction.DOWN or next(arrives, True)

    transfer = run(UplinkSender.start(packet, mtu), UplinkReceiver(), Direction.UP, heard)
    assert (transfer.packet, transfer.state) == (packet, State.DONE)


@given(st.integers(0, 3), st.lists(st.booleans(), min_size=63, max_size=63))
def test_a_bitmap_comes_back(window: int, received: list[bool]) -> None:
    ack = Ack(window, tuple(received))
    assert pull_ack(ack.push()) == ack


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_noise_is_answered_or_told_to_be_none(noise: list[bytes]) -> None:
    up, down = UplinkReceiver(), DownlinkReceiver()
    asking, giving = UplinkSender.start(b"packet", 51), DownlinkSender.start(b"packet", 51)
    for octets in noise:
        with contextlib.suppress(PeerError):
            up, _ = up.receive(octets)
        with contextlib.suppress(PeerError):
            down, _ = down.receive(octets)
        with contextlib.suppress(PeerError):
            asking, _ = asking.receive(octets).step()
        with contextlib.suppress(PeerError):
            giving, _ = giving.receive(octets).step()
