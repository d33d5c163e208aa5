"""What is to be sent waits for its acknowledgement, within bounds."""

from lab.net.outbox import Outbox


def test_things_go_in_order_and_only_so_many_at_once() -> None:
    box: Outbox[int] = Outbox(room=10, at_once=2)
    for number in range(5):
        box.put(number)
    assert list(box.take()) == [0, 1]
    assert list(box.take()) == []
    box.acknowledge()
    assert list(box.take()) == [2]
    assert (box.sent, box.waiting, box.dropped) == (1, 4, 0)


def test_the_oldest_that_waits_makes_room() -> None:
    box: Outbox[int] = Outbox(room=2, at_once=1)
    box.put(0)
    assert list(box.take()) == [0]
    for number in (1, 2, 3):
        box.put(number)
    assert box.dropped == 1
    box.acknowledge()
    assert list(box.take()) == [2]
    assert box.waiting == 2
