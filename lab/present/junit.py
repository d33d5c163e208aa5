"""Scenarios that were played as JUnit XML for CI systems: a suite each, a case for each step.

Nobody owns that format; this is the part on which Jenkins, GitLab and GitHub's readers agree.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from lab.present.story import Chapter, Story
from lab.present.text import to_text
from lab.present.tree import Detail

# XML 1.0 section 2.2: other characters may not stand in a document, not even as references.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(stories: Sequence[Story]) -> str:
    """Return *stories* as one XML document."""
    suites = _counted(
        Element("testsuites", name="lab"), [c for one in stories for c in one.chapters]
    )
    for story in stories:
        suite = _counted(SubElement(suites, "testsuite", name=_clean(story.title)), story.chapters)
        for chapter in story.chapters:
            _add(suite, story, chapter)
    indent(suites)
    return tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _counted(element: Element, chapters: Sequence[Chapter]) -> Element:
    failures = sum(1 for one in chapters if not one.as_expected)
    counts = {"tests": len(chapters), "failures": failures, "errors": 0, "skipped": 0}
    element.attrib |= {name: str(number) for name, number in counts.items()}
    return element


def _add(suite: Element, story: Story, chapter: Chapter) -> None:
    name = f"{chapter.number}. {chapter.title}"
    case = SubElement(suite, "testcase", name=_clean(name), classname=_clean(story.title))
    if chapter.as_expected:
        return
    reasons = chapter.report.reasons()
    failure = SubElement(case, "failure", type=reasons[0].rule.id if reasons else "scenario")
    wanted = f"expected {chapter.expected}, but " if chapter.expected else ""
    failure.set("message", _clean(f"{wanted}seen: {chapter.seen}"))
    failure.text = _clean(to_text(chapter.report, detail=Detail.OUTLINE))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
