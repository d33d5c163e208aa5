import xml.etree.ElementTree as ET
from dataclasses import replace

from lab.core.checks import Outcome, Report, broken
from lab.present import junit
from lab.present.story import Story
from tests.unit.present.reports import BROKEN, TIMELY
from tests.unit.present.test_story import story

# What CI systems read: children and attributes of each element; all of them are written.
SHAPE = {
    "testsuites": ({"testsuite"}, {"name", "tests", "failures", "errors", "skipped"}),
    "testsuite": ({"testcase"}, {"name", "tests", "failures", "errors", "skipped"}),
    "testcase": ({"failure"}, {"name", "classname"}),
    "failure": (set[str](), {"message", "type"}),
}


def document(*stories: Story) -> ET.Element:
    return ET.fromstring(junit.render(stories))  # noqa: S314 our own text


def failing(report: Report, **changes: str) -> Story:
    played = story("secure")
    chapter = replace(played.chapters[0], as_expected=False, report=report, **changes)  # type: ignore[arg-type]  # texts alone
    return replace(played, chapters=(chapter,))


def test_the_document_has_the_shape_that_ci_systems_read() -> None:
    for element in document(story("secure", "denied"), story("secure")).iter():
        children, attributes = SHAPE[element.tag]
        assert {one.tag for one in element} <= children
        assert set(element.attrib) == attributes


def test_counts_are_those_of_the_elements() -> None:
    suites = document(story("secure", "denied"), story("secure"))
    for element in (suites, *suites):
        assert element.get("tests") == str(len(list(element.iter("testcase"))))
        assert element.get("failures") == str(len(list(element.iter("failure"))))
    assert suites.get("failures") == "1"


def test_each_step_is_a_case_in_the_suite_of_its_scenario() -> None:
    (suite,) = document(story("secure", "secure"))
    assert suite.get("name") == "A play"
    assert [one.get("name") for one in suite] == [
        "1. validate www.example.fr. A",
        "2. validate www.example.fr. A",
    ]


def test_a_failure_says_what_was_seen_and_why() -> None:
    (failure,) = document(failing(BROKEN, seen="bogus")).iter("failure")
    assert failure.get("message") == "expected secure, but seen: bogus"
    assert failure.get("type") == "x.timely"
    assert "does not hold: it is in time" in (failure.text or "")


def test_what_expects_nothing_and_fails_has_a_message_too() -> None:
    (failure,) = document(failing(Report("x", Outcome.FAILED), expected="", seen="odd")).iter(
        "failure"
    )
    assert (failure.get("message"), failure.get("type")) == ("seen: odd", "scenario")


def test_characters_that_xml_does_not_know_do_not_spoil_the_document() -> None:
    report = Report("a\x00b", Outcome.FAILED, checks=(broken(TIMELY, "\x1b[31m", now="\ud800<&"),))
    (failure,) = document(failing(report, seen="\x07<&>")).iter("failure")
    assert failure.get("message") == "expected secure, but seen: \ufffd<&>"
    assert "\x1b" not in (failure.text or "")
