"""What a scenario tells and asks, as Markdown: a script for the teacher."""

from collections.abc import Iterator, Mapping
from typing import Any


def to_markdown(story: Mapping[str, Any]) -> str:
    """Return *story*, the JSON form of a scenario, as Markdown."""
    return "\n\n".join(_paragraphs(story)) + "\n"


def _paragraphs(story: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {story['title']}"
    if story["summary"]:
        yield story["summary"].strip()
    if story["tags"]:
        yield f"Tags: {', '.join(story['tags'])}"
    if story["parameters"]:
        yield "\n".join(_parameter(one) for one in story["parameters"])
    for step in story["steps"]:
        yield from _step(step)


def _parameter(one: Mapping[str, Any]) -> str:
    known = f" ({', '.join(one['choices'])})" if one["choices"] else ""
    return f"- `{one['name']}` = `{one['value']}`: {one['meaning']}{known}"


def _step(step: Mapping[str, Any]) -> Iterator[str]:
    if step["part"]:
        yield f"## {step['part']}"
    name = f" · {step['id']}" if step["id"] else ""
    expect = f" → {step['expect']}" if step["expect"] else ""
    yield f"**{step['number']}. {step['title']}**{expect}{name}"
    if step["say"]:
        yield step["say"].strip()
    if step["ask"] is not None:
        yield "\n".join(_question(step["ask"]))


def _question(ask: Mapping[str, Any]) -> Iterator[str]:
    yield f"> **?** {' '.join(ask['question'].split())}"
    for choice in ask["choices"]:
        yield f"> - {choice}"
    yield ">"
    yield f"> Right: {ask['answer']}"
    if ask["hint"]:
        yield f"> · Hint: {ask['hint']}"
