"""Who of a crowd may speak next."""

from collections.abc import Callable

from lab.app.lorawan_turns import Turns, Wish


def test_who_wants_to_join_goes_before_who_has_joined() -> None:
    turns, order = Turns(1), list[str]()

    def speaker(name: str) -> Callable[[None], None]:
        return lambda _: order.append(name)

    for name, wish in (
        ("first", Wish.SEND),
        ("sends", Wish.SEND),
        ("joins", Wish.JOIN),
        ("joins later", Wish.JOIN),
    ):
        turns.take(wish).addCallback(speaker(name))
    assert order == ["first"]
    for _ in range(3):
        turns.give_back()
    assert order == ["first", "joins", "joins later", "sends"]


def test_each_that_is_done_makes_room_for_two_up_to_a_limit() -> None:
    turns, spoken = Turns(3), list[None]()
    for _ in range(9):
        turns.take(Wish.JOIN).addCallback(spoken.append)
    counts = [len(spoken)]
    for _ in range(4):
        turns.give_back()
        counts.append(len(spoken))
    assert counts == [1, 3, 5, 6, 7]


def test_a_turn_that_nobody_waits_for_is_there_for_who_comes_next() -> None:
    turns, spoken = Turns(1), list[None]()
    turns.take(Wish.JOIN)
    turns.give_back()
    turns.take(Wish.SEND).addCallback(spoken.append)
    turns.take(Wish.SEND).addCallback(spoken.append)
    assert len(spoken) == 1
