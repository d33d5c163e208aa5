"""What happened is told in the order of its times."""

from lab.app.lorawan_log import MOST, LorawanLog


def test_a_sequence_begins_at_zero_and_is_sorted() -> None:
    times = iter([1000, 1500])
    log = LorawanLog(lambda: next(times))
    log.note(("a", "b"), "first")
    log.note(("b", "a"), "last", refusal="no")
    log.note(("a", "a"), "between", at_ms=1200)
    told = log.sequence("story", 0)
    assert [(one.at_ms, one.label) for one in told.messages] == [
        (0, "first"),
        (200, "between"),
        (500, "last"),
    ]
    assert told.messages[2].refusal == "no"


def test_what_came_after_a_number_is_told_alone() -> None:
    log = LorawanLog(lambda: 0)
    log.note(("a", "b"), "old")
    last = log.last
    log.note(("a", "b"), "new", octets=b"\x40")
    (event,) = log.since(last)
    assert (event.number, event.message.label, event.octets) == (last + 1, "new", b"\x40")


def test_old_things_are_forgotten() -> None:
    log = LorawanLog(lambda: 0)
    for _ in range(MOST + 10):
        log.note(("a", "b"), "again")
    assert len(log.since()) == MOST
    assert log.last == MOST + 10


def test_who_has_a_name_is_called_by_it() -> None:
    log = LorawanLog(lambda: 0, {"device 00": "meter"})
    log.note(("device 00", "gateway 01"), "uplink")
    (event,) = log.since()
    assert (event.message.source, event.message.target) == ("meter", "gateway 01")


def test_a_request_of_an_earlier_sequence_that_is_answered_now_is_not_told_again() -> None:
    times = iter([1000, 1010])
    log = LorawanLog(lambda: next(times))
    log.note(("meter", "gateway"), "uplink")
    log.note(("tsp.ns", "afnic.ns"), "PRStartReq", at_ms=700)
    log.note(("gateway", "tsp.ns"), "PUSH_DATA")
    told = log.sequence("story", 0)
    assert [(one.at_ms, one.label) for one in told.messages] == [(0, "uplink"), (10, "PUSH_DATA")]
    assert told.parties == ("meter", "gateway", "tsp.ns")
