"""SCHC fragments: their octets, what is sent again, and when one gives up."""

from dataclasses import replace

import pytest

from lab.core.errors import InputError, PeerError
from lab.lorawan.frames import Direction
from lab.lorawan.schc import MAX_ACK_REQUESTS, RECEIVER_ABORT, State, reassembly_check
from lab.lorawan.schc_downlink import Bits, DownlinkReceiver, DownlinkSender
from lab.lorawan.schc_uplink import MAX_PACKET, UplinkReceiver, UplinkSender
from lab.lorawan.schc_uplink_messages import Ack, Fragment, LastFragment, pull_ack, pull_sent
from lab.lorawan.transfer import Transfer, run, send_down, send_up

PACKET = bytes(range(1, 142))


def lengths(transfer: Transfer, direction: Direction) -> list[int]:
    return [len(one.payload) for one in transfer.messages if one.direction is direction]


def losing(*numbers: int) -> Transfer:
    """Send PACKET in frames of 51 octets and lose the uplinks with these numbers."""
    count = iter(range(1000))
    return run(
        UplinkSender.start(PACKET, 51),
        UplinkReceiver(),
        Direction.UP,
        lambda way, _: way is Direction.DOWN or next(count) not in numbers,
    )


def test_tiles_travel_together_and_the_last_one_with_the_check() -> None:
    transfer = losing()
    sent = [one.payload for one in transfer.messages if one.direction is Direction.UP]
    assert [one[0] for one in sent] == [62, 57, 52, 63]
    assert b"".join(one[1:] for one in sent[:3]) + sent[3][5:] == PACKET == transfer.packet
    assert sent[3][1:5] == reassembly_check(PACKET)
    assert transfer.messages[-1].payload == b"\x20"


def test_a_last_tile_that_does_not_fit_beside_the_check_travels_before_it() -> None:
    for rest, frames in ((6, 4), (7, 5), (9, 5)):
        transfer = run(
            UplinkSender.start(bytes(30 + rest), 11),
            UplinkReceiver(),
            Direction.UP,
            lambda _, __: True,
        )
        assert transfer.packet == bytes(30 + rest)
        assert len(lengths(transfer, Direction.UP)) == frames


def test_only_lost_tiles_come_again_and_then_an_answer_is_asked_for() -> None:
    transfer = losing(1)
    up = [one.payload for one in transfer.messages if one.direction is Direction.UP]
    assert up[4:] == [up[1], b"\x00"]
    assert transfer.packet == PACKET


def test_a_lost_all_1_is_missed_when_an_answer_is_asked_for() -> None:
    transfer = losing(3)
    up = [one.payload for one in transfer.messages if one.direction is Direction.UP]
    assert up[4:] == [b"\x00", up[3]]
    assert transfer.packet == PACKET


def test_the_first_window_with_a_gap_is_told_first() -> None:
    packet = bytes(MAX_PACKET)
    receiver, lost = UplinkReceiver(), {0, 20, 40}
    sender = UplinkSender.start(packet, 51)
    answer, number = b"", 0
    while not answer:
        sender, message = sender.step()
        if number not in lost:
            receiver, answer = receiver.receive(message)
        number += 1
    ack = pull_ack(answer)
    assert ack is not None
    assert ack.received is not None
    assert (ack.window, ack.received.index(True)) == (0, 5)


def test_a_sender_that_asks_after_each_window_is_told_what_it_has_sent() -> None:
    # RFC 9011 section 5.6.2: batteries last longer so, and both ways must be understood.
    receiver = UplinkReceiver()
    for first in range(0, 63, 5):
        tiles = bytes(10 * min(5, 63 - first))
        receiver, _ = receiver.receive(Fragment(0, 62 - first, tiles).push())
    receiver, answer = receiver.receive(Fragment(0, 0).push())
    assert pull_ack(answer) == Ack(0, (True,) * 63)
    receiver, answer = receiver.receive(Fragment(1, 0).push())
    assert pull_ack(answer) == Ack(1, (False,) * 63)


# W, tiles, octets: RFC 9011 section 5.6.2.3 allows bitmaps of 5, 13, … 61 and 63 bits.
BITMAPS = [
    (0, "1" * 62 + "0", "1fffffffffffffff80"),
    (1, "0" + "1" * 62, "4f"),
    (1, "10111" + "1" * 58, "57"),
    (2, "111110" + "1" * 57, "9f7f"),
    (3, "0" * 63, "c00000000000000000"),
    (0, "1" * 63, "1f"),
]


