from lab.core.dialogue import Dialogue, answer_all, prompted
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


def test_what_was_heard_is_not_asked_again() -> None:
    transcript = answer_all(prompted(add_two(), [("first", 1)]), {"second": 2}.__getitem__)
    assert transcript.result == 3
    assert transcript.exchanges == (("second", 2),)


def test_a_failure_that_was_heard_is_thrown_in_again() -> None:
    heard = [("second", TransportError("timed out"))]
    assert answer_all(prompted(add_two(), heard), {"first": 1}.__getitem__).result == 0
