import io
from typing import Any

import pytest
from rich.console import Console

from lab.app.asking import Event
from lab.app.pacing import Going, Prompt, Rest, Steady, Stepwise, speed_of
from lab.core.dialogue import answer_all
from lab.core.errors import InputError
from tests.unit.present.test_story import told

ASK = {"question": "Secure?", "answer": "yes", "choices": [], "hint": "Look.", "accept": ["y"]}
CHOOSE = {**ASK, "choices": ["no", "yes"]}
OF_THE_END = {"expected", "seen", "as_expected", "report", "chain", "exchanges"}


def steps(played: int, announced: int = 0, ask: dict[str, Any] | None = None) -> list[Event]:
    """Return steps, the last one perhaps only announced, with a question."""
    found: list[Event] = told(*["secure"] * (played + announced))["steps"]
    for step in found[played:]:
        step["ask"] = ask
        for key in OF_THE_END:
            del step[key]
    return found


class People:
    """Type lines at a pace, and keep what is shown."""

    def __init__(self, *lines: str | None) -> None:
        self.lines = list(lines)
        self.output = io.StringIO()
        self.again: list[int] = []

    def pause(self, so_far: list[Event]) -> Going:
        console = Console(file=self.output, width=120)
        pace = Stepwise(console, lambda step: self.again.append(step["number"]))
        return answer_all(pace.pause(so_far), lambda _: self.lines.pop(0)).result


@pytest.mark.parametrize(
    ("line", "going"), [("", Going.ON), ("q", Going.ENDS), (None, Going.ENDS), (" q ", Going.ENDS)]
)
def test_enter_goes_on_and_q_or_the_end_of_input_stops(line: str | None, going: Going) -> None:
    assert People(line).pause(steps(1, 1)) is going


def test_b_goes_back_one_step_at_a_time() -> None:
    people = People("b", "b", "b", "")
    assert people.pause(steps(2, 1)) is Going.ON
    assert people.again == [2, 1]
    assert "There is no earlier step." in people.output.getvalue()


def test_after_the_last_step_b_shows_the_one_before() -> None:
    people = People("b", "")
    people.pause(steps(3))
    assert people.again == [2]


def test_a_question_mark_shows_the_packets_of_the_step_that_is_looked_at() -> None:
    people = People("?", "b", "b", "?", "")
    people.pause(steps(2, 1))
    shown = people.output.getvalue()
    assert shown.index("Step 2: validate") < shown.index("Step 1: validate")
    assert "www.example.fr. A @ " in shown


def test_before_the_first_step_there_are_no_packets() -> None:
    people = People("?", "b", "")
    people.pause(steps(0, 1))
    assert people.output.getvalue().count("There is no earlier step.") == 2


def test_other_keys_are_told_which_there_are() -> None:
    people = People("x", "")
    people.pause(steps(1))
    assert "Press Enter, or one of b, ? and q." in people.output.getvalue()


@pytest.mark.parametrize(
    ("ask", "answers", "shown"),
    [
        (ASK, ["Yes"], "Right: yes"),
        (CHOOSE, ["2"], "Right: yes"),
        (ASK, ["no", "y"], "Not so. Look.\nRight: yes"),
        (ASK, ["no", "never"], "Not so. Look.\nNot so.\nThe answer: yes"),
        (ASK, [""], "The answer: yes"),
        (ASK, [None], "The answer: yes"),
    ],
)
def test_an_answer_is_judged_with_a_hint_and_a_second_try(
    ask: dict[str, Any], answers: list[str | None], shown: str
) -> None:
    people = People(*answers, "")
    assert people.pause(steps(0, 1, ask)) is Going.ON
    assert shown in people.output.getvalue()
    assert people.lines == []


def test_choices_are_numbered() -> None:
    people = People("", "")
    people.pause(steps(0, 1, CHOOSE))
    assert "  1  no\n  2  yes\n" in people.output.getvalue()


def test_a_question_is_put_once_and_not_after_its_step() -> None:
    people = People("")
    people.pause(steps(1))
    assert "?" not in people.output.getvalue()


def rests(pace: Steady, so_far: list[Event]) -> list[float]:
    exchanges = answer_all(pace.pause(so_far), lambda _: None).exchanges
    asked = [need for need, _ in exchanges]
    assert not any(isinstance(one, Prompt) for one in asked)
    return [one.seconds for one in asked if isinstance(one, Rest)]


def test_a_steady_pace_leaves_time_to_read() -> None:
    short, long = steps(0, 1), steps(0, 1)
    long[0]["say"] = "Many words. " * 20
    assert rests(Steady(1.0), long)[0] > rests(Steady(1.0), short)[0]
    assert rests(Steady(2.0), short)[0] == 2 * rests(Steady(1.0), short)[0]
    assert rests(Steady(1.0), steps(1)) == []


@pytest.mark.parametrize(
    ("text", "factor"), [("slow", 2.0), ("normal", 1.0), ("1.5", 1.5), ("fast", None), ("0", None)]
)
def test_a_speed_is_a_word_or_a_factor(text: str, factor: float | None) -> None:
    pace = speed_of(text)
    assert (None if pace is None else pace.factor) == factor


@pytest.mark.parametrize("text", ["quick", "-1", "nan", "inf", "", "1000"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="slow, normal, fast or a factor"):
        speed_of(text)
