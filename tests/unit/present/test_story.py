import json
from dataclasses import replace
from typing import Any

import pytest

from lab.core.errors import InputError
from lab.core.values import to_value
from lab.present.chain_graph import graph_of
from lab.present.json import report_to_json
from lab.present.story import Chapter, Quiz, Story, story_from_json
from lab.validator.recording import exchange_to_json
from tests.unit.present.test_validation import validation


def told(*cases: str) -> dict[str, Any]:
    """Return what `lab run --json` says of a play that validated the same name again and again."""
    steps = [
        {
            "number": number,
            "total": len(cases),
            "do": "validate",
            "title": "validate www.example.fr. A",
            "say": "Look.",
            "part": "",
            "ask": {"question": "Is it?", "answer": "yes", "choices": [], "hint": "", "accept": []},
            "expected": "secure",
            "seen": validation(case).status.value,
            "as_expected": case == "secure",
            "report": report_to_json(validation(case).report),
            "chain": to_value(graph_of(validation(case))),
            "exchanges": [exchange_to_json(one) for one in validation(case).report.exchanges],
        }
        for number, case in enumerate(cases, start=1)
    ]
    good = set(cases) == {"secure"}
    document = {"title": "A play", "summary": "Of *steps*.", "as_expected": good, "steps": steps}
    copied: dict[str, Any] = json.loads(json.dumps(document))
    return copied


def story(*cases: str) -> Story:
    return story_from_json(told(*cases), "play.json")


def test_a_story_comes_out_of_json_as_it_went_in() -> None:
    (chapter,) = story("secure").chapters
    found = validation("secure")
    assert chapter.graph == graph_of(found)
    assert chapter.report == found.report
    assert chapter.quiz == Quiz("Is it?", "yes")
    asked = [str(one.question) for one in found.report.exchanges]
    assert [str(one.question) for one in chapter.exchanges] == asked
    assert any(one.startswith("www.example.fr. A @ ") for one in asked)


def test_a_story_that_tells_nothing_of_chains_has_none() -> None:
    document = told("secure")
    del document["steps"][0]["chain"], document["steps"][0]["exchanges"]
    (chapter,) = story_from_json(document, "play.json").chapters
    assert (chapter.graph, chapter.exchanges) == (None, ())


@pytest.mark.parametrize("spoil", ["title", "steps"])
def test_what_is_no_story_is_refused_with_its_place(spoil: str) -> None:
    document = told("secure")
    del document[spoil]
    with pytest.raises(InputError, match=r"play\.json: .*lab run"):
        story_from_json(document, "play.json")


def numbers_before(*cases: str) -> list[int | None]:
    played = story(*cases)
    before = [played.before(one) for one in played.chapters]
    return [None if one is None else one.number for one in before]


def test_before_is_the_last_that_asked_the_same_and_found_another_chain() -> None:
    assert numbers_before("secure", "secure", "answer expired", "secure") == [None, None, 2, 3]


def test_other_names_and_steps_without_a_chain_are_never_before() -> None:
    played = story("secure", "answer expired")
    first, second = played.chapters

    def before(earlier: Chapter) -> Chapter | None:
        return replace(played, chapters=(earlier, second)).before(second)

    assert before(first) is first
    assert before(replace(first, title="validate else. A")) is None
    assert before(replace(first, graph=None)) is None
