"""The report in HTML: what people and programs find in it."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from lab.core.checks import Outcome, Report, broken
from lab.present import html
from lab.present.story import Quiz
from tests.unit.present.reports import SIGNED
from tests.unit.present.test_sequence import JOIN
from tests.unit.present.test_story import story

NASTY = "<script>alert(1)</script><img src='http://192.0.2.1/x'>"
VOID = {"meta", "link", "br", "img", "hr"}


class Page(HTMLParser):
    """Collect elements, and see that each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page(*cases: str) -> Page:
    return Page(html.render([story(*cases)]))


def test_every_element_is_closed_and_every_id_is_the_only_one() -> None:
    drawn = page("secure", "answer expired", "denied")
    assert drawn.open == []
    ids = [one["id"] for _, one in drawn.found if "id" in one]
    assert len(ids) == len(set(ids))


def test_what_points_somewhere_points_into_the_page() -> None:
    text = html.render([story("secure", "answer expired")])
    ids = {f"#{one['id']}" for _, one in Page(text).found if "id" in one}
    assert {one["href"] for one in Page(text).all("a")} <= ids
    assert set(re.findall(r"url\((#[^)]*)\)", text)) <= ids


def test_nothing_is_loaded_and_nothing_can_run() -> None:
    drawn = page("secure")
    assert not drawn.all("script")
    assert all(one["href"] == "data:," for one in drawn.all("link"))
    policies = [one["content"] for one in drawn.all("meta") if "http-equiv" in one]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_headings_go_down_one_level_at_a_time() -> None:
    for stories in ([story("secure")], [story("secure"), story("denied")]):
        found = Page(html.render(stories)).found
        levels = [int(tag[1]) for tag, _ in found if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_each_picture_has_a_name_for_who_cannot_see_it() -> None:
    drawn = page("secure", "answer expired")
    ids = {one["id"] for _, one in drawn.found if "id" in one}
    pictures = drawn.all("svg")
    assert pictures
    for one in pictures:
        assert one["role"] == "img"
        assert set((one["aria-labelledby"] or "").split()) <= ids


def test_a_chain_that_has_changed_stands_beside_the_one_before() -> None:
    text = html.render([story("secure", "answer expired")])
    assert "Before, in step 1: secure" in text
    assert "Now, in step 2: bogus" in text
    assert "before and after" not in html.render([story("secure", "secure")])


def test_two_pictures_that_differ_in_nothing_that_can_be_seen_do_not_stand_side_by_side() -> None:
    played = story("answer expired", "answer expired")
    first, second = played.chapters
    assert second.graph is not None
    arrows = tuple(replace(one, hint="other words") for one in second.graph.arrows)
    again = replace(second, graph=replace(second.graph, arrows=arrows))
    text = html.render([replace(played, chapters=(first, again))])
    assert "before and after" not in text


def test_of_parts_that_failed_only_the_decisive_one_is_open() -> None:
    played = story("secure")
    parts = tuple(
        Report(one, Outcome.FAILED, parts=(Report(f"in {one}", Outcome.FAILED),))
        for one in ("first", "second")
    )
    chapter = replace(played.chapters[0], report=Report("all", Outcome.FAILED, parts=parts))
    text = html.render([replace(played, chapters=(chapter,))])
    shown = re.findall(r"<details( open)?>\n<summary>.*?class=\"what\">([^<]*)<", text)
    assert shown == [
        (" open", "all"),
        (" open", "first"),
        (" open", "in first"),
        ("", "second"),
        (" open", "in second"),
    ]


def test_no_rule_of_the_style_stands_twice() -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", html.render([story("secure")]), re.DOTALL)
    screen = style.partition("@media (max-width")[0]
    rules = re.findall(r"^([^{}@/ ][^{}]*)\{[^{}]*\}$", screen, re.MULTILINE)
    assert len(rules) > 10
    assert len(rules) == len(set(rules))


def test_the_verdict_names_the_steps_that_were_a_surprise() -> None:
    assert "All 1 steps" not in html.render([story("secure", "denied")])
    assert "Not as expected: step 2." in html.render([story("secure", "denied")])
    assert "All 2 steps went as expected." in html.render([story("secure", "secure")])


def test_messages_are_drawn() -> None:
    played = story("secure")
    chapter = replace(played.chapters[0], report=Report("a join", sequence=JOIN))
    assert "Messages: a join" in html.render([replace(played, chapters=(chapter,))])


def test_an_answer_is_folded_away_below_its_question() -> None:
    played = story("secure")
    quiz = Quiz("Which *key*?", "the <KSK>", ("the ZSK", "the <KSK>"), "Look at the DS.")
    chapter = replace(played.chapters[0], quiz=quiz, part="Keys & <names>")
    text = html.render([replace(played, chapters=(chapter,))])
    assert "Which <em>key</em>?" in text
    assert "<details><summary>The answer</summary><p>the &lt;KSK&gt;</p></details>" in text
    assert "Keys &amp; &lt;names&gt;" in text


@pytest.mark.parametrize(
    "where", ["title", "summary", "step title", "say", "seen", "fact", "message"]
)
def test_what_looks_like_html_is_text(where: str) -> None:
    played = story("secure")
    (chapter,) = played.chapters
    fact = broken(SIGNED, NASTY, what=NASTY)
    message = replace(JOIN.messages[0], label=NASTY, detail=NASTY, source=NASTY)
    changes: dict[str, dict[str, Any]] = {
        "step title": {"title": NASTY},
        "say": {"say": NASTY},
        "seen": {"seen": NASTY},
        "fact": {"report": Report(NASTY, conclusion=NASTY, checks=(fact,))},
        "message": {"report": Report("x", sequence=replace(JOIN, messages=(message,)))},
    }
    chapter = replace(chapter, **changes.get(where, {}))
    own: dict[str, Any] = {where: NASTY} if where in {"title", "summary"} else {}
    text = html.render([replace(played, chapters=(chapter,), **own)])
    assert not Page(text).all("script")
    assert not Page(text).all("img")
    assert "&lt;script&gt;" in text


def test_markdown_has_its_emphasis_but_neither_pictures_nor_scripts_as_links() -> None:
    played = replace(story("secure"), summary="*a* ![b](http://192.0.2.1/c) [d](javascript:e)")
    text = html.render([played])
    assert "<em>a</em>" in text
    assert not Page(text).all("img")
    assert 'href="javascript' not in text


def test_wildcards_and_labels_with_underscores_are_no_emphasis() -> None:
    said = "From *.wild.example.fr to *.fr; _443._tcp.www and _25._tcp.mx, light_sensor._device."
    assert html.markdown(said) == f"<p>{said}</p>\n"
