"""A scenario that was played, as readers of reports see it: made of the JSON that tells of it.

What is played in another process, or was played last week, comes to every report by this one way.
"""

from typing import Any

from lab.core.checks import Report
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.question import Exchange
from lab.core.values import from_value
from lab.present.graph import Graph
from lab.present.json import report_from_json
from lab.validator.recording import exchange_from_json


@dataclass(frozen=True, slots=True)
class Quiz:
    """Hold a question to the participants.

    Attributes:
        question: Markdown.
        answer: what is right.
        choices: to choose from; none if the answer is in words of one's own.
        hint: for those who do not know; may be empty.
    """

    question: str
    answer: str
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Hold one step that was played.

    Attributes:
        number: counted from 1.
        do: the kind of step.
        title: what it did.
        say: words of the teacher, in Markdown; may be empty.
        expected: in the words of the scenario; empty if it expects nothing.
        seen: the same for what happened.
        as_expected: whether both agree.
        report: the explanation.
        graph: its chain of trust; None if it did not validate anything.
        exchanges: questions to nameservers, and their answers.
        part: heading of the part of the lesson that begins here; may be empty.
        quiz: what the participants are asked before; None for nothing.
    """

    number: int
    do: str
    title: str
    say: str
    expected: str
    seen: str
    as_expected: bool
    report: Report
    graph: Graph | None = None
    exchanges: tuple[Exchange, ...] = ()
    part: str = ""
    quiz: Quiz | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Hold a play from its first step to its last.

    Attributes:
        title: one line.
        summary: what the reader will see and learn, in Markdown.
        as_expected: whether every step went as the scenario says.
        chapters: its steps.
    """

    title: str
    summary: str
    as_expected: bool
    chapters: tuple[Chapter, ...]

    @property
    def surprises(self) -> tuple[Chapter, ...]:
        """Return the steps that did not go as expected."""
        return tuple(one for one in self.chapters if not one.as_expected)

    def before(self, chapter: Chapter) -> Chapter | None:
        """Return the last step that asked the same as *chapter* and whose picture is another one.

        None if that of the last one that asked the same looks the same, or if none did.
        """
        if chapter.graph is None:
            return None
        earlier = [
            one
            for one in self.chapters
            if one.number < chapter.number and one.title == chapter.title and one.graph is not None
        ]
        return earlier[-1] if earlier and earlier[-1].graph != chapter.graph else None


def story_from_json(document: dict[str, Any], where: str) -> Story:
    """Return the story of which *document* tells, as `lab run --json` prints it.

    Raises:
        InputError: it is something else; names *where*.
    """
    try:
        return Story(
            title=document["title"],
            summary=document["summary"],
            as_expected=document["as_expected"],
            chapters=tuple(chapter_from_json(one, where) for one in document["steps"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"this is no JSON of `lab run`: {error!r}", where) from error


def chapter_from_json(step: dict[str, Any], where: str) -> Chapter:
    """Return the step of which *step* tells: its begin and its end in one object."""
    drawn, quiz = step.get("chain"), step.get("ask")
    return Chapter(
        number=step["number"],
        do=step["do"],
        title=step["title"],
        say=step["say"],
        expected=step["expected"],
        seen=step["seen"],
        as_expected=step["as_expected"],
        report=report_from_json(step["report"]),
        graph=None if drawn is None else from_value(Graph, drawn, where),
        exchanges=tuple(exchange_from_json(one, where) for one in step.get("exchanges", ())),
        part=step.get("part", ""),
        quiz=None if quiz is None else from_value(Quiz, quiz, where),
    )
