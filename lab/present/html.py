"""Scenarios that were played as one HTML file: nothing is loaded with it, and nothing runs in it.

Whatever came from a scenario or from the network is text: Jinja2 escapes it, and Markdown may hold
neither HTML nor pictures, which a browser would fetch.
"""

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from lab.core.checks import Outcome
from lab.core.sequence import Sequence as Messages
from lab.present import sequence_svg, svg
from lab.present.graph import Graph
from lab.present.story import Story
from lab.present.tree import UNICODE, facts, tone_of_check, tone_of_report

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


def render(stories: Sequence[Story]) -> str:
    """Return *stories* as one document; a table of contents leads to each step."""
    one = len(stories) == 1
    title = stories[0].title if one else f"{len(stories)} scenarios"
    page = _environment().from_string(_shipped("report.html.j2"))
    style = Markup(_shipped("report.css"))  # noqa: S704 our own
    return page.render(stories=stories, title=title, style=style)


def _environment() -> Environment:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["markdown"] = markdown
    environment.tests["failed"] = lambda outcome: outcome is Outcome.FAILED
    environment.tests["aside"] = lambda outcome: outcome is Outcome.NOT_APPLICABLE
    environment.globals |= {
        "chain": _chain,
        "messages": _messages,
        "facts": facts,
        "tone_of_check": tone_of_check,
        "tone_of_report": tone_of_report,
        "marks": UNICODE,
    }
    return environment


def _shipped(name: str) -> str:
    return files("lab.data").joinpath(name).read_text(encoding="utf-8")


def markdown(text: str) -> Markup:
    """Return *text*, which is Markdown, as HTML."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 its HTML is switched off


def _chain(graph: Graph, prefix: str) -> Markup:
    return Markup(svg.render(graph, prefix))  # noqa: S704 made by us, texts escaped


def _messages(sequence: Messages, prefix: str) -> Markup:
    return Markup(sequence_svg.render(sequence, prefix))  # noqa: S704 as above