@pytest.mark.parametrize(("window", "bits", "octets"), BITMAPS)
def test_ones_at_the_end_of_a_bitmap_do_not_travel(window: int, bits: str, octets: str) -> None:
    ack = Ack(window, tuple(bit == "1" for bit in bits))
    assert pull_ack(bytes.fromhex(octets)) == ack
    assert ack.push().hex() == octets


def test_messages_that_look_alike_are_told_apart() -> None:
    assert pull_sent(b"\xff") is None
    assert pull_sent(b"\xffrcs!") == LastFragment(3, b"rcs!")
    assert pull_sent(b"\x00") == Fragment(0, 0)
    assert pull_sent(b"\x00a") == Fragment(0, 0, b"a")
    assert pull_ack(RECEIVER_ABORT) is None
    assert pull_ack(b"\xe0") == Ack(3, None)


@pytest.mark.parametrize("octets", [b"", b"\x3frcs", b"\x3frcs!" + bytes(11)])
def test_what_is_no_fragment_is_told(octets: bytes) -> None:
    with pytest.raises(PeerError, match="fragment has"):
        pull_sent(octets)


def test_a_sender_without_answers_gives_up() -> None:
    sender, message = UplinkSender.start(b"x", 51).step()
    asked = 1
    while message != b"\xff":
        sender, message = sender.expire()
        asked += message != b"\xff"
    assert (sender.state, asked) == (State.ABORTED, MAX_ACK_REQUESTS)
    assert sender.expire() == (sender, b"")


def test_a_receiver_whose_check_never_fits_gives_up() -> None:
    receiver, wrong = UplinkReceiver(), LastFragment(0, b"\0" * 4, b"abc").push()
    for _ in range(MAX_ACK_REQUESTS):
        receiver, answer = receiver.receive(wrong)
        assert pull_ack(answer) == Ack(0, (False,) * 62 + (True,))
    receiver, answer = receiver.receive(wrong)
    assert (receiver.state, answer) == (State.ABORTED, RECEIVER_ABORT)


def test_an_abort_ends_the_other_side() -> None:
    assert UplinkSender.start(b"x", 51).receive(RECEIVER_ABORT).state is State.ABORTED
    assert UplinkReceiver().receive(b"\xff")[0].state is State.ABORTED
    assert DownlinkSender.start(b"x", 51).receive(RECEIVER_ABORT).state is State.ABORTED
    assert DownlinkReceiver().receive(b"\xc0")[0].state is State.ABORTED


def test_who_has_done_answers_but_changes_no_more() -> None:
    sent = UplinkSender.start(b"packet", 51).step()[1]
    done, answer = UplinkReceiver().receive(sent)
    assert done.packet == b"packet"
    for again in (sent, b"\x00"):
        assert done.receive(again) == (done, answer)
    for late in (b"\x3etile", b"\xff"):
        assert done.receive(late) == (done, b"")
    _, down = DownlinkSender.start(b"packet", 51).step()
    finished, heard = DownlinkReceiver().receive(down)
    assert finished.receive(down) == (finished, heard)
    for late in (b"\x80tile", b"\xc0"):
        assert finished.receive(late) == (finished, b"")


def test_who_has_aborted_says_so() -> None:
    aborted = UplinkReceiver(state=State.ABORTED)
    assert aborted.receive(b"\x00") == (aborted, RECEIVER_ABORT)


def test_an_answer_about_another_window_completes_nothing() -> None:
    sender = UplinkSender.start(b"packet", 51)
    assert sender.receive(Ack(2, None).push()) == sender


def test_silence_ends_a_receiver_but_not_a_finished_one() -> None:
    assert UplinkReceiver().expire() == (UplinkReceiver(state=State.ABORTED), RECEIVER_ABORT)
    assert DownlinkReceiver().expire() == (DownlinkReceiver(state=State.ABORTED), RECEIVER_ABORT)
    done = UplinkReceiver(packet=b"x", state=State.DONE)
    assert done.expire() == (done, b"")
    finished = DownlinkReceiver(packet=b"x", state=State.DONE)
    assert finished.expire() == (finished, b"")


