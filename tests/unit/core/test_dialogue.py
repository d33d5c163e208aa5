from lab.core.dialogue import Dialogue, answer_all
from lab.core.errors import TransportError


def add_two() -> Dialogue[str, int, int]:
    first = yield "first"
    try:
        second = yield "second"
    except TransportError:
        second = -1
    return first + second


def test_answers_are_sent_in_and_kept() -> None:
    transcript = answer_all(add_two(), {"first": 1, "second": 2}.__getitem__)
    assert transcript.result == 3
    assert transcript.exchanges == (("first", 1), ("second", 2))


def test_a_transport_error_is_thrown_into_the_dialogue() -> None:
    error = TransportError("timed out")

    def answer(ask: str) -> int:
        if ask == "second":
            raise error
        return 1

    transcript = answer_all(add_two(), answer)
    assert transcript.result == 0
    assert transcript.exchanges[-1] == ("second", error)
