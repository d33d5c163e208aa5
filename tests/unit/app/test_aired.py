from lab.app.aired import waits
from lab.lorawan.device import Confirmation, Saying, join, uplink
from tests.unit.lorawan.test_device import device, joined


def test_who_asks_to_join_waits_for_an_answer() -> None:
    request, asking = join(device())
    assert waits(asking, request.push())


def test_data_waits_for_nothing_even_after_a_join_that_nobody_answered() -> None:
    _, asking = join(joined())
    frame, after = uplink(asking, Saying(1, b"still here"))
    assert not waits(after, frame.push())


def test_confirmed_data_waits_to_be_acknowledged() -> None:
    frame, after = uplink(joined(), Saying(1, b"heard?", Confirmation.CONFIRMED))
    assert waits(after, frame.push())
