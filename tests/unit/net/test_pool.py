"""Which connection carries which request; strings stand for connections and for who waits."""

import pytest

from lab.net.pool import Pool, Todo

Strings = Pool[str, str, str]


def pool(most: int = 2) -> Strings:
    return Pool(most)


def opened(one: Strings, *lines: str, key: str = "js") -> None:
    """Open *lines* at the same time, and let them come to rest in this order."""
    for _ in lines:
        assert one.want(key, "") is Todo.OPEN
    for line in lines:
        assert one.give_back(key, line) is None


def test_a_connection_at_rest_is_used_again() -> None:
    one = pool()
    opened(one, "a")
    assert one.want("js", "") == "a"
    assert len(one) == 1


def test_the_one_that_was_used_last_comes_first() -> None:
    one = pool()
    opened(one, "a", "b")
    assert one.want("js", "") == "b"


def test_nobody_gets_a_connection_of_somebody_else() -> None:
    one = pool()
    opened(one, "a")
    assert one.want("ns", "") is Todo.OPEN


def test_no_two_requests_have_the_same_connection() -> None:
    one = pool()
    opened(one, "a")
    assert one.want("js", "") == "a"
    assert one.want("js", "") is Todo.OPEN


def test_who_finds_all_busy_waits_and_gets_what_is_given_back() -> None:
    one = pool()
    for _ in range(2):
        assert one.want("js", "") is Todo.OPEN
    assert [one.want("js", name) for name in ("first", "second")] == [Todo.WAIT, Todo.WAIT]
    assert one.want("ns", "") is Todo.OPEN
    assert one.give_back("js", "a") == ("first", "a")
    assert one.give_back("js", None) == ("second", Todo.OPEN)
    assert one.give_back("js", "a") is None
    assert one.want("js", "") == "a"


def test_a_request_whose_connection_is_gone_makes_room() -> None:
    one = pool(1)
    assert one.want("js", "") is Todo.OPEN
    assert one.give_back("js", None) is None
    assert len(one) == 0
    assert one.want("js", "") is Todo.OPEN


def test_who_waits_no_longer_gets_no_turn() -> None:
    one = pool(1)
    one.want("js", "")
    for name in ("first", "second"):
        one.want("js", name)
    one.withdraw("js", "first")
    assert one.give_back("js", "a") == ("second", "a")


def test_a_connection_that_ended_at_rest_is_not_offered() -> None:
    one = pool()
    opened(one, "a", "b")
    one.forget("js", "b")
    assert one.want("js", "") == "a"
    # One that is busy is told of, too, when it ends: its request gives back nothing.
    one.forget("js", "a")
    assert one.give_back("js", None) is None
    assert len(one) == 0


@pytest.mark.parametrize("kept", ["a", "b", ""])
def test_what_does_not_hold_any_more_is_retired_everywhere(kept: str) -> None:
    one = pool()
    opened(one, "a")
    opened(one, "b", key="ns")
    assert set(one.retire(lambda line: line == kept)) == {"a", "b"} - {kept}
    assert one.retire(lambda line: line == kept) == ()
    assert len(one) == bool(kept)


def test_what_is_busy_is_not_retired() -> None:
    one = pool()
    opened(one, "a")
    one.want("js", "")
    assert one.retire(lambda _: False) == ()