@pytest.mark.parametrize(
    ("packet", "mtu", "words"),
    [
        (b"", 51, "SCHC carries 1 to 2520 octets, not 0"),
        (bytes(2521), 51, "SCHC carries 1 to 2520 octets, not 2521"),
        (b"x", 10, "a frame must hold 11 octets, not 10"),
    ],
)
def test_what_the_uplink_cannot_carry_is_refused(packet: bytes, mtu: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        UplinkSender.start(packet, mtu)


def test_a_downlink_alternates_and_each_tile_is_acknowledged() -> None:
    transfer = run(
        DownlinkSender.start(PACKET, 51), DownlinkReceiver(), Direction.DOWN, lambda _, __: True
    )
    down = [one.payload for one in transfer.messages if one.direction is Direction.DOWN]
    up = [one.payload for one in transfer.messages if one.direction is Direction.UP]
    assert [len(one) for one in down] == [51, 51, 44]
    assert [one[0] >> 6 for one in down] == [0b00, 0b10, 0b01]
    assert up == [b"\x40", b"\xc0", b"\x40"]
    assert transfer.packet == PACKET


def test_frames_may_change_their_size_between_tiles() -> None:
    # RFC 9011 appendix A.3: 51 octets, then 49 because of two octets of FOpts.
    packet = bytes(131)
    sender, first = DownlinkSender.start(packet, 51).step()
    receiver, answer = DownlinkReceiver().receive(first)
    sender, second = sender.resize(49).receive(answer).step()
    receiver, answer = receiver.receive(second)
    sender, last = sender.resize(51).receive(answer).step()
    receiver, answer = receiver.receive(last)
    assert [len(one) for one in (first, second, last)] == [51, 49, 36]
    assert sender.receive(answer).state is State.DONE
    assert receiver.packet == packet


def test_a_lost_tile_is_asked_for_and_sent_again() -> None:
    sender, first = DownlinkSender.start(PACKET, 51).step()
    sender, asked = sender.expire()
    assert asked == b"\x00"
    receiver, answer = DownlinkReceiver().receive(asked)
    assert answer == b"\x00"
    sender, again = sender.receive(answer).step()
    assert again == first
    receiver, answer = receiver.receive(again)
    # The answer is lost; the device repeats it after the same tile, and of its own accord.
    assert receiver.receive(again) == (receiver, answer)
    assert receiver.repeat() == answer
    assert sender.receive(answer).window == 1
    assert sender.receive(b"\x80") == sender


def test_an_answer_as_rfc_8724_writes_it_is_understood() -> None:
    sender, _ = DownlinkSender.start(PACKET, 51).step()
    assert sender.receive(b"\x20") == sender.receive(b"\x40")


def test_a_wrong_check_aborts_the_device() -> None:
    sender, message = DownlinkSender.start(b"packet", 51).step()
    receiver, answer = DownlinkReceiver().receive(message[:-1] + b"\xff")
    assert (receiver.state, answer) == (State.ABORTED, RECEIVER_ABORT)
    assert receiver.receive(message) == (receiver, RECEIVER_ABORT)
    assert sender.receive(answer).state is State.ABORTED


def test_a_gateway_without_answers_gives_up() -> None:
    sender, _ = DownlinkSender.start(PACKET, 51).step()
    for _ in range(MAX_ACK_REQUESTS):
        sender, message = sender.expire()
        assert message == b"\x00"
    sender, message = sender.expire()
    assert (sender.state, message) == (State.ABORTED, b"\xc0")
    assert sender.expire() == (sender, b"")


@pytest.mark.parametrize(
    ("packet", "mtu", "words"),
    [(b"", 51, "at least one octet"), (b"x", 7, "a frame must hold 8 octets, not 7")],
)
def test_what_the_downlink_cannot_carry_is_refused(packet: bytes, mtu: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        DownlinkSender.start(packet, mtu)


def test_empty_messages_are_told() -> None:
    for receive in (
        UplinkSender.start(b"x", 51).receive,
        DownlinkSender.start(b"x", 51).receive,
        DownlinkReceiver().receive,
    ):
        with pytest.raises(PeerError, match="at least one octet"):
            receive(b"")
    with pytest.raises(PeerError, match="an All-1 fragment has a check sequence and a tile"):
        DownlinkReceiver().receive(b"\x40rcs!")


def test_bits_are_cut_and_joined() -> None:
    bits = Bits.of(b"\xa5\x0f")
    assert bits.cut(0, 3) + bits.cut(3, 13) == bits
    assert bits.cut(4, 5).padded() == b"\x50"
    assert Bits().padded() == b""


def test_what_fits_into_a_frame_is_not_fragmented() -> None:
    for send in (send_up, send_down):
        transfer = send(b"short", 11)
        assert [one.f_port for one in transfer.messages] == [22]
        assert transfer.packet == b"\x16short"
    assert send_up(b"short", 11, lambda _, __: False).packet == b""
    long = send_up(bytes(300), 51)
    assert (long.packet, long.state) == (b"\x16" + bytes(300), State.DONE)
    assert replace(long, messages=()).packet == send_down(bytes(300), 51).packet
