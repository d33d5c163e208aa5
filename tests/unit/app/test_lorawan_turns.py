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


def test_so_many_speak_at_a_time() -> None:
    turns, spoken = Turns(2), list[None]()
    for _ in range(4):
        turns.take(Wish.JOIN).addCallback(spoken.append)
    assert len(spoken) == 2
    turns.give_back()
    assert len(spoken) == 3
    # Nobody waits any more: the turn is there for whoever comes next.
    turns.give_back()
    turns.give_back()
    turns.take(Wish.SEND).addCallback(spoken.append)
    assert len(spoken) == 5
