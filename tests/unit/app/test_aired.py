from lab.app.aired import Listening, waits
from lab.lorawan.device import Confirmation, Saying, join, uplink
from lab.lorawan.hearing import Hearing, Ignored
from lab.lorawan.radio import Place
from lab.lorawan.regions import EU868
from lab.lorawan.windows import join_windows, next_sent
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


def test_what_was_heard_first_is_what_came_of_it() -> None:
    request, asking = join(device())
    windows = join_windows(next_sent(EU868, 5, 0), EU868)
    one = Listening(asking, Place(0, 0), request.push(), windows, {}, {"tsp.ns"})
    ended: list[Hearing | None] = []
    one.done.addCallback(ended.append)
    one.heard = Ignored("not for it")
    one.end()
    one.end()
    assert ended == [Ignored("not for it")]
