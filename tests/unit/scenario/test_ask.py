import pytest

from lab.core.checks import Outcome
from lab.core.errors import InputError
from lab.scenario.ask import Ask

FREE = Ask("Which status?", "bogus", accept=("BOGUS, of course",))
CHOICE = Ask("How many?", "13", choices=("1", "13", "1,000"))


@pytest.mark.parametrize("given", ["bogus", " Bogus. ", "bogus,  of course"])
def test_letter_case_spaces_and_a_last_dot_do_not_matter(given: str) -> None:
    assert FREE.judge(given).outcome is Outcome.PASSED


@pytest.mark.parametrize("given", ["", "secure", "bogus or secure"])
def test_a_wrong_answer_is_a_failed_check_that_tells_the_right_one(given: str) -> None:
    judged = FREE.judge(given)
    assert judged.outcome is Outcome.FAILED
    assert dict(judged.facts)["answer"] == "bogus"


@pytest.mark.parametrize(
    ("given", "right"), [("2", True), ("13", True), ("3", False), ("4", False)]
)
def test_a_choice_may_be_given_by_its_number(given: str, right: bool) -> None:  # noqa: FBT001 a table
    assert (CHOICE.judge(given).outcome is Outcome.PASSED) is right


def test_the_text_of_a_choice_goes_before_the_number_of_another() -> None:
    ask = Ask("How many?", "1", choices=("2", "1"))
    assert ask.judge("1").outcome is Outcome.PASSED
    assert ask.judge("2").outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("ask", "key"),
    [
        ({"question": " ", "answer": "a"}, "question"),
        ({"question": "a?", "answer": ""}, "answer"),
        ({"question": "a?", "answer": "a", "choices": ("a",)}, "choices"),
        ({"question": "a?", "answer": "a", "choices": ("a", "A", "b")}, "choices"),
        ({"question": "a?", "answer": "c", "choices": ("a", "b")}, "answer"),
    ],
)
def test_what_nobody_could_answer_is_refused(ask: dict[str, str], key: str) -> None:
    with pytest.raises(InputError) as caught:
        Ask(**ask)  # type: ignore[arg-type]  # choices are texts, too
    assert caught.value.where == key
